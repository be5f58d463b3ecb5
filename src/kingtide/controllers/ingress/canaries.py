"""Routes whose requests are divided between two backends.

A canary is an Ingress of the same host and path as another; the oldest canary of a route has it.
"""

from __future__ import annotations

from hashlib import blake2s

from msgspec.structs import replace

from kingtide.controllers.ingress.annotations.canary import Canary
from kingtide.controllers.ingress.desired import Split
from kingtide.controllers.ingress.routing.hosts import host_key
from kingtide.controllers.ingress.routing.paths import path_entries
from kingtide.controllers.ingress.routing.table import Route
from kingtide.controllers.ingress.told import Problem

PREFIX = "split-"
"""Of the names of splits; no backend's begins so: a backend's has underscores, theirs none."""
PARTS = 10_000
"""Weights are parts of this."""


class Canaries:
    """Gathers canaries, and puts them where they belong once all routes are known."""

    def __init__(self) -> None:
        self._taken: list[tuple[Route, Canary, str]] = []

    def take(self, route: Route, canary: Canary, place: str) -> None:
        """Take in a canary's route; `place` is where the Ingress has it."""
        self._taken.append((route, canary, place))

    def put(
        self, routes: list[Route], told: dict[str, dict[Problem, None]]
    ) -> tuple[tuple[Route, ...], tuple[Split, ...]]:
        """Return the routes, those that are divided by their split, and the splits."""
        if not self._taken:
            return tuple(routes), ()
        places: dict[tuple[str, object], int] = {}
        for number, it in enumerate(routes):
            places.setdefault(_key(it), number)
        found = list(routes)
        splits: dict[int, Split] = {}
        for route, canary, place in self._taken:
            at = places.get(_key(route))
            if at is None or at in splits:
                message = (
                    f"no other Ingress has {route.host}{route.path}: a canary needs one beside it"
                    if at is None
                    else f"{route.host}{route.path} has another canary already"
                )
                told[route.ingress][Problem("CanaryWithoutEffect", place, message)] = None
                continue
            name = PREFIX + blake2s(repr(_key(route)).encode(), digest_size=8).hexdigest()
            weight = canary.weight * PARTS // canary.total
            splits[at] = Split(
                name,
                found[at].backend,
                route.backend,
                weight,
                canary.header,
                canary.value,
                canary.cookie,
                route.ingress,
            )
            found[at] = replace(found[at], split=name)
        return tuple(found), tuple(splits.values())


def _key(it: Route) -> tuple[str, object]:
    return host_key(it.host), path_entries(it.path, it.path_type)
