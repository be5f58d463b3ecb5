"""Ingresses and IngressClasses, to and from the API's form."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

import msgspec

from kingtide.kube.ingresses import (
    DEFAULT_CLASS_ANNOTATION,
    HttpPath,
    Ingress,
    IngressBackend,
    IngressClass,
    IngressRule,
    IngressTls,
    PathType,
)
from kingtide.kube.wire.metadata import WireMetadata, metadata_body


class _BackendPort(msgspec.Struct, rename="camel", frozen=True, gc=False):
    name: str = ""
    number: int = 0


class _BackendService(msgspec.Struct, rename="camel", frozen=True, gc=False):
    name: str
    port: _BackendPort = _BackendPort()


class _Backend(msgspec.Struct, rename="camel", frozen=True, gc=False):
    service: _BackendService | None = None

    def value(self) -> IngressBackend:
        it = self.service
        if it is None:
            return IngressBackend("")
        return IngressBackend(it.name, it.port.name or it.port.number)


class _Path(msgspec.Struct, rename="camel", frozen=True, gc=False):
    backend: _Backend
    path_type: PathType = "ImplementationSpecific"
    path: str = ""


class _Http(msgspec.Struct, rename="camel", frozen=True, gc=False):
    paths: tuple[_Path, ...] | None = None


class _Rule(msgspec.Struct, rename="camel", frozen=True, gc=False):
    host: str = ""
    http: _Http | None = None


class _Tls(msgspec.Struct, rename="camel", frozen=True, gc=False):
    hosts: tuple[str, ...] | None = None
    secret_name: str = ""


class _Spec(msgspec.Struct, rename="camel", frozen=True, gc=False):
    ingress_class_name: str | None = None
    default_backend: _Backend | None = None
    rules: tuple[_Rule, ...] | None = None
    tls: tuple[_Tls, ...] | None = None


class _Balancer(msgspec.Struct, frozen=True, gc=False):
    hostname: str = ""
    ip: str = ""


class _Balancers(msgspec.Struct, frozen=True, gc=False):
    ingress: tuple[_Balancer, ...] | None = None


class BalancedStatus(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """The status of an Ingress or a Service: where a load balancer takes its requests."""

    load_balancer: _Balancers = _Balancers()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Host names and addresses, as they stand there."""
        return tuple(it.hostname or it.ip for it in self.load_balancer.ingress or ())


class _WireIngress(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    spec: _Spec = _Spec()
    status: BalancedStatus = BalancedStatus()


class _ClassSpec(msgspec.Struct, rename="camel", frozen=True, gc=False):
    controller: str = ""


class _WireClass(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    spec: _ClassSpec = _ClassSpec()


_INGRESS = msgspec.json.Decoder(_WireIngress)
_CLASS = msgspec.json.Decoder(_WireClass)


def read_ingress(written: bytes | memoryview) -> Ingress:
    """Return the Ingress of a JSON text.

    Raises:
        ValueError: it is none.
    """
    found = _INGRESS.decode(written)
    it, spec = found.metadata, found.spec
    default = spec.default_backend
    return Ingress(
        namespace=it.namespace or "default",
        name=it.name,
        uid=it.uid,
        class_name=spec.ingress_class_name,
        rules=tuple(_rule(rule) for rule in spec.rules or ()),
        default_backend=None if default is None else default.value(),
        tls=tuple(IngressTls(t.hosts or (), t.secret_name) for t in spec.tls or ()),
        annotations=it.annotations or {},
        created_ms=it.created_ms,
        resource_version=it.revision,
        addresses=found.status.addresses,
    )


def _rule(it: _Rule) -> IngressRule:
    paths = it.http.paths if it.http is not None else None
    return IngressRule(
        it.host,
        tuple(HttpPath(path.path, path.path_type, path.backend.value()) for path in paths or ()),
    )


def read_ingress_class(written: bytes | memoryview) -> IngressClass:
    """Return the IngressClass of a JSON text.

    Raises:
        ValueError: it is none.
    """
    found = _CLASS.decode(written)
    it = found.metadata
    is_default = (it.annotations or {}).get(DEFAULT_CLASS_ANNOTATION) == "true"
    return IngressClass(it.name, found.spec.controller, is_default, it.revision)


def ingress_body(it: Ingress) -> dict[str, Any]:
    """Return an Ingress as the API writes it."""
    spec: dict[str, Any] = {}
    if it.class_name is not None:
        spec["ingressClassName"] = it.class_name
    if it.default_backend is not None:
        spec["defaultBackend"] = _backend_body(it.default_backend)
    if it.rules:
        spec["rules"] = [_rule_body(rule) for rule in it.rules]
    if it.tls:
        spec["tls"] = [{"hosts": list(t.hosts), "secretName": t.secret} for t in it.tls]
    metadata = metadata_body(
        it.name,
        namespace=it.namespace,
        uid=it.uid,
        resource_version=it.resource_version,
        created_ms=it.created_ms,
        annotations=it.annotations,
    )
    body = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata,
        "spec": spec,
    }
    return body | ({"status": status_body(it.addresses)} if it.addresses else {})


def status_body(addresses: Iterable[str]) -> dict[str, Any]:
    """Return a status that says where requests are taken, by host names and addresses."""
    found = [{"ip" if _is_address(it) else "hostname": it} for it in addresses]
    return {"loadBalancer": {"ingress": found}}


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _rule_body(it: IngressRule) -> dict[str, Any]:
    body: dict[str, Any] = {"host": it.host} if it.host else {}
    if it.paths:
        paths = [
            {
                "path": path.path,
                "pathType": path.path_type,
                "backend": _backend_body(path.backend),
            }
            for path in it.paths
        ]
        body["http"] = {"paths": paths}
    return body


def _backend_body(it: IngressBackend) -> dict[str, Any]:
    port = {"name": it.port} if isinstance(it.port, str) else {"number": it.port}
    return {"service": {"name": it.service, "port": port}}


def ingress_class_body(it: IngressClass) -> dict[str, Any]:
    """Return an IngressClass as the API writes it."""
    annotations = {DEFAULT_CLASS_ANNOTATION: "true"} if it.is_default else None
    metadata = metadata_body(it.name, resource_version=it.resource_version, annotations=annotations)
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": metadata,
        "spec": {"controller": it.controller},
    }
