"""One budget for all voluntary disruption of nodes: how many at once, and how many there are now.

Karpenter's rules: a budget with a schedule holds for a duration from each time it fires (UTC); of
all that hold for a reason the smallest counts; percentages are rounded up; one that cannot be read
allows nothing. Source:
https://github.com/kubernetes-sigs/karpenter/blob/22664681/pkg/apis/v1/nodepool.go
(MustGetAllowedDisruptions, IsActive), and
https://github.com/kubernetes-sigs/karpenter/blob/22664681/pkg/controllers/disruption/helpers.go
(BuildDisruptionBudgetMapping) for which nodes count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from kingtide.control.claims import DisruptionReason, disruption_claim
from kingtide.control.removal_taint import removal_taint
from kingtide.controlplane.workloads.cron.fields import (
    CronSchedule,
    UnreadableSchedule,
    parse_schedule,
)
from kingtide.controlplane.workloads.cron.schedule import next_run_ms
from kingtide.fleet.policies.disruption import DisruptionBudget, DisruptionPolicy
from kingtide.kube.nodes import Node

# Karpenter's own pattern: a percentage ends at 100.
_NODES = re.compile(r"(100|[0-9]{1,2})%|[0-9]{1,9}")

NEVER_READY_MARGIN_MS = 120_000
"""A Ready condition that last changed this soon after the node's creation was never True.

Source: clusterstate's MaxStatusSettingDelayAfterCreation (cluster-autoscaler, 33c3f97b).
"""


class BudgetUnreadable(ValueError):
    """A budget that says nothing; `field` is the setting at fault, as the struct names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Budget(msgspec.Struct, frozen=True):
    """A budget as read: a number of nodes or a percentage, for some reasons, at some times.

    `schedule` None holds always; `reasons` empty means all.
    """

    number: int
    is_percentage: bool = False
    schedule: CronSchedule | None = None
    duration_ms: int = 0
    reasons: tuple[str, ...] = ()


NOTHING_ALLOWED = Budget(0)
"""What stands for budgets that cannot be read."""


class Tally(msgspec.Struct, frozen=True, gc=False):
    """How many nodes count, and how many of them are disrupted now."""

    nodes: int
    disrupted: int


def read_budget(written: DisruptionBudget) -> Budget:
    """Return a budget as read.

    Raises:
        BudgetUnreadable: which setting says nothing, and what to write.
    """
    nodes = str(written.nodes)
    if _NODES.fullmatch(nodes) is None:
        raise BudgetUnreadable(
            "nodes", f"{nodes!r} is no number of nodes; write for example 5 or 10%"
        )
    if (written.schedule is None) != (written.duration_seconds is None):
        missing = "schedule" if written.schedule is None else "duration_seconds"
        raise BudgetUnreadable(
            missing, "a schedule and a duration go together; write both or none of them"
        )
    try:
        schedule = None if written.schedule is None else parse_schedule(written.schedule)
    except UnreadableSchedule as error:
        raise BudgetUnreadable("schedule", str(error)) from error
    return Budget(
        number=int(nodes.removesuffix("%")),
        is_percentage=nodes.endswith("%"),
        schedule=schedule,
        duration_ms=1000 * (written.duration_seconds or 0),
        reasons=written.reasons,
    )


def read_budgets(policy: DisruptionPolicy) -> tuple[Budget, ...]:
    """Return a policy's budgets; one that allows nothing where any of them cannot be read."""
    try:
        return tuple(read_budget(it) for it in policy.budgets)
    except BudgetUnreadable:
        return (NOTHING_ALLOWED,)


def is_active(budget: Budget, now_ms: int) -> bool:
    """Return whether a budget holds: its schedule fired within its duration."""
    if budget.schedule is None:
        return True
    # The schedule's times are whole seconds and the first one after its argument is looked for.
    fired_ms = next_run_ms(budget.schedule, now_ms - budget.duration_ms)
    return fired_ms is not None and fired_ms <= now_ms


def allowed(budgets: Sequence[Budget], reason: str, nodes: int, now_ms: int) -> int | None:
    """Return how many of so many nodes may be disrupted at once for a reason, None for any number.

    What the cloud takes (Interrupted) is nobody's choice and always allowed.
    """
    if reason == "Interrupted":
        return None
    limits = [
        -(-budget.number * nodes // 100) if budget.is_percentage else budget.number
        for budget in budgets
        if (not budget.reasons or reason in budget.reasons) and is_active(budget, now_ms)
    ]
    return min(limits, default=None)


def is_disrupted(node: Node) -> bool:
    """Return whether a node is being emptied, removed or is not Ready.

    A claim whose owner rests between two attempts does not count, nor when its rest is over: the
    owner claims anew before it goes on, which takes room in the budget. It counts as long as the
    node is cordoned, though: an uncordon may fail, and until it is done nothing can run there.
    """
    if not node.is_ready or node.deletion_ms is not None or removal_taint(node) is not None:
        return True
    claim = disruption_claim(node.annotations)
    return claim is not None and (not claim.rests or node.unschedulable)


def tally(nodes: Iterable[Node], also: Iterable[str] = ()) -> Tally:
    """Return how many nodes count and are disrupted; those that were never Ready do not count.

    `also` names nodes whose claims were granted and are not seen on them yet.
    """
    granted = dict.fromkeys(also)
    count = disrupted = 0
    for node in nodes:
        if was_never_ready(node):
            continue
        count += 1
        disrupted += node.name in granted or is_disrupted(node)
    return Tally(count, disrupted)


def room(
    budgets: Sequence[Budget], reason: DisruptionReason, counted: Tally, now_ms: int
) -> int | None:
    """Return how many more nodes may be disrupted for a reason now, None for any number."""
    most = allowed(budgets, reason, counted.nodes, now_ms)
    return None if most is None else max(0, most - counted.disrupted)


def was_never_ready(node: Node) -> bool:
    """Return whether a node that is not Ready never was, going by its conditions' times."""
    return not node.is_ready and node.ready.since_ms - node.created_ms < NEVER_READY_MARGIN_MS
