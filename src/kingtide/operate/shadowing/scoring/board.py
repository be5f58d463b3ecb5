"""The scoreboard: a value that every sighting and every pass makes anew, and that a file holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from kingtide.operate.shadowing.scoring.episodes import (
    OpenRaise,
    OpenRemoval,
    Raise,
    Removal,
    TheirRaise,
)

OPEN_MAX = 500
"""Episodes that are open at once; a fleet of a thousand nodes has some tens. The oldest is closed
as cut off and counted."""
KEPT_MAX = 2_000
"""Closed episodes that are told one by one; totals go on counting."""
SAMPLES_MAX = 50
"""Boots remembered of a group: enough for a median of now."""

Counts = Mapping[str, int]
T = TypeVar("T")


class Observed(msgspec.Struct, frozen=True):
    """Sums over what was seen; nothing here is an estimate.

    `waiting_pod_ms` are pods that the scheduler could not place times how long. `node_ms` and
    `micro_usd` are of the nodes that stood, `unpriced_node_ms` of those without a known price,
    which `unpriced` names by type.
    """

    watched_ms: int = 0
    gaps: int = 0
    gap_ms: int = 0
    waiting_pod_ms: int = 0
    waiting_pods_max: int = 0
    node_ms: int = 0
    micro_usd: int = 0
    unpriced_node_ms: int = 0
    unpriced: tuple[str, ...] = ()
    requested: int = 0
    given_back: int = 0
    """Nodes that the other asked for, and of those the ones it took back before they came."""
    removed: int = 0
    gone: int = 0
    """Nodes that the other removed, and those that left without it: a reclaim, or by hand."""
    first_on_demand_ms: int | None = None


class Ours(msgspec.Struct, frozen=True):
    """Sums over what ours would have done, and what that would have changed: estimates.

    `micro_usd` is what it would have cost more, negative for less; `waiting_pod_ms` how much less
    pods would have waited, negative for more.
    """

    passes: int = 0
    asked: int = 0
    both: int = 0
    alone: int = 0
    theirs_alone: int = 0
    lead_node_ms: int = 0
    leads_unknown: int = 0
    waiting_pod_ms: int = 0
    removals: int = 0
    removed_both: int = 0
    removed_later: int = 0
    taken_back: int = 0
    lead_removal_ms: int = 0
    micro_usd_raises: int = 0
    micro_usd_removals: int = 0
    micro_usd_reclaims: int = 0
    cut_off: int = 0
    first_on_demand_ms: int | None = None
    others: Counts = {}


class Board(msgspec.Struct, frozen=True):
    """Everything of a shadow that a file keeps. Times are Unix milliseconds.

    `patience_ms` is how long ours may need to see what the other has seen: a scan of theirs.
    `unneeded_ms` is how long a node stands unneeded before ours remove it. `ripe_ms` is when nodes
    that are not needed are due, `leaving` names those that the other is removing, `boots_ms` are
    the last times from launch to Ready by group, `booted` the nodes counted in them.
    """

    cluster: str
    timezone: str
    from_ms: int
    to_ms: int
    patience_ms: int = 10_000
    unneeded_ms: int = 600_000
    observed: Observed = Observed()
    ours: Ours = Ours()
    open_raises: tuple[OpenRaise, ...] = ()
    their_raises: tuple[TheirRaise, ...] = ()
    open_removals: tuple[OpenRemoval, ...] = ()
    raises: tuple[Raise, ...] = ()
    removals: tuple[Removal, ...] = ()
    ripe_ms: Mapping[str, int] = {}
    leaving: tuple[str, ...] = ()
    boots_ms: Mapping[str, tuple[int, ...]] = {}
    booted: tuple[str, ...] = ()


def kept(known: tuple[T, ...], *new: T) -> tuple[T, ...]:
    """Return closed episodes with new ones, without the oldest beyond the bound."""
    return (*known, *new)[-KEPT_MAX:]
