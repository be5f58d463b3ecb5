"""Services, and the addresses behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

ServiceType = Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]
IpFamily = Literal["IPv4", "IPv6"]
AddressType = Literal["IPv4", "IPv6", "FQDN"]

SERVICE_NAME_LABEL = "kubernetes.io/service-name"
"""Of an EndpointSlice: the Service it belongs to. Source:
https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/ (v1.36)."""


class ServicePort(msgspec.Struct, frozen=True, gc=False):
    """A port of a Service; `target_port` is a number or the name of a container's port.

    An empty name is that of the only port of a Service.
    """

    port: int
    name: str = ""
    target_port: int | str = 0
    protocol: str = "TCP"
    app_protocol: str = ""


class Service(msgspec.Struct, frozen=True, gc=False):
    """A Service. Source: https://kubernetes.io/docs/concepts/services-networking/service/ (v1.36).

    `external_name` is a DNS name, of an ExternalName Service alone. `publishes_not_ready` counts
    addresses that are not ready as if they were. `ip_family` is the first of its families of
    addresses, None where it names none.
    """

    namespace: str
    name: str
    uid: str = ""
    type: ServiceType = "ClusterIP"
    external_name: str = ""
    ports: tuple[ServicePort, ...] = ()
    publishes_not_ready: bool = False
    ip_family: IpFamily | None = None
    annotations: Mapping[str, str] = {}
    resource_version: int = 0

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


class Endpoint(msgspec.Struct, frozen=True, gc=False):
    """One pod behind a Service, or several addresses of it (of which the first is used).

    The API's conditions are absent where nobody knows: ready and serving then count as true,
    terminating as false (the API's documentation says so of each).
    """

    addresses: tuple[str, ...]
    is_ready: bool = True
    is_serving: bool = True
    is_terminating: bool = False
    node: str = ""
    zone: str = ""
    target: str = ""


class EndpointPort(msgspec.Struct, frozen=True, gc=False):
    """A port that all endpoints of a slice listen on; its name is that of the Service's port."""

    port: int
    name: str = ""
    protocol: str = "TCP"


class EndpointSlice(msgspec.Struct, frozen=True, gc=False):
    """A part of a Service's endpoints; `service` is its name, empty where no label tells."""

    namespace: str
    name: str
    service: str
    address_type: AddressType = "IPv4"
    endpoints: tuple[Endpoint, ...] = ()
    ports: tuple[EndpointPort, ...] = ()
    resource_version: int = 0

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"
