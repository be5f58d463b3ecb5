"""What stands on a noticed node and what is missing: taint, claims, label, cordon, in this order.

The taint comes first, since the scheduler places pods on a doomed node until it is there; then who
empties the node; then the claim of capacity, which has to stand before the first eviction because a
new node takes longer than the notice; then the label by which load balancers leave the node out.
The cordon tells people and other tools what the taint tells the scheduler; it comes last. Each is
written only while it is not seen on the node, so a lost answer or a restart repeats it and nothing
else. Source of the label:
https://kubernetes.io/docs/reference/labels-annotations-taints/#node-kubernetes-io-exclude-from-external-load-balancers
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from kingtide.aws.interruptions.events import SPOT_NOTICE_MS
from kingtide.control.action import Action, AddTaint
from kingtide.control.claims import (
    CapacityClaim,
    DisruptionClaim,
    DisruptionReason,
    capacity_claim,
    disruption_claim,
    may_write_capacity,
)
from kingtide.control.interruption_taint import INTERRUPTED
from kingtide.control.node_actions import ClaimCapacity, ClaimDisruption, Cordon, SetNodeLabel
from kingtide.controllers.spot_interruption.notice import (
    NAME,
    Intent,
    Notice,
    own_disruption,
    starts_ms,
)
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.nodes import Node
from kingtide.kube.taints import Taint

EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers"
EXCLUDED_VALUE = "kingtide"
"""The label counts whatever its value; this one tells that it is ours to take off."""

Step = Literal["taint", "disruption", "capacity", "label", "cordon"]

STEPS: tuple[Step, ...] = ("taint", "disruption", "capacity", "label", "cordon")

WANTED: dict[Intent, tuple[Step, ...]] = {
    "rest": ("disruption",),
    "cordon": ("taint", "cordon"),
    "replace": ("taint", "capacity", "cordon"),
    "empty": STEPS,
}


def missing(
    node: Node, notice: Notice, intent: Intent, policy: SpotInterruptionPolicy, now_ms: int
) -> Iterator[tuple[Step, Action]]:
    """Yield the writes that a node still needs, in their order."""
    for step in WANTED[intent]:
        action = _write(step, node, notice, intent, policy, now_ms)
        if action is not None:
            yield step, action


def may_be_emptied(node: Node) -> bool:
    """Return whether evictions may begin: ours to empty, no place for others, room claimed."""
    claim = own_disruption(node)
    return (
        claim is not None
        and claim.not_before_ms is None
        and _taint(node) is not None
        and capacity_claim(node.annotations) is not None
    )


def reason_of(notice: Notice, now_ms: int) -> DisruptionReason:
    """Return why the node is emptied: what leaves no choice asks no budget.

    A scheduled change leaves none in its last two minutes, as a spot interruption.
    """
    if not notice.is_voluntary:
        return "Interrupted"
    is_close = notice.deadline_ms is not None and notice.deadline_ms - now_ms <= SPOT_NOTICE_MS
    return "Interrupted" if is_close else "Degraded"


def _write(
    step: Step,
    node: Node,
    notice: Notice,
    intent: Intent,
    policy: SpotInterruptionPolicy,
    now_ms: int,
) -> Action | None:
    reason = f"{node.name} is taken by the cloud ({notice.kind})"
    match step:
        case "taint":
            if _taint(node) == notice.kind:
                return None
            taint = Taint(INTERRUPTED, "NoSchedule", notice.kind, now_ms)
            return AddTaint(node=node.name, node_uid=node.uid, taint=taint, reason=reason)
        case "disruption":
            not_before_ms = starts_ms(notice, policy) if intent == "rest" else None
            return _disruption(node, notice, not_before_ms, reason, now_ms)
        case "capacity":
            return _capacity(node, notice, reason)
        case "label":
            if EXCLUDED in node.labels:
                return None
            return SetNodeLabel(
                node=node.name,
                node_uid=node.uid,
                key=EXCLUDED,
                value=EXCLUDED_VALUE,
                reason=reason,
            )
        case "cordon":
            if node.unschedulable:
                return None
            return Cordon(node=node.name, node_uid=node.uid, reason=reason)


def _taint(node: Node) -> str | None:
    return next((it.value for it in node.taints if it.key == INTERRUPTED), None)


def _disruption(
    node: Node, notice: Notice, not_before_ms: int | None, reason: str, now_ms: int
) -> ClaimDisruption | None:
    held = disruption_claim(node.annotations)
    why = reason_of(notice, now_ms)
    claim = DisruptionClaim(
        NAME, why, notice.since_ms, not_before_ms=not_before_ms, deadline_ms=notice.deadline_ms
    )
    if held is not None and held.by == NAME:
        is_urgent_already = held.reason == "Interrupted" or why != "Interrupted"
        is_soon_enough = notice.deadline_ms is None or (
            held.deadline_ms is not None and held.deadline_ms <= notice.deadline_ms
        )
        if is_urgent_already and is_soon_enough and held.not_before_ms == not_before_ms:
            return None
    return ClaimDisruption(
        node=node.name,
        node_uid=node.uid,
        claim=claim,
        # What the cloud takes is taken whoever has begun to empty it: one goes on, with our haste.
        displaces=held.by if held is not None and why == "Interrupted" else "",
        reason=reason,
    )


def _capacity(node: Node, notice: Notice, reason: str) -> ClaimCapacity | None:
    held = capacity_claim(node.annotations)
    claim = CapacityClaim(NAME, notice.since_ms, notice.deadline_ms)
    if held is not None:
        is_soon_enough = notice.deadline_ms is None or (
            held.needed_by_ms is not None and held.needed_by_ms <= notice.deadline_ms
        )
        if is_soon_enough or not may_write_capacity(node.annotations, claim):
            return None
    return ClaimCapacity(node=node.name, node_uid=node.uid, claim=claim, reason=reason)
