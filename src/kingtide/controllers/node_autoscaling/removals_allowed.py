"""How many of the nodes that are to be removed fit into the disruption budget that all share."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.control.budget import room, tally
from kingtide.control.claims import DisruptionReason
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.node_autoscaling.candidates import Candidates
from kingtide.controllers.node_autoscaling.scale_down import Selection


def within_budget(
    selection: Selection,
    candidates: Candidates,
    snapshot: Snapshot,
    under_way: Iterable[str],
    now_ms: int,
) -> Selection:
    """Return a selection without the nodes for which the budget has no room now.

    `under_way` names nodes whose removal has begun and may not be seen on them yet.
    """
    if not selection.begun or not snapshot.budgets:
        return selection
    counted = tally(snapshot.cluster.nodes.values(), under_way)
    begun: list[str] = []
    waiting = dict(selection.waiting)
    for name in selection.begun:
        reason: DisruptionReason = (
            "Empty" if candidates.simulated[name].is_empty else "Underutilized"
        )
        left = room(snapshot.budgets, reason, counted, now_ms)
        if left is None or left > len(begun):
            begun.append(name)
        else:
            waiting[name] = "NoRoomInBudget"
    return Selection(tuple(begun), waiting)
