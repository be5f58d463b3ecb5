"""The maps by which HAProxy finds a request's backend, line by line.

A key is a host and a path without anything between: a host has no slash, so none is ambiguous.
What has to be met whole ends with a mark that no path has, and so does what is looked for: of all
keys that it begins with the longest is the whole one, and then the longest prefix. So the three
looks of `routing.paths` are one in HAProxy. Values are backend names. Source: https://docs.haproxy.org/2.6/configuration.html#7.3.1-map
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.rendering.server_names import server_names
from kingtide.controllers.ingress.rendering.splits import NAMES as SPLITS
from kingtide.controllers.ingress.rendering.splits import split_lines
from kingtide.controllers.ingress.routing.hosts import ANY_HOST
from kingtide.controllers.ingress.routing.paths import LOOKS, PathEntry
from kingtide.controllers.ingress.routing.table import Route, RouteTable

HOSTS = "hosts"
SNI = "passthrough"
PATHS = "paths"
WHOLE = "?"
"""Ends a key that has to be met whole: it is where a path ends, and the query begins."""
ANY = "*"
"""The key of rules of any host: a map cannot hold an empty one, and no host is called so."""
NAMES = (*SPLITS, PATHS, SNI, HOSTS)
"""In the order in which they are filled: what a map leads to is there before it leads there."""


def map_lines(desired: Desired) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return the lines of every map, as key and value, sorted."""
    entries = RouteTable(desired.routes).entries()
    lines: dict[str, dict[str, str]] = {name: {} for name in NAMES}
    for host, found in entries.items():
        key = ANY if host == ANY_HOST else host
        lines[HOSTS][key] = key
        for entry, route in sorted(found.items(), key=_last_wins):
            if WHOLE not in entry.text:  # a rule with a query in its path is met by no path
                end = "" if entry.look == "prefix" else WHOLE
                lines[PATHS][f"{key}{entry.text}{end}"] = route.split or route.backend
    lines[SNI] = dict(server_names(desired)) if desired.passthrough else {}
    lines.update((name, dict(it)) for name, it in split_lines(desired.splits).items())
    return {name: tuple(sorted(it.items())) for name, it in lines.items()}


def _last_wins(found: tuple[PathEntry, Route]) -> int:
    """Put an exact path after the prefix itself: both are the same key, and the exact one wins."""
    return -LOOKS.index(found[0].look)


def map_text(lines: tuple[tuple[str, str], ...]) -> str:
    """Return a map as its file."""
    return "".join(f"{key} {value}\n" for key, value in lines)
