"""Down and up again, such that nothing is lost on the way.

Where kube-downscaler's rules are known to lose something, these differ: the size to come back to
survives a downtime-replicas that changes meanwhile, a workload whose size is neither the one nor
the other comes up all the same, and what somebody scaled by hand stays as they said.
"""

from __future__ import annotations

from kingtide.controllers.downscaling.grace import in_grace_until
from kingtide.controllers.downscaling.marker import restored
from kingtide.controllers.downscaling.size import ON_OFF_KINDS, UNPAUSED, Size
from kingtide.controllers.downscaling.step import Case, Step
from kingtide.controllers.downscaling.writes import make_smaller, restore, take_off_marker
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.kube.scalables import ScalableKind


def bring_down(case: Case) -> Step:
    """Return what a workload's downtime makes of it.

    Raises:
        NoBirth: nobody knows when it was created.
    """
    it, size, marker = case.it, case.size, case.marker
    if it.kind == "PodDisruptionBudget" and it.min_available is None:
        # Fewer pods may be away then, of a workload that is away: it would only stop drains.
        return Step("noticed", "BudgetLeft")
    target = target_of(it.kind, case.downtime_pods, case.policy)
    if case.autoscaler is not None and target > 0:
        # It would have the replicas back at its next look, and so on for the whole night.
        return Step("noticed", "AutoscalerScales", {"autoscaler": case.autoscaler.name})
    if marker is None:
        return _first_time(case, target) if size.is_above(target) else Step("noticed", "Down")
    if size.pods == target:
        return Step("noticed", "Down")
    if _is_by_hand(size, marker):
        if case.policy.manual_replicas == "keep":
            return Step("noticed", "KeptByHand", {"replicas": size.amount})
        return _lowered(case, target, size)
    bounded = target if marker.pods is None else min(target, marker.pods)
    if size.pods == bounded:
        return Step("noticed", "Down")
    # Downtime-replicas changed while it is down: followed, both ways, with the marker as it is.
    return _lowered(case, bounded, None, code="FollowedDown")


def bring_up(case: Case) -> Step:
    """Return what a workload's uptime makes of it."""
    it, size, marker = case.it, case.size, case.marker
    if marker is None:
        return Step("noticed", "Up")
    wanted = restored(it, marker)
    if _is_by_hand(size, wanted) or size.amount == wanted.amount:
        action = take_off_marker(it, f"{case.wish.why}, and it has {size.amount} already")
        return Step("acted", "MarkerRemoved", {"replicas": size.amount}, action)
    reason = f"up again: {case.wish.why}"
    return Step(
        "acted",
        "ScaledUp",
        {"before": size.amount, "after": wanted.amount, "why": case.wish.why},
        restore(it, wanted, reason),
    )


def target_of(kind: ScalableKind, downtime_pods: int, policy: DownscalingPolicy) -> int:
    """Return how many pods a kind can be brought to."""
    if kind in ON_OFF_KINDS:
        return min(downtime_pods, 1)
    if kind == "HorizontalPodAutoscaler" and not policy.hpa_scale_to_zero:
        return max(downtime_pods, 1)
    return downtime_pods


def _is_by_hand(size: Size, marker: Size) -> bool:
    """Whether somebody has brought a workload back to its old size, or above, in its downtime."""
    if size.pods is None:
        return True
    if marker.pods is None:
        return False  # it was not paused, or a percentage, and is a number now
    return size.pods >= marker.pods


def _first_time(case: Case, target: int) -> Step:
    grace_until_ms = in_grace_until(case.it, case.words, case.policy)
    if case.at_ms <= grace_until_ms:
        return Step("waits", "InGrace", {"why": case.wish.why}, again_ms=grace_until_ms + 1)
    return _lowered(case, target, case.size)


def _lowered(case: Case, target: int, marker: Size | None, code: str = "ScaledDown") -> Step:
    if case.marker is not None and marker is not None and marker.amount == UNPAUSED:
        marker = None  # unpaused by hand: what it was paused at before stays remembered
    reason = f"down: {case.wish.why}"
    details = {"before": case.size.amount, "after": str(target), "why": case.wish.why}
    return Step("acted", code, details, make_smaller(case.it, target, marker, reason))
