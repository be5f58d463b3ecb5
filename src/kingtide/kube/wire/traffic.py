"""The kinds by which traffic finds its pods: who routes follows them, and nobody else does."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.kube.wire import ingresses, services
from kingtide.kube.wire.kinds import ApiKind

_KINDS = (
    ApiKind(
        "Ingress",
        "networking.k8s.io/v1",
        "ingresses",
        True,
        ingresses.read_ingress,
        ingresses.ingress_body,
        ("ing",),
    ),
    ApiKind(
        "IngressClass",
        "networking.k8s.io/v1",
        "ingressclasses",
        False,
        ingresses.read_ingress_class,
        ingresses.ingress_class_body,
    ),
    ApiKind(
        "Service", "v1", "services", True, services.read_service, services.service_body, ("svc",)
    ),
    ApiKind(
        "EndpointSlice",
        "discovery.k8s.io/v1",
        "endpointslices",
        True,
        services.read_endpoint_slice,
        services.endpoint_slice_body,
    ),
    ApiKind("Secret", "v1", "secrets", True, services.read_secret, services.secret_body),
)


def traffic_kinds() -> Mapping[str, ApiKind]:
    """Return these kinds by name."""
    return {it.kind: it for it in _KINDS}
