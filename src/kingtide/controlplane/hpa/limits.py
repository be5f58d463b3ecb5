"""How far one pass may go: the rate of change, then the bounds of the autoscaler.

Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#scaling-policies
and https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/horizontal.go
(`convertDesiredReplicasWithRules`, `convertDesiredReplicasWithBehaviorRate`).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kingtide.controlplane.hpa.behavior import EffectiveBehavior, EffectiveRules
from kingtide.controlplane.hpa.doubles import (
    MAX_INT32,
    MIN_INT32,
    ceil_int32,
    truncate_int32,
    wrap_int32,
)
from kingtide.controlplane.hpa.history import ScaleEvent, change_within
from kingtide.controlplane.hpa.model import ScalingPolicy

LEGACY_UP_FACTOR = 2
"""Without a behaviour one pass at most doubles.

Against bogus usage reports: https://github.com/kubernetes/kubernetes/issues/32304.
"""

LEGACY_UP_MINIMUM = 4
"""... but may always reach four, so that one replica is not stuck with two."""


class Limit(msgspec.Struct, frozen=True, gc=False):
    """What may be asked for, and why it is not more (or less).

    The reason and message of ScalingLimited.
    """

    replicas: int
    reason: str
    message: str


WITHIN_RANGE = ("DesiredWithinRange", "the desired count is within the acceptable range")
_UP_RATE = (
    "ScaleUpLimit",
    "the desired replica count is increasing faster than the maximum scale rate",
)
_DOWN_RATE = (
    "ScaleDownLimit",
    "the desired replica count is decreasing faster than the maximum scale rate",
)
_ABOVE_MAXIMUM = (
    "TooManyReplicas",
    "the desired replica count is more than the maximum replica count",
)
_BELOW_MINIMUM = (
    "TooFewReplicas",
    "the desired replica count is less than the minimum replica count",
)


def limit_legacy(current: int, desired: int, minimum: int, maximum: int) -> Limit:
    """Return the desired size within the bounds and within twice the current size (or four)."""
    if desired < minimum:
        return Limit(minimum, *_BELOW_MINIMUM)
    rate_limit = legacy_scale_up_limit(current)
    if maximum > rate_limit:
        if desired > rate_limit:
            return Limit(rate_limit, *_UP_RATE)
    elif desired > maximum:
        return Limit(maximum, *_ABOVE_MAXIMUM)
    return Limit(desired, *WITHIN_RANGE)


def legacy_scale_up_limit(current: int) -> int:
    """Return the size one pass may reach without a behaviour."""
    return max(LEGACY_UP_FACTOR * current, LEGACY_UP_MINIMUM)


def limit_with_behavior(
    current: int,
    desired: int,
    minimum: int,
    maximum: int,
    behavior: EffectiveBehavior,
    up_events: tuple[ScaleEvent, ...],
    down_events: tuple[ScaleEvent, ...],
    now_ms: int,
) -> Limit:
    """Return the desired size within the policies of its direction.

    Then within the bound of that direction.

    A size that does not change is never limited, not even when it is out of bounds; on the way down
    the minimum holds even where that means to grow. Policies that are used up hold the current
    size.
    """
    if desired > current:
        allowed = max(
            scale_up_limit(current, behavior.scale_up, up_events, down_events, now_ms), current
        )
        why = _ABOVE_MAXIMUM
        if maximum > allowed:
            why = _UP_RATE
        allowed = min(allowed, maximum)
        if desired > allowed:
            return Limit(allowed, *why)
    elif desired < current:
        allowed = min(
            scale_down_limit(current, behavior.scale_down, up_events, down_events, now_ms), current
        )
        why = _BELOW_MINIMUM
        if minimum < allowed:
            why = _DOWN_RATE
        allowed = max(allowed, minimum)
        if desired < allowed:
            return Limit(allowed, *why)
    return Limit(desired, *WITHIN_RANGE)


def scale_up_limit(
    current: int,
    rules: EffectiveRules,
    up_events: tuple[ScaleEvent, ...],
    down_events: tuple[ScaleEvent, ...],
    now_ms: int,
) -> int:
    """Return the largest size the policies allow.

    Before it is held against the current size and the bounds.

    A percentage is computed in doubles and rounded up, so 50 plus 10 % is 56.
    """
    if rules.select_policy == "Disabled":
        return current
    proposals = [
        wrap_int32(start + policy.value)
        if policy.type == "Pods"
        else ceil_int32(float(start) * (1 + float(policy.value) / 100))
        for policy, start in _starts(current, rules, up_events, down_events, now_ms)
    ]
    if rules.select_policy == "Min":
        return min(proposals, default=MAX_INT32)
    return max(proposals, default=MIN_INT32)


def scale_down_limit(
    current: int,
    rules: EffectiveRules,
    up_events: tuple[ScaleEvent, ...],
    down_events: tuple[ScaleEvent, ...],
    now_ms: int,
) -> int:
    """Return the smallest size the policies allow.

    Before it is held against the current size and the bounds.

    A percentage is computed in doubles and truncated, so 50 less 80 % is 9.
    """
    if rules.select_policy == "Disabled":
        return current
    proposals = [
        wrap_int32(start - policy.value)
        if policy.type == "Pods"
        else truncate_int32(float(start) * (1 - float(policy.value) / 100))
        for policy, start in _starts(current, rules, up_events, down_events, now_ms)
    ]
    if rules.select_policy == "Min":
        return max(proposals, default=MIN_INT32)
    return min(proposals, default=MAX_INT32)


def _starts(
    current: int,
    rules: EffectiveRules,
    up_events: tuple[ScaleEvent, ...],
    down_events: tuple[ScaleEvent, ...],
    now_ms: int,
) -> Iterator[tuple[ScalingPolicy, int]]:
    """Yield each policy with how many replicas there were when its period began.

    From the events of both directions.
    """
    for policy in rules.policies:
        more = change_within(up_events, now_ms, policy.period_seconds)
        fewer = change_within(down_events, now_ms, policy.period_seconds)
        yield policy, current - more + fewer
