"""What a scoreboard comes to: the observed figures, and the same with ours, which are estimates."""

from __future__ import annotations

from statistics import median_low

import msgspec

from kingtide.operate.shadowing.scoring.board import Board
from kingtide.operate.shadowing.scoring.episodes import Raise, Removal


class Boots(msgspec.Struct, frozen=True):
    """How long a group's nodes took from launch to Ready, as measured; milliseconds."""

    group: str
    nodes: int
    shortest_ms: int
    median_ms: int
    longest_ms: int


class Score(msgspec.Struct, frozen=True):
    """Milliseconds and micro-USD. None where nothing can be said.

    `lead_ms` is by how much ours are first, a node's mean, and `lead_median_ms` a request's median;
    negative where the other is. `ours_` figures are estimates, all others were observed.
    """

    watched_ms: int
    asked: int
    ours_asked: int
    both: int
    ours_alone: int
    theirs_alone: int
    lead_ms: int | None
    lead_median_ms: int | None
    first_on_demand_ms: int | None
    ours_first_on_demand_ms: int | None
    waiting_pod_ms: int
    ours_waiting_pod_ms: int
    removed: int
    ours_removed: int
    taken_back: int
    removal_lead_ms: int | None
    micro_usd: int
    ours_micro_usd: int
    boots: tuple[Boots, ...]


def score_of(board: Board) -> Score:
    """Return the figures of a scoreboard, open episodes left out."""
    seen, ours = board.observed, board.ours
    known = ours.both - ours.leads_unknown
    compared = ours.removed_both + ours.removed_later
    changed = ours.micro_usd_raises + ours.micro_usd_removals + ours.micro_usd_reclaims
    return Score(
        watched_ms=seen.watched_ms,
        asked=seen.requested,
        ours_asked=ours.asked,
        both=ours.both,
        ours_alone=ours.alone,
        theirs_alone=ours.theirs_alone,
        lead_ms=ours.lead_node_ms // known if known else None,
        lead_median_ms=_median(board.raises),
        first_on_demand_ms=seen.first_on_demand_ms,
        ours_first_on_demand_ms=ours.first_on_demand_ms,
        waiting_pod_ms=seen.waiting_pod_ms,
        ours_waiting_pod_ms=max(0, seen.waiting_pod_ms - ours.waiting_pod_ms),
        removed=seen.removed,
        ours_removed=ours.removals + ours.removed_later,
        taken_back=ours.taken_back,
        removal_lead_ms=ours.lead_removal_ms // compared if compared else None,
        micro_usd=seen.micro_usd,
        ours_micro_usd=max(0, seen.micro_usd + changed),
        boots=tuple(
            Boots(group, len(it), min(it), median_low(it), max(it))
            for group, it in sorted(board.boots_ms.items())
        ),
    )


def latest(board: Board, most: int) -> tuple[Raise | Removal, ...]:
    """Return the last closed episodes by when they began, the newest last."""
    together: list[Raise | Removal] = [*board.raises, *board.removals]
    return tuple(sorted(together, key=lambda it: it.at_ms)[-most:])


def _median(raises: tuple[Raise, ...]) -> int | None:
    leads = [it.lead_ms for it in raises if it.lead_ms is not None]
    return median_low(leads) if leads else None
