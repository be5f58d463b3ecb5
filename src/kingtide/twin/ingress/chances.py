"""What becomes of requests that are spread evenly over servers of which some are dead.

HAProxy sends each to the next server in turn. One that does not take the connection is tried again,
at another server where there is one (`option redispatch 1`), which the next turn chooses: any but
the one before. Source: https://docs.haproxy.org/2.6/configuration.html#4.2-option%20redispatch
"""

from __future__ import annotations

from typing import NamedTuple

WHOLE = 1_000_000_000
"""Shares are whole numbers of so many."""


class Chances(NamedTuple):
    """Of a request: the chance that it fails, and the tries after the first, both of `WHOLE`.

    `redispatches` are those of the tries that go to another server.
    """

    failed: int
    retries: int
    redispatches: int


NOBODY = Chances(WHOLE, 0, 0)
"""No rule, or no server: HAProxy answers at once."""


def chances(servers: int, dead: int, retries: int) -> Chances:
    """Return what becomes of a request to so many servers, `dead` of which take no connection."""
    if servers == 0:
        return NOBODY
    missed = WHOLE * dead // servers
    others = servers - 1
    tried = 0
    for _ in range(retries):
        if not missed:
            break  # nothing is left to be tried, however often it might be
        tried += missed
        if others:
            missed = missed * max(0, dead - 1) // others
    return Chances(missed, tried, tried if others else 0)
