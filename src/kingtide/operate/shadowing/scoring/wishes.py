"""What our controllers want in one pass, read from their actions; nothing of it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kingtide.control.action import Action, SetDesiredCapacity
from kingtide.control.node_actions import ClaimCapacity, ClaimDisruption
from kingtide.control.report import Report

SCALER = "node_autoscaling"
RECLAIMER = "ondemand_reclaim"
COMPARED = (SCALER, RECLAIMER)
"""Controllers that have a counterpart in Cluster Autoscaler or Karpenter, or save what those leave.

The others act on pods, messages and replicas, which another autoscaler does not do: there is
nothing to compare them with.
"""

NOT_YET = ("NotUnneededLongEnough", "NotUnreadyLongEnough")
"""Verdicts of a node that only time keeps from being removed."""


class Wishes(msgspec.Struct, frozen=True):
    """One pass: nodes more by group, nodes to remove, and what stands of nodes that stay.

    `pods` are those that the wanted nodes are for, by group. `ripe_ms` tells when a node that is
    not needed is due to go, None that it is not due by itself any more; a node is in it only where
    that changed. `others` counts the actions that are not scored, by name.
    """

    by: str
    raises: Mapping[str, int] = {}
    pods: Mapping[str, int] = {}
    removals: tuple[str, ...] = ()
    ripe_ms: Mapping[str, int | None] = {}
    others: Mapping[str, int] = {}


def wishes_of(by: str, granted: Iterable[Action], report: Report, now_ms: int) -> Wishes:
    """Return what a controller wants, of the actions that arbitration granted it."""
    raises: dict[str, int] = {}
    removals: dict[str, None] = {}
    others: dict[str, int] = {}
    for action in granted:
        match action:
            case SetDesiredCapacity() if action.desired > action.expected_desired:
                more = action.desired - action.expected_desired
                raises[action.group] = raises.get(action.group, 0) + more
            case ClaimDisruption() if not action.claim.rests:
                removals[action.node] = None
            case ClaimCapacity() if by == RECLAIMER:
                removals[action.node] = None
            case _:
                name = type(action).__name__
                others[name] = others.get(name, 0) + 1
    pods: dict[str, int] = {}
    ripe_ms: dict[str, int | None] = {}
    for verdict in report.verdicts:
        kind, _, name = verdict.subject.partition("/")
        count = verdict.details.get("pods")
        if kind == "group" and name in raises and isinstance(count, int):
            pods[name] = pods.get(name, 0) + count
        elif kind == "node" and by == SCALER:
            needed = verdict.details.get("needed_seconds")
            if verdict.code in NOT_YET and isinstance(needed, int):
                ripe_ms[name] = now_ms + needed * 1000
            elif verdict.stance in ("refused", "cleared"):
                ripe_ms[name] = None
    return Wishes(by, raises, pods, tuple(removals), ripe_ms, others)
