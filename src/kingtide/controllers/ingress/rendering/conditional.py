"""Rules of routes that hold under a condition alone: before the maps, which know no conditions."""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.rendering.lines import line
from kingtide.controllers.ingress.rendering.maps import HOSTS
from kingtide.controllers.ingress.routing.hosts import ANY_HOST, host_key
from kingtide.controllers.ingress.routing.paths import PathEntry, path_entries

HOST = "req.fhdr(host),host_only,lower,rtrim(.)"
"""The host that a request names, as `routing.hosts.host_of` has it."""
AS_WILDCARD = "regsub(^[^.]+,*,)"
"""Makes the wildcard of a host, whose first label may be any."""
WILDCARD = f"{HOST},{AS_WILDCARD}"


def conditional_rules(desired: Desired, to: str, layout: Layout) -> list[str]:
    """Return the frontend's rules; `to` is its variable of the backend.

    A host that has rules of its own meets none of wider ones, under a condition neither.
    """
    found = []
    hosts = layout.map(HOSTS)
    for it in desired.conditional:
        for entry in path_entries(it.route.path, it.route.path_type):
            words = (
                *("http-request", f"set-var({to})", f"str({it.route.backend})"),
                *("if", "!{", f"var({to})", "-m", "found", "}"),
                *_host(it.route.host, hosts),
                *_path(entry),
                *("{", *it.condition, "}"),
            )
            found.append(f"  {line(words)}")
    return found


def _host(name: str, hosts: str) -> Iterator[str]:
    key = host_key(name)
    is_any = key == ANY_HOST
    if is_any or key.startswith("*."):
        yield from ("!{", f"{HOST},map_str({hosts})", "-m", "found", "}")
    if is_any:
        yield from ("!{", f"{WILDCARD},map_str({hosts})", "-m", "beg", "*.", "}")
        return
    fetch = WILDCARD if key.startswith("*.") else HOST
    yield from ("{", fetch, "-m", "str", "--", key, "}")


def _path(entry: PathEntry) -> tuple[str, ...]:
    how = "beg" if entry.look == "prefix" else "str"
    return ("{", "path", "-m", how, "--", entry.text, "}")
