"""All rules in one table, and the rule that a request meets: what `explain` and HAProxy say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kingtide.controllers.ingress.routing.hosts import host_key, host_of, matched_key
from kingtide.controllers.ingress.routing.paths import LOOKS, Look, PathEntry, path_entries
from kingtide.kube.ingresses import PathType


class Route(msgspec.Struct, frozen=True, gc=False):
    """A rule's path to a proxy's backend; `ingress` is the `namespace/name` it stands in.

    `split` names what divides its requests between two backends, empty where nothing does.
    """

    host: str
    path: str
    path_type: PathType
    backend: str
    ingress: str = ""
    split: str = ""


class Conflict(msgspec.Struct, frozen=True, gc=False):
    """A route that stays without effect, since another one stands in its place."""

    route: Route
    winner: Route


class Match(msgspec.Struct, frozen=True, gc=False):
    """What a request met: the route, by which look, and the text that it was found under."""

    route: Route
    look: Look
    text: str


class RouteTable:
    """Routes by host and look. The first of two routes for the same requests wins."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._hosts: dict[str, dict[PathEntry, Route]] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}
        self.conflicts: list[Conflict] = []
        for route in routes:
            self._add(route)
        for host, entries in self._hosts.items():
            lengths = {len(it.text) for it in entries if it.look == "prefix"}
            self._lengths[host] = tuple(sorted(lengths, reverse=True))

    def _add(self, route: Route) -> None:
        entries = self._hosts.setdefault(host_key(route.host), {})
        wanted = path_entries(route.path, route.path_type)
        winner = next((entries[it] for it in wanted if it in entries), None)
        if winner is not None and winner.backend != route.backend:
            self.conflicts.append(Conflict(route, winner))
        for entry in wanted:
            entries.setdefault(entry, route)

    def match(self, host_header: str | None, path: str) -> Match | None:
        """Return what a request meets, None where the default backend answers.

        `path` is as received, without the query.
        """
        key = matched_key(host_of(host_header), self._hosts)
        if key is None:
            return None
        entries = self._hosts[key]
        for look in LOOKS[:2]:
            route = entries.get(PathEntry(look, path))
            if route is not None:
                return Match(route, look, path)
        for length in self._lengths[key]:
            text = path[:length]
            route = entries.get(PathEntry("prefix", text))
            if route is not None and len(text) == length:
                return Match(route, "prefix", text)
        return None

    def entries(self) -> Mapping[str, Mapping[PathEntry, Route]]:
        """Return every route by the key of its host and where it is found."""
        return self._hosts
