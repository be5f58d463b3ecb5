"""All that is known of one request: which rule, which backend, what happens on the way, to whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.controllers.ingress.classes import is_ours
from kingtide.controllers.ingress.compose import compose
from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.explaining.choice import Choice, choose, met_by, reachable
from kingtide.controllers.ingress.explaining.division import Division, division
from kingtide.controllers.ingress.explaining.endpoints import Reached, reached
from kingtide.controllers.ingress.explaining.way import Step, way
from kingtide.controllers.ingress.rendering.server_names import passed_to
from kingtide.controllers.ingress.routing.hosts import host_key, keys_tried
from kingtide.controllers.ingress.routing.table import Route
from kingtide.controllers.ingress.told import Problem
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import CLASS_ANNOTATION, Ingress

Answer = Literal["servers", "no server", "default backend", "no rule", "no pod"]
"""Who answers: a rule's servers, HAProxy with 503 or 404, or the default backend's servers.

`no pod`: HAProxy itself, by the lines of the way.
"""


class Troubled(msgspec.Struct, frozen=True, gc=False):
    """An Ingress that names the request's host and has parts without effect."""

    ingress: str
    problems: tuple[Problem, ...]


class Foreign(msgspec.Struct, frozen=True, gc=False):
    """An Ingress that names the request's host, and the class by which it is not ours."""

    ingress: str
    class_name: str


class Unless(msgspec.Struct, frozen=True, gc=False):
    """A rule that gets the request before all others where a condition of HAProxy's holds."""

    route: Route
    condition: str


class Explanation(msgspec.Struct, frozen=True, gc=False):
    """What a request meets. `backend` is empty where nobody answers but HAProxy.

    `division` None: all requests of the rule go to one backend. `certificate` is the Secret whose
    certificate a TLS client is shown, empty where none is known; `passthrough` the backend that
    gets its connection as it is, empty where HAProxy ends TLS.
    """

    choice: Choice
    answer: Answer
    division: Division | None = None
    backend: str = ""
    service: str = ""
    steps: tuple[Step, ...] = ()
    server_words: tuple[str, ...] = ()
    endpoints: tuple[Reached, ...] = ()
    unless: tuple[Unless, ...] = ()
    certificate: str = ""
    passthrough: str = ""
    headers: Mapping[str, str] = {}
    troubled: tuple[Troubled, ...] = ()
    foreign: tuple[Foreign, ...] = ()

    @property
    def is_answered(self) -> bool:
        """Whether a server would get the request."""
        return self.answer == "no pod" or any(it.takes_requests for it in self.endpoints)


def explain(
    view: TrafficView,
    policy: IngressPolicy,
    host: str,
    path: str,
    headers: Mapping[str, str] | None = None,
) -> Explanation:
    """Return what a request meets; `path` is as received, without the query."""
    composed = compose(view, policy)
    desired = composed.desired
    choice = choose(desired, host, path)
    keys = keys_tried(choice.host)
    reports = {it.ingress: it for it in composed.reports}
    named = [it for it in view.ingresses.values() if _names(it, keys)]
    found = Explanation(
        choice,
        "no rule",
        certificate=_certificate(desired, keys),
        passthrough=passed_to(desired, keys),
        unless=tuple(
            Unless(it.route, " ".join(it.condition))
            for it in desired.conditional
            if host_key(it.route.host) in reachable(choice)
            and met_by(it.route, choice.path) is not None
        ),
        headers=headers or {},
        troubled=tuple(
            Troubled(it.key, reports[it.key].problems)
            for it in named
            if it.key in reports and reports[it.key].problems
        ),
        foreign=tuple(
            Foreign(it.key, class_shown(it)) for it in named if not _is_ours(it, view, policy)
        ),
    )
    return _answered(found, desired, view)


def _answered(it: Explanation, desired: Desired, view: TrafficView) -> Explanation:
    """Return the explanation with the backend that the choice leads to."""
    match = it.choice.match
    name = desired.default_backend if match is None else match.route.backend
    if name is None:
        return it
    divided = None if match is None else division(desired, match.route, it.headers)
    if divided is not None and divided.goes == "canary":
        name = divided.canary
    backend = desired.backends[name]
    endpoints = reached(view, backend)
    answer: Answer = "servers" if match is not None else "default backend"
    if not backend.service:
        answer = "no pod"
    elif not any(one.takes_requests for one in endpoints):
        answer = "no server"
    return msgspec.structs.replace(
        it,
        answer=answer,
        division=divided,
        backend=name,
        service=backend.service,
        steps=way(backend, it.headers),
        server_words=backend.server_words,
        endpoints=endpoints,
    )


def class_shown(it: Ingress) -> str:
    """Return the class that an Ingress names, in its spec or the old way; empty for none."""
    return it.class_name if it.class_name is not None else it.annotations.get(CLASS_ANNOTATION, "")


def _is_ours(it: Ingress, view: TrafficView, policy: IngressPolicy) -> bool:
    return is_ours(it, view.classes, policy.ingress_class, accept_empty=policy.accept_empty_class)


def _names(it: Ingress, keys: tuple[str, ...]) -> bool:
    """Return whether an Ingress says anything of a host, by itself or by a wider one."""
    return it.default_backend is not None or any(host_key(rule.host) in keys for rule in it.rules)


def _certificate(desired: Desired, keys: tuple[str, ...]) -> str:
    """Return the Secret of the certificate that a host gets: its own, a wildcard's, the default."""
    for key in keys:
        for it in desired.certificates:
            if key in it.hosts:
                return it.secret
    is_strict = desired.listening.is_strict
    return next((it.secret for it in desired.certificates if it.is_default and not is_strict), "")
