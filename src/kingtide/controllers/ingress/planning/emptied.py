"""Whether addresses that are gone all at once are believed.

One Service without endpoints is news; many in one look are more likely a fault of who tells us (an
API server that was restored, a controller that starts anew). Pods that are really gone refuse
connections, and HAProxy tries others and answers 503 then: to wait costs little, to believe a fault
costs everything.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.controllers.ingress.desired import Backend, Desired

FEW = 3
"""So many may lose all their servers at once: a namespace that is deleted, a release that fails."""
SHARE_PERCENT = 25
"""Or so many of all that have servers; more are doubted."""


def doubted(before: Mapping[str, Backend], after: Desired) -> tuple[str, ...]:
    """Return the backends that had servers and have none now, nothing where they are not too many.

    `before` is what was served, by name.
    """
    gone = tuple(
        name
        for name, it in after.backends.items()
        if not it.servers and name in before and before[name].servers
    )
    if len(gone) <= FEW:
        return ()
    serving = sum(bool(it.servers) for it in before.values())
    return gone if len(gone) * 100 > serving * SHARE_PERCENT else ()


def with_servers_of(
    before: Mapping[str, Backend], after: Desired, names: tuple[str, ...]
) -> Desired:
    """Return the proxy with the servers of before in these backends."""
    if not names:
        return after
    kept = {
        name: msgspec.structs.replace(after.backends[name], servers=before[name].servers)
        for name in names
    }
    return msgspec.structs.replace(after, backends={**after.backends, **kept})
