"""Routes whose requests are divided between two backends.

A canary is an Ingress of the same host and path as another in its namespace; the oldest canary of a
route has it. What the other asks for (who may come in, above all) holds for the canary's requests
too: its own annotations say who goes there, and nothing else, as with ingress-nginx.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2s

import msgspec
from msgspec.structs import replace

from kingtide.controllers.ingress.annotations.canary import Canary
from kingtide.controllers.ingress.desired import Split
from kingtide.controllers.ingress.routing.hosts import host_key
from kingtide.controllers.ingress.routing.paths import path_entries
from kingtide.controllers.ingress.routing.table import Route
from kingtide.controllers.ingress.to_tls import TO_TLS
from kingtide.controllers.ingress.told import Problem
from kingtide.kube.ingresses import IngressBackend

PREFIX = "split-"
"""Of the names of splits; no backend's begins so: a backend's has underscores, theirs none."""
PARTS = 10_000
"""Weights are parts of this."""
MAX_LOOKED_AT = 50
"""Headers, cookies and expressions, of all canaries: a rule or two each, which every request of
every Ingress passes, at a tenth of a microsecond."""


class Taken(msgspec.Struct, frozen=True, gc=False):
    """A path of a canary: its route without a backend yet, and the Service that it leads to."""

    route: Route
    canary: Canary
    wanted: IngressBackend
    place: str


Asking = Callable[[Route, Taken], str | None]
"""Returns the backend for a canary beside a route, None where there is none, which is told."""


def divided(
    routes: list[Route],
    canaries: Iterable[Taken],
    asking: Asking,
    told: Mapping[str, dict[Problem, None]],
) -> tuple[tuple[Route, ...], tuple[Split, ...]]:
    """Return the routes, those that are divided by their split, and the splits."""
    places: dict[tuple[str, object], int] = {}
    for number, it in enumerate(routes):
        places.setdefault(_key(it), number)
    found = list(routes)
    splits: dict[int, Split] = {}
    names: set[tuple[str, str]] = set()
    for one in canaries:
        at = places.get(_key(one.route))
        problem = _problem(one.route, None if at is None else found[at], at in splits)
        looked_at = names | _looked_at(one.canary)
        if not problem and len(looked_at) > MAX_LOOKED_AT:
            problem = (
                f"over {MAX_LOOKED_AT} headers and cookies of canaries: all requests pass them"
            )
        if at is None or problem:
            problems = told[one.route.ingress]
            problems[Problem("CanaryWithoutEffect", one.place, problem)] = None
            continue
        backend = asking(found[at], one)
        if backend is not None:
            names = looked_at
            splits[at] = _split(found[at], one, backend)
            found[at] = replace(found[at], split=splits[at].name)
    return tuple(found), tuple(splits.values())


def _problem(route: Route, main: Route | None, is_divided: bool) -> str:
    """Return why a canary has no effect beside a route, nothing where it has one."""
    where = f"{route.host}{route.path}"
    if main is None:
        return f"no other Ingress has {where}: a canary needs one beside it"
    if main.ingress.partition("/")[0] != route.ingress.partition("/")[0]:
        return f"{where} is an Ingress' of another namespace, whose requests are not ours to divide"
    if main.backend == TO_TLS:
        return f"the TLS of {where} is passed through: no request of it is seen"
    return f"{where} has another canary already" if is_divided else ""


def _looked_at(it: Canary) -> set[tuple[str, str]]:
    found = {("cookie", it.cookie), ("header", it.header)}
    if it.header and it.pattern:
        found = {("cookie", it.cookie), (it.header, it.pattern)}
    return {(kind, name) for kind, name in found if name}


def _split(main: Route, one: Taken, backend: str) -> Split:
    canary = one.canary
    return Split(
        PREFIX + blake2s(repr(_key(main)).encode(), digest_size=8).hexdigest(),
        main.backend,
        backend,
        canary.weight * PARTS // canary.total,
        canary.header,
        canary.value,
        canary.cookie,
        one.route.ingress,
        canary.pattern if canary.header else "",
    )


def _key(it: Route) -> tuple[str, object]:
    return host_key(it.host), path_entries(it.path, it.path_type)
