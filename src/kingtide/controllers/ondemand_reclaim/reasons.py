"""Why a node is to be emptied, or why not: its age, its conditions, and who says otherwise."""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.control.claims import disruption_claim
from kingtide.controllers.ondemand_reclaim.conditions import BadCondition, may_offend, offending
from kingtide.controllers.ondemand_reclaim.groups import Groups
from kingtide.controllers.ondemand_reclaim.label_expression import Term, holds
from kingtide.controllers.ondemand_reclaim.marks import (
    NAME,
    given_up_until_ms,
    is_cordoned_by_us,
    own_claim,
)
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.kube.nodes import Node
from kingtide.kube.taints import Taint

TO_BE_DELETED = "ToBeDeletedByClusterAutoscaler"
"""Taint of a node that node_autoscaling, or Cluster Autoscaler, removes."""

Reason = Literal["Expired", "Degraded"]
RefusalCode = Literal[
    "NotSelected",
    "NoSpotSibling",
    "NotInAGroup",
    "NotOldEnough",
    "ClaimedByOther",
    "BeingRemoved",
    "CordonedByOther",
    "GivenUp",
]


class Rules(msgspec.Struct, frozen=True):
    """What the policy's texts say, parsed."""

    selection: Term
    conditions: tuple[BadCondition, ...]


class Wanted(msgspec.Struct, frozen=True, gc=False):
    """A node to be emptied for a reason; `due_ms` is from when on, `detail` the conditions."""

    reason: Reason
    due_ms: int
    detail: str = ""


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """Why a node is not to be emptied, with what there is to say of it."""

    code: RefusalCode
    detail: str = ""


def is_concerned(node: Node, rules: Rules) -> bool:
    """Return whether a node is worth a look at every pass: few are, on a fleet of spot."""
    return (
        not node.is_spot
        or own_claim(node) is not None
        or is_cordoned_by_us(node)
        or may_offend(node, rules.conditions)
    )


def judge(
    node: Node, groups: Groups, rules: Rules, policy: OndemandReclaimPolicy, now_ms: int
) -> Wanted | Refusal:
    """Return why a node is to be emptied, its conditions before its age, or why not.

    A node that is too young for its age to count, but old enough to look for a place for its pods,
    is wanted with `due_ms` in the future.
    """
    if not holds(rules.selection, node.labels):
        return Refusal("NotSelected")
    bad = offending(node, rules.conditions, now_ms)
    found = groups.of(node)
    if found is None:
        return Refusal("NotInAGroup", ", ".join(it.type for it in bad))
    if not bad and not groups.is_replaceable_by_spot(node):
        return Refusal("NoSpotSibling")
    other = _other_owner(node)
    if other is not None:
        return other
    if own_claim(node) is None and given_up_until_ms(node) > now_ms:
        return Refusal("GivenUp")
    if bad:
        return Wanted("Degraded", now_ms, ", ".join(it.type for it in bad))
    due_ms = found[1].launched_ms + policy.max_age_seconds * 1000
    if own_claim(node) is None:
        if now_ms < due_ms - policy.claim_lead_seconds * 1000:
            return Refusal("NotOldEnough")
        if node.unschedulable and not is_cordoned_by_us(node):
            return Refusal("CordonedByOther")
    return Wanted("Expired", due_ms)


def _other_owner(node: Node) -> Refusal | None:
    """Return who else is emptying a node, None where nobody is."""
    claim = disruption_claim(node.annotations)
    if claim is not None and claim.by != NAME:
        return Refusal("ClaimedByOther", claim.by)
    if node.deletion_ms is not None or _removal_taint(node) is not None:
        return Refusal("BeingRemoved")
    return None


def _removal_taint(node: Node) -> Taint | None:
    return next((it for it in node.taints if it.key == TO_BE_DELETED), None)
