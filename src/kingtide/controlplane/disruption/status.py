"""The disruption controller's word on a budget: how many disruptions it allows now.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/disruption/disruption.go,
trySync, updatePdbStatus and failSafe; conditions:
https://github.com/kubernetes/component-helpers/blob/v0.36.0/apps/poddisruptionbudget/helpers.go
"""

from __future__ import annotations

import msgspec

from kingtide.controlplane.disruption.census import Census
from kingtide.controlplane.disruption.expectation import ScaleLookup, SyncFailure, expectation
from kingtide.controlplane.disruption.health import counts_as_healthy, is_healthy, still_disrupted
from kingtide.kube.pods import Condition, ConditionStatus
from kingtide.kube.workloads import PodDisruptionBudget

SUFFICIENT_PODS = "SufficientPods"
INSUFFICIENT_PODS = "InsufficientPods"
SYNC_FAILED = "SyncFailed"


class BudgetSync(msgspec.Struct, frozen=True, gc=False):
    """A budget with its new status; the same object where nothing changed.

    `recheck_ms` is when to look again though nothing happened, None for never; `not_deleted` names
    pods whose granted eviction was given up.
    """

    budget: PodDisruptionBudget
    recheck_ms: int | None = None
    not_deleted: tuple[str, ...] = ()


def synced(
    budget: PodDisruptionBudget, counted: Census, scale_of: ScaleLookup, now_ms: int
) -> BudgetSync:
    """Return a budget with the status that its pods give it.

    Raises:
        NotAnAmount: minAvailable or maxUnavailable is neither a number nor a percentage.
    """
    expected = expectation(budget, counted.pods, counted.owned, scale_of)
    if isinstance(expected, SyncFailure):
        return BudgetSync(_failed(budget, expected.message, now_ms))
    disrupted = still_disrupted(counted.granted, budget.disrupted_pods, now_ms)
    healthy = counted.healthy
    for pod in counted.granted:
        if is_healthy(pod) and not counts_as_healthy(pod, disrupted.pods, now_ms):
            healthy -= 1
    allowed = healthy - expected.desired_healthy
    if expected.expected_pods <= 0 or allowed <= 0:
        allowed = 0
    changed = with_allowed(
        budget,
        allowed,
        now_ms,
        current_healthy=healthy,
        desired_healthy=expected.desired_healthy,
        expected_pods=expected.expected_pods,
        disrupted_pods=disrupted.pods,
        observed_generation=budget.generation,
    )
    return BudgetSync(
        budget if changed == budget else changed, disrupted.recheck_ms, disrupted.not_deleted
    )


def with_allowed(
    budget: PodDisruptionBudget, allowed: int, now_ms: int, **changes: object
) -> PodDisruptionBudget:
    """Return a budget that allows so many disruptions, its condition in step."""
    status: ConditionStatus = "True" if allowed > 0 else "False"
    reason = SUFFICIENT_PODS if allowed > 0 else INSUFFICIENT_PODS
    condition = _transition(budget.disruption_allowed, status, reason, "", now_ms)
    return msgspec.structs.replace(
        budget, disruptions_allowed=allowed, disruption_allowed=condition, **changes
    )


def _failed(budget: PodDisruptionBudget, message: str, now_ms: int) -> PodDisruptionBudget:
    condition = _transition(budget.disruption_allowed, "False", SYNC_FAILED, message, now_ms)
    failed = msgspec.structs.replace(budget, disruptions_allowed=0, disruption_allowed=condition)
    return budget if failed == budget else failed


def _transition(
    known: Condition | None, status: ConditionStatus, reason: str, message: str, now_ms: int
) -> Condition:
    """Return a condition; its time is that of the last change of status."""
    since_ms = known.since_ms if known is not None and known.status == status else now_ms
    return Condition(status, since_ms, reason, message)
