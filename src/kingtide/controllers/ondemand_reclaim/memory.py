"""What ondemand_reclaim remembers between two passes; losing it is safe.

Who is emptied, at which attempt and since when stands on the nodes as claims, what is cordoned by
us as a label, what is terminated in the cloud. After a loss evictions that are not visible yet may
be asked for again, which the eviction API grants without harm, and rests of capacity claims end.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Drain(msgspec.Struct, frozen=True):
    """What is known of one node beyond what stands on it. Times are Unix milliseconds.

    `claimed_ms` is when its disruption claim was asked for, `cordon_asked_ms` and `cordon_seen_ms`
    when the cordon was asked for and first seen, `asked_ms` when each pod's eviction was, by uid,
    `terminated_ms` when the instance's termination was, `ended_ms` when the attempt was ended and
    that does not show on the node yet; 0 for not yet.
    """

    claimed_ms: int = 0
    cordon_asked_ms: int = 0
    cordon_seen_ms: int = 0
    asked_ms: Mapping[str, int] = {}
    are_daemons_asked: bool = False
    terminated_ms: int = 0
    ended_ms: int = 0


class OndemandReclaimMemory(msgspec.Struct, frozen=True):
    """A value: every pass makes a new one.

    `concerned` are the nodes worth a look at every pass, `begun_ms` when the last drain began
    (None: not that we know), `claim_rests` until when a node does not ask for capacity again,
    `said` the last verdict's code by subject.
    """

    cursor: int = 0
    concerned: Mapping[str, None] = {}
    drains: Mapping[str, Drain] = {}
    begun_ms: int | None = None
    claim_rests: Mapping[str, int] = {}
    said: Mapping[str, str] = {}
