"""The backends that Ingresses ask for: one for a Service's port and what annotations ask for."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2s

import msgspec

from kingtide.controllers.ingress.annotations.families import found_in
from kingtide.controllers.ingress.annotations.family import Found, Scope, unprefixed
from kingtide.controllers.ingress.annotations.reading import shown
from kingtide.controllers.ingress.desired import Backend
from kingtide.controllers.ingress.names import as_name, outside_problem
from kingtide.controllers.ingress.remembered import Remembered
from kingtide.controllers.ingress.servers import service_port, tcp_ports
from kingtide.controllers.ingress.told import Problem
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import Ingress, IngressBackend
from kingtide.kube.services import Service, ServicePort


class Backends:
    """Gathers backends by name, with what was found of each.

    `has_tls`: the proxy serves TLS; to be known before the first backend is asked for.
    """

    def __init__(
        self,
        view: TrafficView,
        policy: IngressPolicy,
        values: Mapping[str, str],
        remembered: Remembered,
    ) -> None:
        self._view = view
        # Families see neither addresses nor other Ingresses: what they found stays true of both.
        self._seen = msgspec.structs.replace(view, ingresses={}, slices={})
        self._policy = policy
        self._values = values
        self._remembered = remembered
        self._asked: dict[_Asked, tuple[Found, str]] = {}
        self._written: dict[str, Mapping[str, str]] = {}
        self.has_tls = False
        self.by_name: dict[str, Backend] = {}
        self.found: dict[str, Found] = {}

    def of(
        self, ingress: Ingress, wanted: IngressBackend, place: str, told: dict[Problem, None]
    ) -> str | None:
        """Return the name of the backend, None where there is no such Service or port."""
        if not wanted.service:
            message = "it is no Service; nobody here serves other kinds"
            told[Problem("BackendNotAService", place, message)] = None
            return None
        key = f"{ingress.namespace}/{wanted.service}"
        service = self._view.services.get(key)
        if service is None:
            told[Problem("ServiceMissing", f"{place}.service", f"there is no Service {key}")] = None
            return None
        port = service_port(service, wanted.port)
        if port is None and service.type == "ExternalName" and isinstance(wanted.port, int):
            port = ServicePort(wanted.port)
        if port is None:
            ports = ", ".join(str(it.name or it.port) for it in tcp_ports(service)) or "none"
            message = f"Service {key} has no port {wanted.port}; it has {ports}"
            told[Problem("PortMissing", f"{place}.service.port", message)] = None
            return None
        wrong = outside_problem(service.external_name) if service.type == "ExternalName" else ""
        if wrong:
            message = f"Service {key} leads to {shown(service.external_name)}: {wrong}"
            told[Problem("AddressUnusable", f"{place}.service", message)] = None
        return self.of_service(ingress, wanted.service, port, told)

    def of_service(
        self,
        ingress: Ingress,
        name: str,
        port: ServicePort | None,
        told: dict[Problem, None] | None = None,
    ) -> str | None:
        """Return the name of the backend of a Service's port, its first where `port` is None."""
        key = f"{ingress.namespace}/{name}"
        service = self._view.services.get(key)
        if service is None:
            return None
        port = port or next(iter(tcp_ports(service)), None)
        if port is None:
            return None
        has_tls = self.has_tls and bool(ingress.tls)
        found, mark = self._remembered.asked(
            service, ingress, lambda: self._asked_for(ingress, service), has_tls=has_tls
        )
        if told is not None:
            told.update(dict.fromkeys(found.problems))
        parts = (ingress.namespace, name, str(port.name or port.port))
        backend = "_".join(as_name(part) for part in parts) + mark
        if backend not in self.by_name:
            self.found[backend] = found
            servers = self._remembered.servers(service, port, self._view.slices.get(key, ()))
            self.by_name[backend] = Backend(
                backend,
                key,
                servers,
                mode=found.mode,
                directives=tuple(sorted(found.directives, key=lambda it: it.phase)),
                files=found.files,
                server_words=found.server_words,
                needs_slots=found.needs_slots,
                slots=found.slots,
                port=port,
                external_auth=found.external_auth,
            )
        return backend

    def _asked_for(self, ingress: Ingress, service: Service) -> tuple[Found, str]:
        """Return what is asked for of a Service, and what sets its backend apart from others'."""
        written = unprefixed(ingress.annotations)
        has_tls = self.has_tls and bool(ingress.tls)
        found, mark = self._equally_asked(ingress.namespace, service, written, has_tls)
        if found.is_alone:
            mark = f"_{_digest(mark + ingress.key)}"
        return found, mark

    def _equally_asked(
        self, namespace: str, service: Service, written: Mapping[str, str], has_tls: bool
    ) -> tuple[Found, str]:
        """Return the same for all who write the same: most Ingresses of a namespace do."""
        on_service = self._written.get(service.key)
        if on_service is None:
            on_service = self._written[service.key] = unprefixed(service.annotations)
        key = (namespace, tuple(on_service.items()), tuple(written.items()), has_tls)
        asked = self._asked.get(key)
        if asked is None:
            scope = Scope(
                namespace, on_service, written, self._values, self._seen, self._policy, has_tls
            )
            found = found_in(scope)
            mark = ""
            if written or has_tls:  # what every Ingress of this Service starts from has no mark
                plain, _ = self._equally_asked(namespace, service, {}, False)
                mark = _mark(found, plain)
            asked = self._asked[key] = found, mark
        return asked


_Asked = tuple[str, tuple[tuple[str, str], ...], tuple[tuple[str, str], ...], bool]
"""What makes scopes equal: the namespace, what stands on the Service and the Ingress, TLS."""


def _mark(found: Found, plain: Found) -> str:
    """Return what sets a backend apart from that of its Service by itself, nothing if nothing."""
    own, other = (msgspec.structs.replace(it, problems=()) for it in (found, plain))
    if own == other:
        return ""
    return f"_{_digest(repr(own))}"


def _digest(text: str) -> str:
    return blake2s(text.encode(), digest_size=5).hexdigest()
