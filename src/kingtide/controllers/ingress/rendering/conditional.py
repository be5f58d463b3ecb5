"""Rules of routes that hold under a condition alone: before the maps, which know no conditions."""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.rendering.lines import line
from kingtide.controllers.ingress.routing.hosts import host_key
from kingtide.controllers.ingress.routing.paths import PathEntry, path_entries

HOST = "req.fhdr(host),host_only,lower,rtrim(.)"


def conditional_rules(desired: Desired, to: str) -> list[str]:
    """Return the frontend's rules; `to` is its variable of the backend."""
    found = []
    for it in desired.conditional:
        for entry in path_entries(it.route.path, it.route.path_type):
            words = (
                *("http-request", f"set-var({to})", f"str({it.route.backend})"),
                *("if", "!{", f"var({to})", "-m", "found", "}"),
                *_host(it.route.host),
                *_path(entry),
                *("{", *it.condition, "}"),
            )
            found.append(f"  {line(words)}")
    return found


def _host(name: str) -> Iterator[str]:
    key = host_key(name)
    if not key:
        return
    fetch = f"{HOST},regsub(^[^.]+,*,)" if key.startswith("*.") else HOST
    yield from ("{", fetch, "-m", "str", "--", key, "}")


def _path(entry: PathEntry) -> tuple[str, ...]:
    how = "beg" if entry.look == "prefix" else "str"
    return ("{", "path", "-m", how, "--", entry.text, "}")
