"""The proxy as a cluster's objects ask for it, with a report of each Ingress.

Ingresses are taken oldest first (then by `namespace/name`), so that a newer one never takes over
the requests of an older one; what it asks for in vain is in its report.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2s

import msgspec

from kingtide.controllers.ingress.annotations.families import found_in, found_whole
from kingtide.controllers.ingress.annotations.family import Found, Scope, unprefixed
from kingtide.controllers.ingress.annotations.unknown import unknown
from kingtide.controllers.ingress.classes import is_ours
from kingtide.controllers.ingress.desired import Backend, Desired
from kingtide.controllers.ingress.gathered import as_desired
from kingtide.controllers.ingress.names import as_name, host_problem, path_problem
from kingtide.controllers.ingress.remembered import Remembered
from kingtide.controllers.ingress.routing.hosts import host_key
from kingtide.controllers.ingress.routing.table import Route, RouteTable
from kingtide.controllers.ingress.servers import service_port
from kingtide.controllers.ingress.tls.certificates import Certificates
from kingtide.controllers.ingress.to_tls import TO_TLS, to_tls
from kingtide.controllers.ingress.told import IngressReport, Problem
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend
from kingtide.kube.services import Service, ServicePort


class Composed(msgspec.Struct, frozen=True, gc=False):
    """What is wanted of the proxy, and what is told of each Ingress of ours.

    `problems` are those of the ConfigMap.
    """

    desired: Desired
    reports: tuple[IngressReport, ...]
    problems: tuple[Problem, ...] = ()


def compose(
    view: TrafficView,
    policy: IngressPolicy,
    remembered: Remembered | None = None,
    *,
    now_ms: int | None = None,
) -> Composed:
    """Return the proxy that the objects ask for; nothing in an object stops the others.

    `remembered` from one composing to the next saves the work of what did not change. `now_ms`
    (milliseconds since 1970) tells which certificates have expired; None: nobody asks.
    """
    composing = _Composing(view, policy, remembered or Remembered(), now_ms)
    ours = [
        it
        for it in view.ingresses.values()
        if is_ours(it, view.classes, policy.ingress_class, accept_empty=policy.accept_empty_class)
    ]
    ours.sort(key=lambda it: (it.created_ms, it.key))
    for ingress in ours:
        composing.take_certificates(ingress)
    composing.take_default()
    for ingress in ours:
        composing.take(ingress)
    return composing.composed()


class _Composing:
    """Gathers routes and backends Ingress by Ingress."""

    def __init__(
        self, view: TrafficView, policy: IngressPolicy, remembered: Remembered, now_ms: int | None
    ) -> None:
        remembered.begin(view, policy)
        self._remembered = remembered
        self._view = view
        # Families see neither addresses nor other Ingresses: what they found stays true of both.
        self._seen = msgspec.structs.replace(view, ingresses={}, slices={})
        self._policy = policy
        values = view.config_maps.get(policy.config_map)
        self._values: Mapping[str, str] = {} if values is None else values.data
        self._whole = found_whole(
            Scope(policy.config_map.partition("/")[0], {}, {}, self._values, self._seen, policy)
        )
        self._told: dict[Problem, None] = dict.fromkeys(self._whole.problems)
        self._certificates = Certificates(view.secrets, now_ms)
        self._has_tls = False
        self._backends: dict[str, Backend] = {}
        self._asked: dict[_Asked, tuple[Found, str]] = {}
        self._written: dict[str, Mapping[str, str]] = {}
        self._found: dict[str, Found] = {}
        self._routes: list[Route] = []
        self._passthrough: dict[str, str] = {}
        self._problems: dict[str, dict[Problem, None]] = {}
        self._default: str | None = None

    def take_certificates(self, ingress: Ingress) -> None:
        """Take in the certificates of one Ingress."""
        self._certificates.take(ingress, self._problems.setdefault(ingress.key, {}))

    def take_default(self) -> None:
        """Take in what the policy and the ConfigMap name for all; all certificates are known."""
        key = self._whole.default_certificate
        if key:
            place = "metadata.annotations[ssl-certificate]"
            self._certificates.usable(key, place, self._told)
        self._has_tls = self._certificates.has_any
        if self._policy.default_backend:
            namespace, _, name = self._policy.default_backend.rpartition("/")
            self._default = self._service_backend(Ingress(namespace, ""), name, None)

    def take(self, ingress: Ingress) -> None:
        """Take in one Ingress."""
        told = self._problems.setdefault(ingress.key, {})
        told.update(dict.fromkeys(unknown(ingress.annotations)))
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
        if backend is None:
            return
        if self._backends[backend].mode == "tcp":
            self._take_connections(ingress, host, backend, told)
            return
        self._routes.append(Route(host, path.path, path.path_type, backend, ingress.key))

    def _take_connections(
        self, ingress: Ingress, host: str, backend: str, told: dict[Problem, None]
    ) -> None:
        """Send a host's TLS to a backend as it is, and its plain requests to TLS."""
        place = "metadata.annotations[ssl-passthrough]"
        if not host:
            message = "a rule without a host: connections are told apart by the host they ask for"
            told[Problem("HostInvalid", place, message)] = None
            return
        winner = self._passthrough.setdefault(host_key(host), backend)
        if winner != backend:
            message = f"{host} goes to {winner} already; TLS shows no paths"
            told[Problem("PathConflict", place, message)] = None
            return
        self._backends.setdefault(TO_TLS, to_tls())
        self._routes.append(Route(host, "/", "Prefix", TO_TLS, ingress.key))

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
        has_tls = self._has_tls and bool(ingress.tls)
        found, mark = self._remembered.asked(
            service, ingress, lambda: self._asked_for(ingress, service), has_tls=has_tls
        )
        if told is not None:
            told.update(dict.fromkeys(found.problems))
        parts = (ingress.namespace, name, str(port.name or port.port))
        backend = "_".join(as_name(part) for part in parts) + mark
        if backend not in self._backends:
            self._found[backend] = found
            servers = self._remembered.servers(service, port, self._view.slices.get(key, ()))
            self._backends[backend] = Backend(
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
            )
        return backend

    def _asked_for(self, ingress: Ingress, service: Service) -> tuple[Found, str]:
        """Return what is asked for of a Service, and what sets its backend apart from others'."""
        written = unprefixed(ingress.annotations)
        has_tls = self._has_tls and bool(ingress.tls)
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
        desired = Desired(
            tuple(self._routes),
            self._backends,
            self._default,
            self._certificates.composed(self._whole.default_certificate),
            self._passthrough,
        )
        desired = as_desired(desired, self._whole, self._found)
        return Composed(desired, reports, tuple(sorted(self._told)))


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
