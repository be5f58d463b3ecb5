"""The default backend of an Ingress: it takes what no rule of that Ingress' own hosts takes.

Source: https://kubernetes.io/docs/concepts/services-networking/ingress/#default-backend (v1.36).
Hosts of others are not its own, so it takes nothing of theirs: what answers for a host is its
Ingress and nobody else's.
"""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.controllers.ingress.routing.hosts import host_key
from kingtide.controllers.ingress.routing.paths import PathEntry, path_entries
from kingtide.controllers.ingress.routing.table import Route

WHOLE = PathEntry("prefix", "/")


def fallbacks(wanted: Sequence[Route], routes: Sequence[Route]) -> tuple[Route, ...]:
    """Return of the routes to default backends the first of each host that no rule takes whole."""
    if not wanted:
        return ()
    held = {host_key(it.host) for it in routes if WHOLE in path_entries(it.path, it.path_type)}
    found: dict[str, Route] = {}
    for it in wanted:
        if host_key(it.host) not in held:
            found.setdefault(host_key(it.host), it)
    return tuple(found.values())
