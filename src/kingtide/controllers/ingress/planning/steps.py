"""The steps from a running proxy to the desired one.

Nothing that serves is taken away before what replaces it is there: servers are added before others
retire, entries of maps are put before others are dropped. What cannot be changed while HAProxy runs
needs a reload, which comes last: the state that it takes over is then as wanted already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kingtide.controllers.ingress.desired import Backend, Desired, Server
from kingtide.controllers.ingress.planning.certificates import certificate_steps
from kingtide.controllers.ingress.planning.running import Running, RunningServer
from kingtide.controllers.ingress.planning.step import (
    AddServer,
    DeleteServer,
    DropEntries,
    EnableServer,
    MoveServer,
    PutEntries,
    Reload,
    RetireServer,
    SetWeight,
    Step,
)
from kingtide.controllers.ingress.rendering.maps import NAMES, map_lines

Lines = Mapping[str, tuple[tuple[str, str], ...]]
"""Of every map, as key and value."""


def steps(
    desired: Desired, running: Running, structure: str, lines: Lines | None = None
) -> tuple[Step, ...]:
    """Return the steps, none where all is as it should be.

    `structure` is the configuration's text without what changes while HAProxy runs. Backends that
    the running process does not have come with the reload. `lines` are those of the maps, None
    where they are still to be made.
    """
    known = [it for it in desired.backends.values() if it.name in running.servers]
    found: list[Step] = []
    for backend in known:
        found += _arriving(backend, running.servers[backend.name])
    if structure == running.structure:
        found += certificate_steps(desired, running)
        found += _entries(map_lines(desired) if lines is None else lines, running)
    for backend in known:
        found += _leaving(backend, running.servers[backend.name])
    if structure != running.structure:
        found.append(Reload("the structure of the configuration changed"))
    return tuple(found)


def server_steps(desired: Desired, running: Running) -> tuple[Step, ...]:
    """Return the steps on servers alone, of the backends that are both desired and running."""
    known = [it for it in desired.backends.values() if it.name in running.servers]
    arriving = [one for it in known for one in _arriving(it, running.servers[it.name])]
    leaving = [one for it in known for one in _leaving(it, running.servers[it.name])]
    return (*arriving, *leaving)


def _arriving(backend: Backend, servers: Mapping[str, RunningServer]) -> Iterator[Step]:
    for server in backend.servers:
        now = servers.get(server.name)
        if server.is_named:
            continue  # HAProxy resolves it, and has it from its configuration alone
        if now is None and backend.needs_slots:
            continue  # a new place comes with the reload that more places need
        if now is None:
            yield AddServer(backend.name, server, backend.server_words)
            continue
        if server.is_free:
            continue
        if (now.address, now.port) != (server.address, server.port):
            yield MoveServer(backend.name, server.name, server.address, server.port)
        if now.weight != server.weight_in_force:
            yield SetWeight(backend.name, server.name, server.weight_in_force)
        if now.is_in_maintenance or now.is_drained:
            yield EnableServer(backend.name, server.name)


def _leaving(backend: Backend, servers: Mapping[str, RunningServer]) -> Iterator[Step]:
    wanted: dict[str, Server] = {it.name: it for it in backend.servers}
    for name, now in servers.items():
        server = wanted.get(name)
        if server is not None and not server.is_free:
            continue
        if not now.is_in_maintenance:
            yield RetireServer(backend.name, name)
        if server is None:
            yield DeleteServer(backend.name, name)


def _entries(of: Lines, running: Running) -> Iterator[Step]:
    """Return changes of maps: what others lead to before those, drops the other way."""
    lines = {name: dict(it) for name, it in of.items()}
    for name in NAMES:
        wanted, now = lines[name], running.maps.get(name, {})
        added = {key: value for key, value in wanted.items() if key not in now}
        changed = {k: v for k, v in wanted.items() if k in now and now[k] != v}
        if added or changed:
            yield PutEntries(name, added, changed)
    for name in reversed(NAMES):
        gone = tuple(key for key in running.maps.get(name, {}) if key not in lines[name])
        if gone:
            yield DropEntries(name, gone)
