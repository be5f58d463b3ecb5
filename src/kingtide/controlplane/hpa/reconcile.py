"""One whole pass of an autoscaler.

Source:
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/horizontal.go
(`reconcileAutoscaler`).
"""

from __future__ import annotations

import msgspec

from kingtide.controlplane.hpa.behavior import effective_behavior
from kingtide.controlplane.hpa.conditions import (
    ConditionUpdate,
    condition_dropped,
    conditions_updated,
)
from kingtide.controlplane.hpa.history import Recommendations, ScaleEvent, event_recorded
from kingtide.controlplane.hpa.model import (
    HpaControllerConfig,
    HpaEvent,
    HpaObservation,
    HpaOutcome,
    HpaSpec,
    HpaState,
)
from kingtide.controlplane.hpa.normalization import (
    Normalized,
    normalize_legacy,
    normalize_with_behavior,
)
from kingtide.controlplane.hpa.recommendation import Recommended, recommend
from kingtide.controlplane.hpa.zero import may_leave_zero, zero_update

_GOT_SCALE = ConditionUpdate(
    "AbleToScale",
    "True",
    "SucceededGetScale",
    "the HPA controller was able to get the target's current scale",
)
_DISABLED = ConditionUpdate(
    "ScalingActive",
    "False",
    "ScalingDisabled",
    "scaling is disabled since the replica count of the target is zero",
)
ABOVE_MAXIMUM = "Current number of replicas above Spec.MaxReplicas"
BELOW_MINIMUM = "Current number of replicas below Spec.MinReplicas"


class _Pass(msgspec.Struct, frozen=True, gc=False):
    """What every step of a pass needs; `history` already knows the current size of a new target."""

    spec: HpaSpec
    state: HpaState
    history: Recommendations
    current: int
    now_ms: int
    config: HpaControllerConfig


def reconcile(
    spec: HpaSpec,
    observation: HpaObservation,
    state: HpaState,
    now_ms: int,
    config: HpaControllerConfig,
) -> HpaOutcome:
    """Decide how many replicas the target shall have now.

    `observation` holds one reading for each metric of the spec. A target outside its bounds jumps
    to the bound without asking any metric or policy; a target at zero is left alone unless its
    autoscaler brought it there.

    Raises:
        ValueError: there are not as many readings as metrics.
    """
    if len(observation.readings) != len(spec.metrics):
        raise ValueError(
            f"{spec.namespace}/{spec.target_name}: {len(observation.readings)} readings for "
            f"{len(spec.metrics)} metrics; give one reading a metric, in the order of the spec"
        )
    current = observation.current_replicas
    history = state.recommendations
    if history is None:
        # Without memory what runs now is the first recommendation, so nothing shrinks at once.
        history = Recommendations((now_ms,), (current,), 0)
    begun = _Pass(spec, state, history, current, now_ms, config)
    if current == 0:
        if not may_leave_zero(spec, state, config):
            return HpaOutcome(0, 0, False, _unscaled(begun, 0, (_GOT_SCALE, _DISABLED)))
    elif current > spec.max_replicas:
        return _jump(begun, spec.max_replicas, ABOVE_MAXIMUM)
    elif current < spec.min_replicas:
        return _jump(begun, spec.min_replicas, BELOW_MINIMUM)
    recommended = recommend(spec, observation, now_ms, config)
    if recommended.replicas is None:
        return _failed(begun, recommended)
    return _by_metrics(begun, recommended, recommended.replicas)


def _jump(begun: _Pass, bound: int, reason: str) -> HpaOutcome:
    """Go straight to a bound; nothing is recommended, but the change counts as a scale event."""
    return HpaOutcome(
        begun.current,
        bound,
        True,
        _scaled(begun, begun.history, bound, ()),
        rescale_reason=reason,
        events=(_rescale_event(bound, reason),),
    )


def _failed(begun: _Pass, recommended: Recommended) -> HpaOutcome:
    """Change nothing and remember nothing: too little is known to decide."""
    updates: tuple[ConditionUpdate, ...] = (_GOT_SCALE,)
    if recommended.failure is not None:
        cause = f"the HPA was unable to compute the replica count: {recommended.failure.cause}"
        updates += (ConditionUpdate("ScalingActive", "False", recommended.failure.reason, cause),)
    spec = begun.spec
    target = f"{spec.target_kind}/{spec.namespace}/{spec.target_name}"
    failed = HpaEvent("Warning", "FailedComputeMetricsReplicas", recommended.error)
    return HpaOutcome(
        begun.current,
        begun.current,
        False,
        _unscaled(begun, begun.state.desired_replicas, updates),
        recommended.outcomes,
        events=(*recommended.events, failed),
        error="failed to compute desired number of replicas based on listed metrics "
        f"for {target}: {recommended.error}",
    )


def _by_metrics(begun: _Pass, recommended: Recommended, proposal: int) -> HpaOutcome:
    """Stabilise and limit what the metrics recommend, and scale where that differs from what is."""
    current = begun.current
    wanted = max(proposal, 0)
    normalized = _normalized(begun, wanted)
    desired = normalized.replicas
    if current == 0:
        # Woken because the minimum was raised: no policy may keep the target below it.
        desired = max(desired, begun.spec.min_replicas)
    history = normalized.recommendations
    updates = _decided(recommended.metric, normalized)
    events = recommended.events
    reason = ""
    if desired == current:
        state = _unscaled(begun, desired, updates, history)
    else:
        state = _scaled(begun, history, desired, updates)
        if wanted > current:
            reason = f"{recommended.metric} above target"
        elif wanted < current:
            reason = "All metrics below target"
        events = (*events, _rescale_event(desired, reason))
    return HpaOutcome(
        current,
        desired,
        desired != current,
        state,
        recommended.outcomes,
        wanted,
        normalized.stabilized_replicas,
        recommended.metric,
        reason,
        events,
        recommended.error,
    )


def _normalized(begun: _Pass, wanted: int) -> Normalized:
    spec = begun.spec
    window_seconds = begun.config.downscale_stabilization_seconds
    if spec.behavior is None:
        return normalize_legacy(
            begun.history,
            wanted,
            begun.current,
            spec.min_replicas,
            spec.max_replicas,
            window_seconds,
            begun.now_ms,
        )
    return normalize_with_behavior(
        begun.history,
        wanted,
        begun.current,
        spec.min_replicas,
        spec.max_replicas,
        effective_behavior(spec.behavior, window_seconds),
        begun.state.scale_up_events,
        begun.state.scale_down_events,
        begun.now_ms,
    )


def _decided(metric: str, normalized: Normalized) -> tuple[ConditionUpdate, ...]:
    """Return the conditions of a pass whose metrics could be had."""
    limit = normalized.limit
    found = f"the HPA was able to successfully calculate a replica count from {metric}"
    able_reason, able_message = normalized.able_to_scale
    return (
        ConditionUpdate("AbleToScale", "True", able_reason, able_message),
        ConditionUpdate("ScalingActive", "True", "ValidMetricFound", found),
        ConditionUpdate(
            "ScalingLimited",
            "True" if normalized.is_limited else "False",
            limit.reason,
            limit.message,
        ),
    )


def _rescale_event(desired: int, reason: str) -> HpaEvent:
    return HpaEvent("Normal", "SuccessfulRescale", f"New size: {desired}; reason: {reason}")


def _unscaled(
    begun: _Pass,
    desired: int,
    updates: tuple[ConditionUpdate, ...],
    history: Recommendations | None = None,
) -> HpaState:
    """Return the state after a pass that asks for nothing."""
    state = begun.state
    conditions = state.conditions
    if not begun.config.scale_to_zero:
        conditions = condition_dropped(conditions, "ScaledToZero")
    return HpaState(
        begun.history if history is None else history,
        state.scale_up_events,
        state.scale_down_events,
        conditions_updated(conditions, updates, begun.now_ms),
        desired,
        state.last_scale_ms,
    )


def _scaled(
    begun: _Pass,
    history: Recommendations,
    desired: int,
    updates: tuple[ConditionUpdate, ...],
) -> HpaState:
    """Return the state once the scale was accepted; only behaviours remember scale events."""
    message = f"the HPA controller was able to update the target scale to {desired}"
    updates += (ConditionUpdate("AbleToScale", "True", "SucceededRescale", message),)
    if begun.config.scale_to_zero:
        updates += (zero_update(begun.spec, begun.current, desired),)
    state = _unscaled(begun, desired, updates, history)
    ups, downs = _events_after(begun, desired)
    return msgspec.structs.replace(
        state, scale_up_events=ups, scale_down_events=downs, last_scale_ms=begun.now_ms
    )


def _events_after(
    begun: _Pass, desired: int
) -> tuple[tuple[ScaleEvent, ...], tuple[ScaleEvent, ...]]:
    """Return the scale events of both directions with this change recorded."""
    ups = begun.state.scale_up_events
    downs = begun.state.scale_down_events
    if begun.spec.behavior is None:
        return ups, downs
    window_seconds = begun.config.downscale_stabilization_seconds
    behavior = effective_behavior(begun.spec.behavior, window_seconds)
    change = desired - begun.current
    if change > 0:
        period_seconds = behavior.scale_up.longest_period_seconds
        return event_recorded(ups, begun.now_ms, change, period_seconds), downs
    period_seconds = behavior.scale_down.longest_period_seconds
    return ups, event_recorded(downs, begun.now_ms, -change, period_seconds)
