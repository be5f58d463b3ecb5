"""The proxy as a cluster's objects ask for it, with a report of each Ingress.

Ingresses are taken oldest first (then by `namespace/name`), so that a newer one never takes over
the requests of an older one; what it asks for in vain is in its report.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2s

import msgspec

from kingtide.controllers.ingress.annotations.families import found_in
from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.classes import is_ours
from kingtide.controllers.ingress.desired import Backend, Desired
from kingtide.controllers.ingress.names import as_name, host_problem, path_problem
from kingtide.controllers.ingress.remembered import Remembered
from kingtide.controllers.ingress.routing.table import Route, RouteTable
from kingtide.controllers.ingress.servers import service_port
from kingtide.controllers.ingress.told import IngressReport, Problem
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend
from kingtide.kube.services import Service, ServicePort


class Composed(msgspec.Struct, frozen=True, gc=False):
    """What is wanted of the proxy, and what is told of each Ingress of ours."""

    desired: Desired
    reports: tuple[IngressReport, ...]


def compose(
    view: TrafficView, policy: IngressPolicy, remembered: Remembered | None = None
) -> Composed:
    """Return the proxy that the objects ask for; nothing in an object stops the others.

    `remembered` from one composing to the next saves the work of what did not change.
    """
    composing = _Composing(view, policy, remembered or Remembered())
    ours = [
        it
        for it in view.ingresses.values()
        if is_ours(it, view.classes, policy.ingress_class, accept_empty=policy.accept_empty_class)
    ]
    for ingress in sorted(ours, key=lambda it: (it.created_ms, it.key)):
        composing.take(ingress)
    return composing.composed()


class _Composing:
    """Gathers routes and backends Ingress by Ingress."""

    def __init__(self, view: TrafficView, policy: IngressPolicy, remembered: Remembered) -> None:
        remembered.begin(view, policy)
        self._remembered = remembered
        self._view = view
        # Families see neither addresses nor other Ingresses: what they found stays true of both.
        self._seen = msgspec.structs.replace(view, ingresses={}, slices={})
        self._policy = policy
        values = view.config_maps.get(policy.config_map)
        self._values: Mapping[str, str] = {} if values is None else values.data
        self._backends: dict[str, Backend] = {}
        self._plain: dict[str, Found] = {}
        self._routes: list[Route] = []
        self._problems: dict[str, dict[Problem, None]] = {}
        self._default: str | None = None
        if policy.default_backend:
            namespace, _, name = policy.default_backend.rpartition("/")
            self._default = self._service_backend(Ingress(namespace, ""), name, None)

    def take(self, ingress: Ingress) -> None:
        """Take in one Ingress."""
        told = self._problems.setdefault(ingress.key, {})
        if ingress.default_backend is not None:
            backend = self._backend(ingress, ingress.default_backend, "spec.defaultBackend", told)
            if backend is not None:
                self._routes.append(Route("", "/", "Prefix", backend, ingress.key))
        for number, rule in enumerate(ingress.rules):
            place = f"spec.rules[{number}]"
            wrong = host_problem(rule.host)
            if wrong:
                told[Problem("HostInvalid", f"{place}.host", wrong)] = None
                continue
            for at, path in enumerate(rule.paths):
                self._take_path(ingress, rule.host, path, f"{place}.http.paths[{at}]", told)

    def _take_path(
        self, ingress: Ingress, host: str, path: HttpPath, place: str, told: dict[Problem, None]
    ) -> None:
        wrong = path_problem(path.path)
        if wrong:
            told[Problem("PathInvalid", f"{place}.path", wrong)] = None
            return
        backend = self._backend(ingress, path.backend, f"{place}.backend", told)
        if backend is not None:
            route = Route(host, path.path, path.path_type, backend, ingress.key)
            self._routes.append(route)

    def _backend(
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
            ports = ", ".join(str(it.name or it.port) for it in service.ports) or "none"
            message = f"Service {key} has no port {wanted.port}; it has {ports}"
            told[Problem("PortMissing", f"{place}.service.port", message)] = None
            return None
        return self._service_backend(ingress, wanted.service, port, told)

    def _service_backend(
        self,
        ingress: Ingress,
        name: str,
        port: ServicePort | None,
        told: dict[Problem, None] | None = None,
    ) -> str | None:
        key = f"{ingress.namespace}/{name}"
        service = self._view.services.get(key)
        if service is None:
            return None
        port = port or next(iter(service.ports), None)
        if port is None:
            return None
        found, mark = self._remembered.asked(
            service, ingress.annotations, lambda: self._asked(ingress, service)
        )
        if told is not None:
            told.update(dict.fromkeys(found.problems))
        parts = (ingress.namespace, name, str(port.name or port.port))
        backend = "_".join(as_name(part) for part in parts) + mark
        if backend not in self._backends:
            servers = self._remembered.servers(service, port, self._view.slices.get(key, ()))
            self._backends[backend] = Backend(
                backend,
                key,
                servers,
                found.mode,
                tuple(sorted(found.directives, key=lambda it: it.phase)),
                found.files,
                found.server_words,
                found.needs_slots,
                port,
            )
        return backend

    def _asked(self, ingress: Ingress, service: Service) -> tuple[Found, str]:
        found = found_in(self._scope(ingress.namespace, service, ingress.annotations))
        return found, _mark(found, self._without_ingress(service))

    def _scope(self, namespace: str, service: Service, written: Mapping[str, str]) -> Scope:
        return Scope(
            namespace, service.annotations, written, self._values, self._seen, self._policy
        )

    def _without_ingress(self, service: Service) -> Found:
        """Return what is asked for of a Service by itself: what every Ingress of it starts from."""
        if service.key not in self._plain:
            self._plain[service.key] = found_in(self._scope(service.namespace, service, {}))
        return self._plain[service.key]

    def composed(self) -> Composed:
        """Return what was gathered."""
        table = RouteTable(self._routes)
        for conflict in table.conflicts:
            route, winner = conflict.route, conflict.winner
            message = f"{route.host}{route.path} is served by Ingress {winner.ingress}"
            self._problems[route.ingress][Problem("PathConflict", route.path, message)] = None
        lost = {id(it.route) for it in table.conflicts}
        counts = dict.fromkeys(self._problems, 0)
        for route in self._routes:
            counts[route.ingress] += id(route) not in lost
        reports = tuple(
            IngressReport(key, counts[key], tuple(sorted(problems)))
            for key, problems in self._problems.items()
        )
        desired = Desired(tuple(self._routes), self._backends, self._default)
        return Composed(desired, reports)


def _mark(found: Found, plain: Found) -> str:
    """Return what sets a backend apart from that of its Service by itself, nothing if nothing."""
    own, other = (msgspec.structs.replace(it, problems=()) for it in (found, plain))
    if own == other:
        return ""
    return f"_{blake2s(repr(own).encode(), digest_size=5).hexdigest()}"
