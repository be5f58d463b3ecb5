"""Which rule a request meets, and of every other rule of its host why it does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.routing.hosts import host_key, host_of, keys_tried
from kingtide.controllers.ingress.routing.paths import PathEntry, path_entries
from kingtide.controllers.ingress.routing.table import Match, Route, RouteTable

Why = Literal["Taken", "HostFirst", "ExactFirst", "Longer", "ExactOnly", "ElementWise", "PathOnly"]
"""Why a rule does not get a request.

`Taken`: another Ingress has the same host and path. `HostFirst`: a narrower host has rules.
`ExactFirst`: an exact path is looked for before prefixes. `Longer`: a longer prefix is met.
`ExactOnly`, `ElementWise`, `PathOnly`: its path is not met.
"""


class HostTried(msgspec.Struct, frozen=True, gc=False):
    """A key under which the host was looked for (empty: rules of any host), and whether it is one.

    Only the first that has rules counts.
    """

    key: str
    has_rules: bool


class Passed(msgspec.Struct, frozen=True, gc=False):
    """A rule that does not get the request; `winner` is who does where another one stood before."""

    route: Route
    why: Why
    winner: Route | None = None


class Choice(msgspec.Struct, frozen=True, gc=False):
    """What was looked for and found. `match` None: no rule takes the request.

    `passed` are the other rules of all hosts that were tried or would be: those that the request's
    path would meet come first, each part in the order in which routes win.
    """

    host: str
    path: str
    hosts: tuple[HostTried, ...]
    match: Match | None
    passed: tuple[Passed, ...]


def choose(desired: Desired, host: str, path: str) -> Choice:
    """Return what a request's Host header and path (as received, without the query) meet."""
    table = RouteTable(desired.routes)
    entries = table.entries()
    name = host_of(host)
    keys = keys_tried(name)
    known = next((key for key in keys if key in entries), None)
    match = table.match(host, path)
    met: list[Passed] = []
    others: list[Passed] = []
    for route in desired.routes:
        key = host_key(route.host)
        if key not in keys or (match is not None and route is match.route):
            continue
        found = met_by(route, path)
        if found is None:
            others.append(Passed(route, _unmet(route, path)))
            continue
        first = entries[key][found]
        if first is not route:
            met.append(Passed(route, "Taken", first))
        elif key != known:
            met.append(Passed(route, "HostFirst", match.route if match else None))
        else:
            met.append(_later(route, found, match))
    tried = tuple(HostTried(key, key in entries) for key in keys)
    return Choice(name, path, tried, match, (*met, *others))


def reachable(choice: Choice) -> tuple[str, ...]:
    """Return the keys of hosts whose rules the request can meet: up to the first that has any."""
    keys = [it.key for it in choice.hosts]
    known = next((at for at, it in enumerate(choice.hosts) if it.has_rules), len(keys))
    return tuple(keys[: known + 1])


def met_by(route: Route, path: str) -> PathEntry | None:
    """Return under which of a route's texts a path finds it, None under none."""
    return next(_found(route, path), None)


def _found(route: Route, path: str) -> Iterator[PathEntry]:
    for entry in path_entries(route.path, route.path_type):
        if path == entry.text or (entry.look == "prefix" and path.startswith(entry.text)):
            yield entry


def _later(route: Route, found: PathEntry, match: Match | None) -> Passed:
    """Return why a rule of the chosen host, whose path is met, was not reached."""
    if match is None:  # cannot be: the rule itself would match
        raise AssertionError(f"{route} is met and found nothing")
    is_exact = match.look == "exact" and found.look != "exact"
    return Passed(route, "ExactFirst" if is_exact else "Longer", match.route)


def _unmet(route: Route, path: str) -> Why:
    if route.path_type == "Exact":
        return "ExactOnly"
    if route.path_type == "Prefix" and path.startswith(route.path):
        return "ElementWise"
    return "PathOnly"
