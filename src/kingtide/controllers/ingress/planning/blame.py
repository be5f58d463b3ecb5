"""Which backends a configuration was refused for, and what stands for them until they are mended.

HAProxy names the line of what it cannot read, and the proxy or server of what it finds wrong later.
Seen on 2.6.12: `[ALERT]    (7) : config : parsing [/run/haproxy.cfg:40]: 'http-request' expects`
and `[ALERT]    (7) : config : backend 'web' : unable to find server`. Only what stands at the
beginning of a line counts: the rest may quote what a user wrote, who could name others there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import msgspec

from kingtide.controllers.ingress.desired import Backend, Desired
from kingtide.controllers.ingress.directive import Directive

_ALERT = re.compile(
    r"\[ALERT\]\s*\(\d+\) : config : (?:"
    r"parsing \[(?P<file>[^\[\]]+):(?P<line>\d+)\]"
    r"|'server (?P<of>[^\s'/]+)/"
    r"|(?:[A-Za-z]+ )?'(?P<name>[^\s'/]+)['/])"
)
_SECTION = re.compile(r"(global|defaults|resolvers|frontend|backend|listen|userlist)\b(?: (\S+))?")

CLOSED_STATUS = "503"
"""What a closed backend answers: it is ours that fails, and a load balancer may try elsewhere."""


class Closed(msgspec.Struct, frozen=True, gc=False):
    """A backend that is left out: as it was asked for (without servers), and HAProxy's words."""

    asked: Backend
    said: str


def blamed(
    said: str, configuration: str, path: str, backends: Collection[str]
) -> Mapping[str, str]:
    """Return the backends that HAProxy's words are about, each with the line that says so.

    `configuration` is the text that was refused, `path` the file it stood in. Nothing where the
    words are about none of the backends.
    """
    owners = _owners(configuration.splitlines(), frozenset(backends))
    found: dict[str, str] = {}
    for line in said.splitlines():
        alert = _ALERT.match(line)
        if alert is None:
            continue
        named = alert["of"] or alert["name"] or ""
        at = int(alert["line"] or 0)
        if alert["file"] == path and 0 < at <= len(owners):
            named = owners[at - 1]
        if named in backends:
            found.setdefault(named, line)
    return found


def _owners(lines: list[str], backends: Collection[str]) -> list[str]:
    """Return the backend that each line is of, empty for lines of no backend."""
    owners, owner = [], ""
    for line in lines:
        section = _SECTION.match(line)
        if section is not None:
            name = section.group(2) or ""
            owner = name if section.group(1) == "backend" and name in backends else ""
        named = "" if owner else next((it for it in line.split() if it in backends), "")
        owners.append(owner or named)
    return owners


def closed(asked: Backend) -> Backend:
    """Return what stands for a backend that cannot be loaded: it lets nobody in.

    It has none of the lines that were asked for, so none of those that keep people out: no request
    may reach a server through it.
    """
    refusing: tuple[str, ...] = ("http-request", "deny", "deny_status", CLOSED_STATUS)
    if asked.mode == "tcp":
        refusing = ("tcp-request", "content", "reject")
    return Backend(
        asked.name, asked.service, (), asked.mode, (Directive(0, refusing),), port=asked.port
    )


def without_servers(asked: Backend) -> Backend:
    """Return what a backend was refused for: all but its servers, which come and go."""
    return msgspec.structs.replace(asked, servers=())


def with_closed(desired: Desired, known: Mapping[str, Closed]) -> Desired:
    """Return the proxy with those backends closed that are still asked for as they were refused."""
    still = {
        name: closed(it)
        for name, it in desired.backends.items()
        if name in known and known[name].asked == without_servers(it)
    }
    if not still:
        return desired
    return msgspec.structs.replace(desired, backends={**desired.backends, **still})
