"""One whole pass of an autoscaler.

Source:
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/horizontal.go
(`reconcileAutoscaler`).
"""

from __future__ import annotations

from kingtide.controlplane.hpa.behavior import effective_behavior
from kingtide.controlplane.hpa.conditions import condition_dropped, condition_set
from kingtide.controlplane.hpa.history import Recommendations, event_recorded
from kingtide.controlplane.hpa.model import (
    HpaCondition,
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
from kingtide.controlplane.hpa.zero import may_leave_zero, zero_recorded
from kingtide.kube.pods import ConditionStatus


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
    begun = _begun(state, current, now_ms, config)
    if current == 0:
        if not may_leave_zero(spec, begun, config):
            return _disabled(begun, now_ms)
    elif current > spec.max_replicas:
        reason = "Current number of replicas above Spec.MaxReplicas"
        return _jump(spec, begun, current, spec.max_replicas, reason, now_ms, config)
    elif current < spec.min_replicas:
        reason = "Current number of replicas below Spec.MinReplicas"
        return _jump(spec, begun, current, spec.min_replicas, reason, now_ms, config)
    recommended = recommend(spec, observation, now_ms, config)
    if recommended.replicas is None:
        return _failed(spec, begun, current, recommended, now_ms)
    return _by_metrics(spec, begun, current, recommended, recommended.replicas, now_ms, config)


def _begun(state: HpaState, current: int, now_ms: int, config: HpaControllerConfig) -> HpaState:
    """Return the state as every pass begins: without memory, what runs now is the first recommendation."""
    conditions = condition_set(
        state.conditions,
        "AbleToScale",
        "True",
        "SucceededGetScale",
        "the HPA controller was able to get the target's current scale",
        now_ms,
    )
    if not config.scale_to_zero:
        conditions = condition_dropped(conditions, "ScaledToZero")
    recommendations = state.recommendations
    if recommendations is None:
        recommendations = Recommendations((now_ms,), (current,))
    return HpaState(
        recommendations,
        state.scale_up_events,
        state.scale_down_events,
        conditions,
        state.desired_replicas,
        state.last_scale_ms,
    )


def _disabled(state: HpaState, now_ms: int) -> HpaOutcome:
    """Leave a target at zero: somebody switched it off."""
    conditions = condition_set(
        state.conditions,
        "ScalingActive",
        "False",
        "ScalingDisabled",
        "scaling is disabled since the replica count of the target is zero",
        now_ms,
    )
    return HpaOutcome(0, 0, False, _with_status(state, conditions, 0))


def _jump(
    spec: HpaSpec,
    state: HpaState,
    current: int,
    bound: int,
    reason: str,
    now_ms: int,
    config: HpaControllerConfig,
) -> HpaOutcome:
    """Go straight to a bound; nothing is recorded as recommendation, but the scale event counts."""
    return HpaOutcome(
        current,
        bound,
        True,
        _rescaled(spec, state, current, bound, now_ms, config),
        rescale_reason=reason,
        events=(_rescale_event(bound, reason),),
    )


def _failed(
    spec: HpaSpec, state: HpaState, current: int, recommended: Recommended, now_ms: int
) -> HpaOutcome:
    """Change nothing and remember nothing: too little is known to decide."""
    conditions = state.conditions
    if recommended.failure is not None:
        conditions = condition_set(
            conditions,
            "ScalingActive",
            "False",
            recommended.failure.reason,
            f"the HPA was unable to compute the replica count: {recommended.failure.cause}",
            now_ms,
        )
    target = f"{spec.target_kind}/{spec.namespace}/{spec.target_name}"
    failed = HpaEvent("Warning", "FailedComputeMetricsReplicas", recommended.error)
    return HpaOutcome(
        current,
        current,
        False,
        _with_status(state, conditions, state.desired_replicas),
        recommended.outcomes,
        events=(*recommended.events, failed),
        error="failed to compute desired number of replicas based on listed metrics "
        f"for {target}: {recommended.error}",
    )


def _by_metrics(
    spec: HpaSpec,
    state: HpaState,
    current: int,
    recommended: Recommended,
    proposal: int,
    now_ms: int,
    config: HpaControllerConfig,
) -> HpaOutcome:
    """Stabilise and limit what the metrics recommend, and scale where that differs from what is."""
    wanted = max(proposal, 0)
    normalized = _normalized(spec, state, current, wanted, now_ms, config)
    desired = normalized.replicas
    if current == 0:
        # Only a raised minimum lets a target at zero get here with less than it: it must wake all the same.
        desired = max(desired, spec.min_replicas)
    conditions = _conditions_of(state.conditions, recommended.metric, normalized, now_ms)
    after = HpaState(
        normalized.recommendations,
        state.scale_up_events,
        state.scale_down_events,
        conditions,
        desired,
        state.last_scale_ms,
    )
    events = recommended.events
    reason = ""
    if desired != current:
        after = _rescaled(spec, after, current, desired, now_ms, config)
        reason = _reason(recommended.metric if proposal > 0 else "", wanted, current)
        events = (*events, _rescale_event(desired, reason))
    return HpaOutcome(
        current,
        desired,
        desired != current,
        after,
        recommended.outcomes,
        wanted,
        normalized.stabilized_replicas,
        recommended.metric,
        reason,
        events,
        recommended.error,
    )


def _normalized(
    spec: HpaSpec,
    state: HpaState,
    current: int,
    wanted: int,
    now_ms: int,
    config: HpaControllerConfig,
) -> Normalized:
    history = state.recommendations or Recommendations()
    window_seconds = config.downscale_stabilization_seconds
    if spec.behavior is None:
        return normalize_legacy(
            history, wanted, current, spec.min_replicas, spec.max_replicas, window_seconds, now_ms
        )
    return normalize_with_behavior(
        history,
        wanted,
        current,
        spec.min_replicas,
        spec.max_replicas,
        effective_behavior(spec.behavior, window_seconds),
        state.scale_up_events,
        state.scale_down_events,
        now_ms,
    )


def _conditions_of(
    conditions: tuple[HpaCondition, ...], metric: str, normalized: Normalized, now_ms: int
) -> tuple[HpaCondition, ...]:
    """Return the three conditions of a pass that could decide."""
    conditions = condition_set(
        conditions,
        "ScalingActive",
        "True",
        "ValidMetricFound",
        f"the HPA was able to successfully calculate a replica count from {metric}",
        now_ms,
    )
    conditions = condition_set(conditions, "AbleToScale", "True", *normalized.able_to_scale, now_ms)
    limit = normalized.limit
    status: ConditionStatus = "True" if normalized.is_limited else "False"
    return condition_set(conditions, "ScalingLimited", status, limit.reason, limit.message, now_ms)


def _reason(metric: str, wanted: int, current: int) -> str:
    """Return why the size changes, from what the metrics want: empty when only the history wants a change."""
    if wanted > current:
        return f"{metric} above target"
    return "All metrics below target" if wanted < current else ""


def _rescale_event(desired: int, reason: str) -> HpaEvent:
    return HpaEvent("Normal", "SuccessfulRescale", f"New size: {desired}; reason: {reason}")


def _rescaled(
    spec: HpaSpec,
    state: HpaState,
    current: int,
    desired: int,
    now_ms: int,
    config: HpaControllerConfig,
) -> HpaState:
    """Return the state once the scale was accepted; only behaviours remember scale events."""
    conditions = condition_set(
        state.conditions,
        "AbleToScale",
        "True",
        "SucceededRescale",
        f"the HPA controller was able to update the target scale to {desired}",
        now_ms,
    )
    if config.scale_to_zero:
        conditions = zero_recorded(conditions, spec, current, desired, now_ms)
    up_events = state.scale_up_events
    down_events = state.scale_down_events
    if spec.behavior is not None:
        behavior = effective_behavior(spec.behavior, config.downscale_stabilization_seconds)
        if desired > current:
            period = behavior.scale_up.longest_period_seconds
            up_events = event_recorded(up_events, now_ms, desired - current, period)
        else:
            period = behavior.scale_down.longest_period_seconds
            down_events = event_recorded(down_events, now_ms, current - desired, period)
    return HpaState(state.recommendations, up_events, down_events, conditions, desired, now_ms)


def _with_status(state: HpaState, conditions: tuple[HpaCondition, ...], desired: int) -> HpaState:
    return HpaState(
        state.recommendations,
        state.scale_up_events,
        state.scale_down_events,
        conditions,
        desired,
        state.last_scale_ms,
    )
