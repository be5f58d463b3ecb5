"""What is known of one node that the cloud takes, or may take: the notice.

It is read from the node itself wherever it already stands there (taint, claims), so that nothing
of it has to be remembered, and from the messages that came in. Two notices about one node become
one: the more telling kind, the earlier deadline.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.aws.interruptions.events import (
    SPOT_NOTICE_MS,
    InterruptionEvent,
    InterruptionKind,
    LifecycleAction,
    RebalanceRecommendation,
    ScheduledChange,
    SpotInterruption,
    StateChange,
    kind_of,
)
from kingtide.control.claims import (
    CapacityClaim,
    DisruptionClaim,
    capacity_claim,
    disruption_claim,
)
from kingtide.control.interruption_taint import TERMINATION_HANDLER_TAINTS, interruption_of
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.nodes import Node

NAME = "spot_interruption"
"""The controller's name, by which its claims are its own."""

URGENCY: tuple[InterruptionKind, ...] = (
    "rebalance",
    "scheduled-change",
    "asg-terminate",
    "state-change",
    "spot-interruption",
)
"""Least telling first. What stops a machine that a warning announced adds no news but its time, and
must not hide why it stops: the pool that takes nodes back is told by the warning."""

VOLUNTARY: tuple[InterruptionKind, ...] = ("rebalance", "scheduled-change")
"""The machine stays as long as we need it: the disruption budget holds, and nobody is hurried."""

Intent = Literal["rest", "cordon", "replace", "empty"]
"""What a notice asks for now: nothing yet; no new pods; room elsewhere too; that it is emptied."""


class Notice(msgspec.Struct, frozen=True, gc=False):
    """One node's notice; `deadline_ms` is when the machine goes, None where nobody said.

    Times are milliseconds since the Unix epoch.
    """

    node: str
    kind: InterruptionKind
    since_ms: int
    deadline_ms: int | None = None

    @property
    def is_voluntary(self) -> bool:
        """Whether the machine stays until we let it go."""
        return self.kind in VOLUNTARY


def own_disruption(node: Node) -> DisruptionClaim | None:
    """Return the disruption claim that this controller has on a node, None without one."""
    claim = disruption_claim(node.annotations) if node.annotations else None
    return claim if claim is not None and claim.by == NAME else None


def own_capacity(node: Node) -> CapacityClaim | None:
    """Return the capacity claim that this controller has on a node, None without one."""
    claim = capacity_claim(node.annotations) if node.annotations else None
    return claim if claim is not None and claim.by == NAME else None


def on_node(node: Node, now_ms: int) -> Notice | None:
    """Return the notice that stands on a node, None where there is none.

    A taint of aws-node-termination-handler is one: that tool was stopped in the middle, or runs
    beside us. Its two minutes count from the taint, where that tells its time.
    """
    kind = interruption_of(node.taints) if node.taints else None
    disruption, capacity = own_disruption(node), own_capacity(node)
    if kind is None:
        if disruption is None:
            return None
        is_planned = disruption.reason == "Degraded"
        kind = "scheduled-change" if is_planned else "spot-interruption"
    if disruption is not None:
        return Notice(node.name, kind, disruption.since_ms, disruption.deadline_ms)
    if capacity is not None:
        return Notice(node.name, kind, capacity.since_ms, capacity.needed_by_ms)
    return Notice(node.name, kind, now_ms, _handler_deadline_ms(node, kind))


def of_event(
    event: InterruptionEvent, node: Node, policy: SpotInterruptionPolicy, now_ms: int
) -> Notice | None:
    """Return the notice that an event is for a node; None for one that the policy ignores."""
    deadline_ms: int | None
    match event:
        case RebalanceRecommendation():
            if policy.rebalance == "ignore":
                return None
            deadline_ms = None
        case SpotInterruption():
            deadline_ms = event.deadline_ms
        case StateChange():
            deadline_ms = event.at_ms
        case LifecycleAction():
            deadline_ms = event.at_ms + policy.lifecycle_max_seconds * 1000
        case ScheduledChange():
            deadline_ms = event.start_ms
    return Notice(node.name, kind_of(event), now_ms, deadline_ms)


def merged(known: Notice | None, new: Notice) -> Notice:
    """Return what two notices about one node come to."""
    if known is None:
        return new
    kind = max(known.kind, new.kind, key=URGENCY.index)
    deadlines = [it for it in (known.deadline_ms, new.deadline_ms) if it is not None]
    return Notice(known.node, kind, known.since_ms, min(deadlines, default=None))


def intent_of(notice: Notice, node: Node, policy: SpotInterruptionPolicy, now_ms: int) -> Intent:
    """Return what a notice asks for now; a drain that has begun goes on."""
    claim = own_disruption(node)
    if claim is not None and claim.not_before_ms is None:
        return "empty"
    if notice.kind == "scheduled-change":
        return "rest" if now_ms < starts_ms(notice, policy) else "empty"
    if notice.kind == "rebalance":
        if policy.rebalance == "replace":
            return "replace"
        return "empty" if policy.rebalance == "drain" else "cordon"
    return "empty"


def starts_ms(notice: Notice, policy: SpotInterruptionPolicy) -> int:
    """Return when a scheduled change's node begins to be emptied."""
    if notice.deadline_ms is None:
        return notice.since_ms
    return notice.deadline_ms - policy.scheduled_change_lead_seconds * 1000


def _handler_deadline_ms(node: Node, kind: InterruptionKind) -> int | None:
    if kind != "spot-interruption":
        return None
    key = TERMINATION_HANDLER_TAINTS[kind]
    times = [it.time_added_ms for it in node.taints if it.key == key]
    added_ms = times[0] if times else None
    return None if added_ms is None else added_ms + SPOT_NOTICE_MS
