"""What of a Service says which pods are behind it, and at which ports.

Source: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Mapping
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
