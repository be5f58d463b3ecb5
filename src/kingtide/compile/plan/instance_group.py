"""What a plan reads of a kops InstanceGroup.

Defaults are those of kops (https://kops.sigs.k8s.io/instance_groups/, v1.35).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from kingtide.compile.document import Document
from kingtide.fleet.documents.tree import Plain
from kingtide.kube.nodes import GROUP_LABEL, LIFECYCLE_LABEL
from kingtide.kube.taints import Taint, TaintEffect

Role = Literal["bastion", "control-plane", "apiserver", "node"]

ROLE_ORDER: tuple[Role, ...] = ("bastion", "control-plane", "apiserver", "node")
"""The order in which kops rolls (pkg/instancegroups/rollingupdate.go, RollingUpdate)."""

_ROLES: Mapping[str, Role] = {
    "Master": "control-plane",
    "ControlPlane": "control-plane",
    "APIServer": "apiserver",
    "Bastion": "bastion",
    "Node": "node",
}
_EFFECTS: Mapping[str, TaintEffect] = {
    "NoSchedule": "NoSchedule",
    "PreferNoSchedule": "PreferNoSchedule",
    "NoExecute": "NoExecute",
}
_NODES_DEFAULT = 2
"""minSize and maxSize of a group of nodes that names none."""


class InstanceGroup(msgspec.Struct, frozen=True):
    """An InstanceGroup.

    `on_demand_base` instances are on-demand, and `on_demand_percent` of those above; both say
    nothing for a group without a mixedInstancesPolicy, which is on-demand unless it has a maxPrice.
    `max_surge` and `max_unavailable` are as written, None where the group says nothing.
    """

    name: str
    role: Role
    min_size: int
    max_size: int
    instance_types: tuple[str, ...]
    on_demand_base: int
    on_demand_percent: int
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    max_surge: str | None
    max_unavailable: str | None
    drains: bool = True

    @property
    def is_spot(self) -> bool:
        """Whether what it launches above its base is spot."""
        return self.on_demand_percent < 100

    @property
    def serves(self) -> str:
        """The application group of its nodes, empty for none."""
        return self.labels.get(GROUP_LABEL, "")

    @property
    def node_labels(self) -> dict[str, str]:
        """The labels of its nodes that are known beforehand."""
        lifecycle = {LIFECYCLE_LABEL: "spot" if self.is_spot else "on-demand"}
        return {**lifecycle, **self.labels}

    def on_demand_of(self, instances: int) -> int:
        """Return how many of its instances are on-demand; AWS rounds the percentage up.

        Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html
        """
        base = min(instances, self.on_demand_base)
        return base - (base - instances) * self.on_demand_percent // 100


def instance_groups(documents: Iterable[Document]) -> dict[str, InstanceGroup]:
    """Return the InstanceGroups among kops documents, in the order in which kops rolls them."""
    found = [_read(it) for it in documents if it.kind == "InstanceGroup"]
    found.sort(key=lambda group: (ROLE_ORDER.index(group.role), group.name))
    return {group.name: group for group in found}


def cluster_spec(documents: Iterable[Document]) -> dict[str, Plain]:
    """Return the spec of the Cluster among kops documents, empty where there is none."""
    for document in documents:
        if document.kind == "Cluster":
            return mapping(document.body.get("spec"))
    return {}


def region(documents: Iterable[Document]) -> str:
    """Return the AWS region of a cluster by the zone of its first subnet, empty for none."""
    subnets = cluster_spec(documents).get("subnets")
    for subnet in subnets if isinstance(subnets, list) else ():
        zone = mapping(subnet).get("zone")
        if isinstance(zone, str):
            return zone[:-1]
    return ""


def mapping(value: Plain) -> dict[str, Plain]:
    """Return a map, empty for anything else."""
    return value if isinstance(value, dict) else {}


def texts(value: Plain) -> dict[str, str]:
    """Return a map's texts."""
    return {key: text for key, text in mapping(value).items() if isinstance(text, str)}


def amount(value: Plain) -> str | None:
    """Return a number or percentage as it is written, None for none."""
    return None if value is None else str(value)


def _read(document: Document) -> InstanceGroup:
    spec = mapping(document.body.get("spec"))
    role = _ROLES.get(str(spec.get("role", "Node")), "node")
    mixed = mapping(spec.get("mixedInstancesPolicy"))
    default = _NODES_DEFAULT if role == "node" else 1
    machine = str(spec.get("machineType", "")).split(",")[0]
    listed = mixed.get("instances")
    types = tuple(str(it) for it in listed) if isinstance(listed, list) else ()
    rolling = mapping(spec.get("rollingUpdate"))
    percent = 100
    if mixed:
        percent = _integer(mixed.get("onDemandAboveBase"), 100)
    elif spec.get("maxPrice") is not None:
        percent = 0
    return InstanceGroup(
        name=document.name,
        role=role,
        min_size=_integer(spec.get("minSize"), default),
        max_size=_integer(spec.get("maxSize"), default),
        instance_types=types or ((machine,) if machine else ()),
        on_demand_base=_integer(mixed.get("onDemandBase"), 0),
        on_demand_percent=percent,
        labels=texts(spec.get("nodeLabels")),
        taints=tuple(_taints(spec.get("taints"))),
        max_surge=amount(rolling.get("maxSurge")),
        max_unavailable=amount(rolling.get("maxUnavailable")),
        drains=rolling.get("drainAndTerminate") is not False,
    )


def _integer(value: Plain, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _taints(value: Plain) -> list[Taint]:
    """Return taints written as `key=value:Effect`; others than Kubernetes knows are left out."""
    found = []
    for text in value if isinstance(value, list) else ():
        pair, _, effect = str(text).rpartition(":")
        key, _, of = pair.partition("=")
        if effect in _EFFECTS:
            found.append(Taint(key, _EFFECTS[effect], of))
    return found
