"""Services: which pods are behind one and at which ports, and the address that it is given.

Source: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from hashlib import blake2b
from typing import Annotated, Any

import msgspec

from kingtide.kube.services import ServiceType

PortNumber = Annotated[int, msgspec.Meta(ge=1, le=65_535)]


class ServicePort(msgspec.Struct, rename="camel", frozen=True):
    """A port of a Service; `target_port` None: the pods have it at the same number."""

    port: PortNumber
    name: str | None = None
    target_port: int | str | None = None
    protocol: str | None = None
    app_protocol: str | None = None


class ServiceSpec(msgspec.Struct, rename="camel", frozen=True):
    """How a Service finds its pods; None says nothing."""

    type: ServiceType = "ClusterIP"
    selector: dict[str, str] | None = None
    ports: tuple[ServicePort, ...] | None = None
    publish_not_ready_addresses: bool | None = None
    cluster_ip: str | None = msgspec.field(default=None, name="clusterIP")


class _Service(msgspec.Struct):
    spec: ServiceSpec | None = None


def read_service_spec(body: Mapping[str, Any]) -> ServiceSpec:
    """Return what a Service's body says of its pods.

    Raises:
        ValueError: a field is of another type, or a value may not be; the message ends with where.
    """
    return msgspec.convert(dict(body), _Service).spec or ServiceSpec()


def with_defaults(body: Mapping[str, Any], uid: str, taken: Container[str]) -> dict[str, Any]:
    """Return a Service as the API completes it: an address of its own that is not `taken`.

    Source: SetDefaults_Service of pkg/apis/core/v1/defaults.go, and pkg/registry/core/service/
    storage/alloc.go (v1.36). Ports of nodes and load balancers are given to none.
    """
    asked = body.get("spec") or {}
    kind = asked.get("type") or "ClusterIP"
    spec: dict[str, Any] = {"type": kind, "sessionAffinity": "None"}
    ports = [{"protocol": "TCP", "targetPort": it["port"]} | it for it in asked.get("ports") or ()]
    if kind != "ExternalName":
        address = asked.get("clusterIP") or _free_address(uid, taken)
        family = "IPv6" if ":" in address else "IPv4"
        spec |= {"clusterIP": address, "clusterIPs": [address], "internalTrafficPolicy": "Cluster"}
        spec |= {"ipFamilies": [family], "ipFamilyPolicy": "SingleStack"}
    said = {name: it for name, it in asked.items() if it not in ("", None)}
    spec |= said
    if ports:
        spec["ports"] = ports
    return {**body, "spec": spec}


def keeping_address(live: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a changed Service with the address that it had, where its new body names none.

    Source: patchAllocatedValues of pkg/registry/core/service/strategy.go (v1.36).
    """
    had, spec = live.get("spec"), body.get("spec")
    if not isinstance(had, Mapping) or not isinstance(spec, Mapping):
        return dict(body)
    if spec.get("clusterIP") or spec.get("type") == "ExternalName":
        return dict(body)
    return {**body, "spec": {**spec, **{it: had[it] for it in _ADDRESS if it in had}}}


def _free_address(uid: str, taken: Container[str]) -> str:
    """Return the address that follows from a uid, or the next free one."""
    start = int.from_bytes(blake2b(uid.encode(), digest_size=2).digest())
    for number in range(_ADDRESSES):
        high, low = divmod((start + number) % _ADDRESSES + 1, 256)
        address = f"172.20.{high}.{low}"
        if address not in taken:
            return address
    return ""


_ADDRESSES = 65_534
"""Of 172.20.0.0/16, which is what EKS gives Services where nobody says otherwise
(https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html)."""
_ADDRESS = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
