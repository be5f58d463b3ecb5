"""Which event may let a parked pod be scheduled: the scheduler's queueing hints.

Nodes that come or change and pods that go may help anybody, so they wake all. A pod that was bound
takes room; it helps only who wants its company or counts it for spreading.
Source: EventsToRegister of the filter plugins in pkg/scheduler/framework/plugins (v1.36).
"""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.controlplane.scheduling.fits import resource_refusals, static_refusal
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.shape import PodShape


def may_follow(shape: PodShape, bound: PodShape) -> bool:
    """Return whether a parked pod of a shape may be schedulable now that another was bound."""
    rules = shape.rules
    return any(bound.is_selected_by(rule.pods) for rule in rules.affinity) or any(
        bound.is_selected_by(rule.pods) for rule in rules.hard_spread
    )


def may_use(shape: PodShape, table: NodeTable, row: int, reserved: Sequence[PodShape]) -> bool:
    """Return whether a node's labels, taints and free resources would do for a pod of a shape.

    `reserved` are the nominated pods whose room is kept from the shape. That of a pod of the same
    shape does not stand against it: the parked pod may be the one that waits for it.
    """
    others = [other for other in reserved if other is not shape]
    if others or shape.requests.extended:
        taken = table.requested(row)
        for other in others:
            taken = taken + other.requests
        if resource_refusals(shape, table.node_at(row).allocatable, taken):
            return False
    elif not table.has_room(row, shape):
        return False
    return static_refusal(shape, table.node_at(row)) is None
