"""Which event may let a parked pod be scheduled: the scheduler's queueing hints.

Nodes that come or change and pods that go may help anybody, so they wake all. A pod that was bound
takes room; it helps only who wants its company or counts it for spreading.
Source: EventsToRegister of the filter plugins in pkg/scheduler/framework/plugins (v1.36).
"""

from __future__ import annotations

from kingtide.controlplane.scheduling.shape import PodShape


def may_follow(shape: PodShape, bound: PodShape) -> bool:
    """Return whether a parked pod of a shape may be schedulable now that another was bound."""
    rules = shape.rules
    return any(bound.is_selected_by(rule.pods) for rule in rules.affinity) or any(
        bound.is_selected_by(rule.pods) for rule in rules.hard_spread
    )
