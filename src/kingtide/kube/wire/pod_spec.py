"""The immutable part of a pod, read from the API's form: once for all pods of one template."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from kingtide.kube.pods import Container, HostPort, PodSpec, Volume
from kingtide.kube.taints import TaintEffect, Toleration
from kingtide.kube.wire.affinity import WireAffinity, WireSpread
from kingtide.kube.wire.amounts import Amount, resources_of

MAX_SPECS = 20_000
"""Different specs kept: a fleet of 2,000 workloads has a few revisions of each."""

_OF_ONE_POD = re.compile(rb'"nodeName":"[^"]*",?|(?<="kube-api-access-)[a-z0-9]{5}(?=")')
"""What the API server and the scheduler write into the spec of a single pod: its node, and the name
of the volume with its token. All else is as the template says."""


class _Ports(msgspec.Struct, rename="camel", frozen=True, gc=False):
    host_port: int = 0
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    host_ip: str = msgspec.field(name="hostIP", default="")


class _Resources(msgspec.Struct, rename="camel", frozen=True, gc=False):
    requests: dict[str, Amount] | None = None
    limits: dict[str, Amount] | None = None


class _Container(msgspec.Struct, rename="camel", frozen=True, gc=False):
    name: str
    image: str = ""
    resources: _Resources = _Resources()
    restart_policy: str | None = None
    ports: tuple[_Ports, ...] | None = None

    def value(self) -> Container:
        amounts = self.resources
        return Container(
            self.name,
            self.image,
            resources_of(_with_limits(amounts)),
            None if amounts.limits is None else resources_of(amounts.limits),
            self.restart_policy == "Always",
            tuple(
                HostPort(it.host_port, it.protocol, it.host_ip)
                for it in self.ports or ()
                if it.host_port
            ),
        )


class _EmptyDir(msgspec.Struct, rename="camel", frozen=True, gc=False):
    medium: str = ""


class _Toleration(msgspec.Struct, rename="camel", frozen=True, gc=False):
    key: str = ""
    operator: Literal["Equal", "Exists", ""] = "Equal"
    value: str = ""
    effect: TaintEffect | Literal[""] = ""
    toleration_seconds: int | None = None

    def value_of(self) -> Toleration:
        operator = self.operator or "Equal"
        return Toleration(self.key, operator, self.value, self.effect, self.toleration_seconds)


class WirePodSpec(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """A pod's spec."""

    containers: tuple[_Container, ...]
    init_containers: tuple[_Container, ...] | None = None
    overhead: dict[str, Amount] | None = None
    priority: int = 0
    priority_class_name: str = ""
    preemption_policy: Literal["PreemptLowerPriority", "Never"] = "PreemptLowerPriority"
    tolerations: tuple[_Toleration, ...] | None = None
    node_selector: dict[str, str] | None = None
    affinity: WireAffinity | None = None
    termination_grace_period_seconds: int | None = 30
    restart_policy: Literal["Always", "OnFailure", "Never"] = "Always"
    volumes: tuple[dict[str, msgspec.Raw], ...] | None = None
    topology_spread_constraints: tuple[WireSpread, ...] | None = None

    def value(self) -> PodSpec:
        """Return the spec."""
        grace = self.termination_grace_period_seconds
        return PodSpec(
            containers=tuple(it.value() for it in self.containers),
            init_containers=tuple(it.value() for it in self.init_containers or ()),
            overhead=resources_of(self.overhead),
            priority=self.priority,
            priority_class_name=self.priority_class_name,
            preemption_policy=self.preemption_policy,
            tolerations=tuple(it.value_of() for it in self.tolerations or ()),
            node_selector=tuple(sorted((self.node_selector or {}).items())),
            termination_grace_period_seconds=30 if grace is None else grace,
            restart_policy=self.restart_policy,
            volumes=tuple(_volume(it) for it in self.volumes or ()),
            topology_spread=tuple(it.value() for it in self.topology_spread_constraints or ()),
            **({} if self.affinity is None else self.affinity.fields()),
        )


class PodSpecs:
    """Reads specs of pods; what is the same but for a pod's own node is one value."""

    def __init__(self) -> None:
        self._known: dict[bytes, PodSpec] = {}
        self._decoder = msgspec.json.Decoder(WirePodSpec)

    def read(self, written: bytes | memoryview) -> PodSpec:
        """Return the spec that a JSON text holds.

        Raises:
            msgspec.ValidationError: it is no pod's spec.
            QuantityError: an amount is no quantity.
        """
        key = _OF_ONE_POD.sub(b"", bytes(written))
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MAX_SPECS:
                self._known.clear()
            found = self._known[key] = self._decoder.decode(written).value()
        return found


def _with_limits(amounts: _Resources) -> dict[str, Amount]:
    """Return what a container requests: where it names a limit alone, that is its request.

    The API server writes that default itself; a template in a file has not got it yet. Source:
    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/ (v1.36).
    """
    return {**(amounts.limits or {}), **(amounts.requests or {})}


def _volume(written: dict[str, msgspec.Raw]) -> Volume:
    name = msgspec.json.decode(written["name"], type=str) if "name" in written else ""
    source = next((key for key in written if key != "name"), "emptyDir")
    medium = ""
    if source == "emptyDir" and source in written:
        medium = msgspec.json.decode(written[source], type=_EmptyDir).medium
    return Volume(name, source, medium)
