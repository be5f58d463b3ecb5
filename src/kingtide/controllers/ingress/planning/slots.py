"""Servers in numbered places, where HAProxy cannot take new ones while it runs.

A server with a cookie cannot be added at run time, so places are kept free and given addresses.
Who has a place keeps it: a place's cookie is what browsers hold.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.controllers.ingress.desired import Backend, Server
from kingtide.controllers.ingress.free_place import free_place

Places = Mapping[str, tuple[str, int]]
"""Addresses by the name of their place."""


def in_slots(backend: Backend, places: Places, multiple: int) -> Backend:
    """Return the backend with its servers in places, as many as a multiple that holds them all.

    `places` are those of before; an address that had one keeps it, and no place is taken away.
    """
    wanted = {(it.address, it.port): it for it in backend.servers}
    kept = {name: at for name, at in places.items() if at in wanted}
    held = set(kept.values())
    new = [at for at in wanted if at not in held]
    count = max(len(places), -(-max(len(wanted), 1) // multiple) * multiple)
    servers = []
    for number in range(1, count + 1):
        name = f"slot_{number}"
        at = kept.get(name)
        if at is None and new:
            at = new.pop(0)
        servers.append(_placed(name, wanted.get(at) if at is not None else None))
    return msgspec.structs.replace(backend, servers=tuple(servers))


def _placed(name: str, server: Server | None) -> Server:
    if server is None:
        return free_place(name)
    return msgspec.structs.replace(server, name=name)
