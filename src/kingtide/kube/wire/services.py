"""Services, EndpointSlices and Secrets, to and from the API's form."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import msgspec

from kingtide.kube.secrets import Secret
from kingtide.kube.services import (
    SERVICE_NAME_LABEL,
    AddressType,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    IpFamily,
    Service,
    ServicePort,
    ServiceType,
)
from kingtide.kube.wire.metadata import WireMetadata, metadata_body


class _Port(msgspec.Struct, rename="camel", frozen=True, gc=False):
    port: int
    name: str = ""
    target_port: int | str = 0
    protocol: str = "TCP"
    app_protocol: str = ""


class _ServiceSpec(msgspec.Struct, rename="camel", frozen=True, gc=False):
    type: ServiceType = "ClusterIP"
    external_name: str = ""
    ports: tuple[_Port, ...] | None = None
    publish_not_ready_addresses: bool = False
    ip_families: tuple[IpFamily, ...] | None = None


class _WireService(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    spec: _ServiceSpec = _ServiceSpec()


class _Conditions(msgspec.Struct, rename="camel", frozen=True, gc=False):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class _Target(msgspec.Struct, rename="camel", frozen=True, gc=False):
    name: str = ""


class _Endpoint(msgspec.Struct, rename="camel", frozen=True, gc=False):
    addresses: tuple[str, ...]
    conditions: _Conditions | None = None
    node_name: str | None = None
    zone: str | None = None
    target_ref: _Target | None = None


class _EndpointPort(msgspec.Struct, rename="camel", frozen=True, gc=False):
    port: int | None = None
    name: str | None = None
    protocol: str | None = None


class _WireSlice(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    address_type: AddressType
    endpoints: tuple[_Endpoint, ...] | None = None
    ports: tuple[_EndpointPort, ...] | None = None


class _WireSecret(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    type: str = "Opaque"
    data: dict[str, bytes] | None = None  # msgspec decodes base64
    string_data: dict[str, str] | None = None


_SERVICE = msgspec.json.Decoder(_WireService)
_SLICE = msgspec.json.Decoder(_WireSlice)
_SECRET = msgspec.json.Decoder(_WireSecret)


def read_service(written: bytes | memoryview) -> Service:
    """Return the Service of a JSON text.

    Raises:
        ValueError: it is none.
    """
    found = _SERVICE.decode(written)
    it, spec = found.metadata, found.spec
    return Service(
        namespace=it.namespace or "default",
        name=it.name,
        uid=it.uid,
        type=spec.type,
        external_name=spec.external_name,
        ports=tuple(
            ServicePort(p.port, p.name, p.target_port or p.port, p.protocol, p.app_protocol)
            for p in spec.ports or ()
        ),
        publishes_not_ready=spec.publish_not_ready_addresses,
        ip_family=next(iter(spec.ip_families or ()), None),
        annotations=it.annotations or {},
        resource_version=it.revision,
    )


def read_endpoint_slice(written: bytes | memoryview) -> EndpointSlice:
    """Return the EndpointSlice of a JSON text.

    Raises:
        ValueError: it is none.
    """
    found = _SLICE.decode(written)
    it = found.metadata
    return EndpointSlice(
        namespace=it.namespace or "default",
        name=it.name,
        service=(it.labels or {}).get(SERVICE_NAME_LABEL, ""),
        address_type=found.address_type,
        endpoints=tuple(_endpoint(one) for one in found.endpoints or ()),
        ports=tuple(
            EndpointPort(p.port, p.name or "", p.protocol or "TCP")
            for p in found.ports or ()
            if p.port is not None
        ),
        resource_version=it.revision,
    )


def _endpoint(it: _Endpoint) -> Endpoint:
    said = it.conditions or _Conditions()
    return Endpoint(
        addresses=it.addresses,
        is_ready=said.ready is not False,
        is_serving=said.ready is not False if said.serving is None else said.serving,
        is_terminating=said.terminating is True,
        node=it.node_name or "",
        zone=it.zone or "",
        target="" if it.target_ref is None else it.target_ref.name,
    )


def read_secret(written: bytes | memoryview) -> Secret:
    """Return the Secret of a JSON text.

    Raises:
        ValueError: it is none; the message tells the place, never a value.
    """
    found = _SECRET.decode(written)
    it = found.metadata
    data = found.data or {}
    if found.string_data:  # of files alone: the API never answers with it, and it comes first there
        data = {**data, **{key: text.encode() for key, text in found.string_data.items()}}
    return Secret(it.namespace or "default", it.name, found.type, data, it.revision)


def service_body(it: Service) -> dict[str, Any]:
    """Return a Service as the API writes it."""
    spec: dict[str, Any] = {"type": it.type}
    if it.external_name:
        spec["externalName"] = it.external_name
    if it.ports:
        spec["ports"] = [_port_body(port) for port in it.ports]
    if it.publishes_not_ready:
        spec["publishNotReadyAddresses"] = True
    if it.ip_family is not None:
        spec["ipFamilies"] = [it.ip_family]
    metadata = metadata_body(
        it.name,
        namespace=it.namespace,
        uid=it.uid,
        resource_version=it.resource_version,
        annotations=it.annotations,
    )
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def _port_body(it: ServicePort) -> dict[str, Any]:
    body: dict[str, Any] = {"port": it.port, "protocol": it.protocol}
    if it.name:
        body["name"] = it.name
    body["targetPort"] = it.target_port or it.port
    if it.app_protocol:
        body["appProtocol"] = it.app_protocol
    return body


def endpoint_slice_body(it: EndpointSlice) -> dict[str, Any]:
    """Return an EndpointSlice as the API writes it."""
    metadata = metadata_body(
        it.name,
        namespace=it.namespace,
        resource_version=it.resource_version,
        labels={SERVICE_NAME_LABEL: it.service} if it.service else None,
    )
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": metadata,
        "addressType": it.address_type,
        "endpoints": [_endpoint_body(one) for one in it.endpoints],
        "ports": [
            {"name": port.name, "port": port.port, "protocol": port.protocol} for port in it.ports
        ],
    }


def _endpoint_body(it: Endpoint) -> dict[str, Any]:
    body: dict[str, Any] = {
        "addresses": list(it.addresses),
        "conditions": {
            "ready": it.is_ready,
            "serving": it.is_serving,
            "terminating": it.is_terminating,
        },
    }
    if it.node:
        body["nodeName"] = it.node
    if it.zone:
        body["zone"] = it.zone
    if it.target:
        body["targetRef"] = {"kind": "Pod", "name": it.target}
    return body


def secret_body(it: Secret) -> dict[str, Any]:
    """Return a Secret as the API writes it: with all it holds."""
    metadata = metadata_body(it.name, namespace=it.namespace, resource_version=it.resource_version)
    data = {name: b64encode(value).decode() for name, value in it.data.items()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": it.type,
        "data": data,
    }
