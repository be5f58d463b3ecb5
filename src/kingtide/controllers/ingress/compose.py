"""The proxy as a cluster's objects ask for it, with a report of each Ingress.

Ingresses are taken oldest first (then by `namespace/name`), so that a newer one never takes over
the requests of an older one; what it asks for in vain is in its report.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.controllers.ingress.annotations.canary import Canary, canary_of
from kingtide.controllers.ingress.annotations.families import found_whole
from kingtide.controllers.ingress.annotations.family import Scope, unprefixed
from kingtide.controllers.ingress.annotations.left_open import left_open
from kingtide.controllers.ingress.annotations.route_acl import route_acl
from kingtide.controllers.ingress.annotations.unknown import unknown, unknown_values
from kingtide.controllers.ingress.backends import Backends
from kingtide.controllers.ingress.canaries import Taken, divided
from kingtide.controllers.ingress.classes import is_ours
from kingtide.controllers.ingress.desired import Conditional, Desired
from kingtide.controllers.ingress.fallbacks import fallbacks
from kingtide.controllers.ingress.gathered import as_desired
from kingtide.controllers.ingress.names import host_problem, path_problem
from kingtide.controllers.ingress.remembered import Remembered
from kingtide.controllers.ingress.routing.hosts import host_key
from kingtide.controllers.ingress.routing.table import Route, RouteTable
from kingtide.controllers.ingress.tls.certificates import Certificates
from kingtide.controllers.ingress.to_tls import TO_TLS, to_tls
from kingtide.controllers.ingress.told import IngressReport, Problem
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend

MAX_CONDITIONAL = 100
"""Routes under a condition, of all Ingresses."""
DEFAULT = "spec.defaultBackend"


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


class _Asking(msgspec.Struct, frozen=True, gc=False):
    """A host of an Ingress, whether it is a canary, and where its problems are told."""

    ingress: Ingress
    host: str
    canary: Canary | None
    told: dict[Problem, None]


class _Composing:
    """Gathers routes and backends Ingress by Ingress."""

    def __init__(
        self, view: TrafficView, policy: IngressPolicy, remembered: Remembered, now_ms: int | None
    ) -> None:
        remembered.begin(view, policy)
        self._policy = policy
        self._ingresses = view.ingresses
        self._services = view.services
        self._conditional: list[Conditional] = []
        values = view.config_maps.get(policy.config_map)
        written: Mapping[str, str] = {} if values is None else values.data
        self._written = written
        namespace = policy.config_map.partition("/")[0]
        self._whole = found_whole(Scope(namespace, {}, {}, written, view, policy))
        self._told: dict[Problem, None] = dict.fromkeys(
            (*self._whole.problems, *unknown_values(written))
        )
        if policy.config_map and values is None:
            message = f"there is no ConfigMap {policy.config_map}: values for all are the defaults"
            self._told[Problem("ConfigMapMissing", "configMap", message)] = None
        self._certificates = Certificates(view.secrets, now_ms)
        self._backends = Backends(view, policy, written, remembered)
        self._routes: list[Route] = []
        self._canaries: list[Taken] = []
        self._passthrough: dict[str, str] = {}
        self._serving: dict[str, str] = {}
        self._problems: dict[str, dict[Problem, None]] = {}
        self._default: str | None = None
        self._lasts: list[Route] = []

    def take_certificates(self, ingress: Ingress) -> None:
        """Take in the certificates of one Ingress."""
        self._certificates.take(ingress, self._problems.setdefault(ingress.key, {}))

    def take_default(self) -> None:
        """Take in what the policy and the ConfigMap name for all; all certificates are known."""
        key = self._whole.default_certificate
        if key:
            place = "data[ssl-certificate] of the ConfigMap"
            self._certificates.usable(key, place, self._told)
        self._backends.has_tls = self._certificates.has_any
        if self._policy.default_backend:
            namespace, _, name = self._policy.default_backend.rpartition("/")
            default = self._backends.of_service(Ingress(namespace, ""), name, None)
            if default is not None and self._backends.by_name[default].mode == "http":
                self._default = default
            elif default is None:
                message = f"there is no Service {self._policy.default_backend} with a port"
                self._told[Problem("ServiceMissing", "defaultBackend", message)] = None

    def take(self, ingress: Ingress) -> None:
        """Take in one Ingress."""
        told = self._problems.setdefault(ingress.key, {})
        told.update(dict.fromkeys(unknown(ingress.annotations)))
        told.update(dict.fromkeys(left_open(ingress.annotations, self._written)))
        canary, wrong = canary_of(unprefixed(ingress.annotations))
        told.update(dict.fromkeys(wrong))
        default = ingress.default_backend
        if default is not None:
            path = HttpPath("/", "Prefix", default)
            self._take_path(_Asking(ingress, "", canary, told), path, DEFAULT)
        for number, rule in enumerate(ingress.rules):
            place = f"spec.rules[{number}]"
            problem = host_problem(rule.host)
            if problem:
                told[Problem("HostInvalid", f"{place}.host", problem)] = None
                continue
            asking = _Asking(ingress, rule.host, canary, told)
            for at, path in enumerate(rule.paths):
                self._take_path(asking, path, f"{place}.http.paths[{at}]")
        if default is not None and canary is None:
            self._take_lasts(ingress, default, told)

    def _take_lasts(
        self, ingress: Ingress, default: IngressBackend, told: dict[Problem, None]
    ) -> None:
        """Have an Ingress' default backend take what no rule of its own hosts takes."""
        backend = self._backends.of(ingress, default, DEFAULT, told)
        if backend is None or self._backends.by_name[backend].mode == "tcp":
            return
        for host in dict.fromkeys(rule.host for rule in ingress.rules):
            key = host_key(host)
            owner = self._serving.get(key, ingress.key)
            is_its = owner.partition("/")[0] == ingress.namespace and key not in self._passthrough
            if host and is_its and not host_problem(host):
                self._lasts.append(Route(host, "/", "Prefix", backend, ingress.key))

    def _take_path(self, asking: _Asking, path: HttpPath, place: str) -> None:
        ingress, host, told = asking.ingress, asking.host, asking.told
        wrong = path_problem(path.path)
        if wrong:
            told[Problem("PathInvalid", f"{place}.path", wrong)] = None
            return
        at = place if place == DEFAULT else f"{place}.backend"
        if asking.canary is not None:
            route = Route(host, path.path, path.path_type, "", ingress.key)
            self._canaries.append(Taken(route, asking.canary, path.backend, at))
            return
        backend = self._backends.of(ingress, path.backend, at, told)
        if backend is None:
            return
        if self._backends.by_name[backend].mode == "tcp":
            self._take_connections(ingress, host, backend, told)
            return
        of_host = host_key(host)
        if of_host in self._passthrough:
            message = f"the TLS of {host} is passed through: no request of it is seen"
            told[Problem("PathConflict", place, message)] = None
            return
        owner = self._serving.setdefault(of_host, ingress.key)
        route = Route(host, path.path, path.path_type, backend, ingress.key)
        service = self._services[self._backends.by_name[backend].service]
        condition, unreadable = route_acl(unprefixed(service.annotations))
        told.update(dict.fromkeys(unreadable))
        if unreadable:
            return
        if condition is None:
            self._routes.append(route)
        elif owner.partition("/")[0] != ingress.namespace:
            message = (
                f"{host or 'any host'} is of Ingress {owner}: a condition comes before its rules"
            )
            told[Problem("PathConflict", place, message)] = None
        elif len(self._conditional) < MAX_CONDITIONAL:
            self._conditional.append(Conditional(route, condition))
        else:
            message = f"over {MAX_CONDITIONAL} conditions: every request passes all of them"
            told[Problem("AnnotationInvalid", "metadata.annotations[route-acl]", message)] = None

    def _beside(self, main: Route, one: Taken) -> str | None:
        """Return the backend of a canary: its Service, as the Ingress of the route asks for it."""
        told = self._problems[one.route.ingress]
        found = self._backends.of(self._ingresses[main.ingress], one.wanted, one.place, told)
        if found is not None and self._backends.by_name[found].mode == "tcp":
            message = "its TLS is passed through: it takes no requests"
            told[Problem("CanaryWithoutEffect", one.place, message)] = None
            return None
        return found

    def _take_connections(
        self, ingress: Ingress, host: str, backend: str, told: dict[Problem, None]
    ) -> None:
        """Send a host's TLS to a backend as it is, and its plain requests to TLS."""
        place = "metadata.annotations[ssl-passthrough]"
        if not host:
            message = "a rule without a host: connections are told apart by the host they ask for"
            told[Problem("HostInvalid", place, message)] = None
            return
        older = self._serving.get(host_key(host))
        if older is not None:
            message = f"requests for {host} are served by Ingress {older}; TLS shows no paths"
            told[Problem("PathConflict", place, message)] = None
            return
        winner = self._passthrough.setdefault(host_key(host), backend)
        if winner != backend:
            message = f"{host} goes to {winner} already; TLS shows no paths"
            told[Problem("PathConflict", place, message)] = None
            return
        self._backends.by_name.setdefault(TO_TLS, to_tls())
        self._routes.append(Route(host, "/", "Prefix", TO_TLS, ingress.key))

    def composed(self) -> Composed:
        """Return what was gathered."""
        self._routes += fallbacks(self._lasts, self._routes)
        routes, splits = divided(self._routes, self._canaries, self._beside, self._problems)
        table = RouteTable(routes)
        for conflict in table.conflicts:
            route, winner = conflict.route, conflict.winner
            message = f"{route.host}{route.path} is served by Ingress {winner.ingress}"
            self._problems[route.ingress][Problem("PathConflict", route.path, message)] = None
        lost = {id(it.route) for it in table.conflicts}
        counts = dict.fromkeys(self._problems, 0)
        for route in routes:
            counts[route.ingress] += id(route) not in lost
        for key in (
            *(it.ingress for it in splits),
            *(it.route.ingress for it in self._conditional),
        ):
            counts[key] += 1
        reports = tuple(
            IngressReport(key, counts[key], tuple(sorted(problems)))
            for key, problems in self._problems.items()
        )
        desired = Desired(
            routes,
            self._backends.by_name,
            self._default,
            self._certificates.composed(self._whole.default_certificate),
            self._passthrough,
            splits=splits,
            conditional=tuple(self._conditional),
        )
        desired = as_desired(desired, self._whole, self._backends.found)
        return Composed(desired, reports, tuple(sorted(self._told)))
