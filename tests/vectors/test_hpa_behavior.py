"""Normalisation alone, over several steps, and whole passes (hpa_behavior.json)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from kingtide.controlplane.hpa.behavior import EffectiveBehavior, EffectiveRules, effective_behavior
from kingtide.controlplane.hpa.history import Recommendations, ScaleEvent, event_recorded
from kingtide.controlplane.hpa.limits import (
    legacy_scale_up_limit,
    scale_down_limit,
    scale_up_limit,
)
from kingtide.controlplane.hpa.model import (
    HpaCondition,
    HpaControllerConfig,
    HpaObservation,
    HpaSpec,
    HpaState,
)
from kingtide.controlplane.hpa.normalization import (
    Normalized,
    normalize_legacy,
    normalize_with_behavior,
)
from kingtide.controlplane.hpa.reading import MetricReading
from kingtide.controlplane.hpa.reconcile import reconcile
from kingtide.controlplane.hpa.tolerance import tolerances
from kingtide.kube.pods import ConditionStatus
from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.hpa_situations import (
    NAMESPACE,
    BehaviorSituation,
    EventSituation,
    MetricSituation,
    PodSituation,
    RecommendationSituation,
    Samples,
    Seconds,
    pods_reading,
    recommendations,
    scale_events,
    shown_events,
    shown_recommendations,
    to_ms,
)

vectors = VectorFile("hpa_behavior")


@vectors.cases("cases")
def test_behavior(case: Case) -> Mapping[str, Any]:
    answers = {"single": _single, "sequence": _sequence, "reconcile": _reconcile}
    return answers[case.given["mode"]](case.input)


# ------------------------------------------------------------------ one normalisation


class Autoscaler(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all modes say of an autoscaler, and the memory it starts with."""

    behavior: BehaviorSituation | None
    min_replicas: int
    max_replicas: int
    downscale_stabilization_s: int
    default_tolerance: float = 0.1
    gate_configurable_tolerance: bool = True
    scale_up_events: tuple[EventSituation, ...] = ()
    scale_down_events: tuple[EventSituation, ...] = ()

    def spec(self, metrics: Sequence[MetricSituation] = ()) -> HpaSpec:
        """The autoscaler's specification."""
        return HpaSpec(
            NAMESPACE,
            "d",
            self.max_replicas,
            tuple(metric.spec() for metric in metrics),
            self.min_replicas,
            behavior=None if self.behavior is None else self.behavior.behavior(),
        )

    def effective(self) -> EffectiveBehavior | None:
        """The behaviour with its defaults, None for the algorithm without behaviours."""
        behavior = self.spec().behavior
        if behavior is None:
            return None
        return effective_behavior(behavior, self.downscale_stabilization_s)


class Single(Autoscaler, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One recommendation to normalise."""

    now_s: Seconds
    current_replicas: int
    recommended_replicas: int
    recommendations: tuple[RecommendationSituation, ...] = ()


def _single(given: Mapping[str, Any]) -> Mapping[str, Any]:
    situation = msgspec.convert(given, Single)
    now_ms = to_ms(situation.now_s)
    current = situation.current_replicas
    history = recommendations(situation.recommendations)
    ups = scale_events(situation.scale_up_events)
    downs = scale_events(situation.scale_down_events)
    normalized = _normalized(
        situation, history, situation.recommended_replicas, current, ups, downs, now_ms
    )
    behavior = situation.effective()
    up_limit: int = legacy_scale_up_limit(current)
    down_limit: int | None = None
    if behavior is not None:
        up_limit = scale_up_limit(current, behavior.scale_up, ups, downs, now_ms)
        down_limit = scale_down_limit(current, behavior.scale_down, ups, downs, now_ms)
    config = HpaControllerConfig(
        tolerance=situation.default_tolerance,
        configurable_tolerance=situation.gate_configurable_tolerance,
    )
    allowed = tolerances(situation.spec().behavior, config)
    ups, downs = _stored(situation, normalized.replicas, current, ups, downs, now_ms)
    return {
        "stabilized": normalized.stabilized_replicas,
        "final": normalized.replicas,
        "able_to_scale": _shown_condition("True", *normalized.able_to_scale),
        "scaling_limited": _shown_condition(
            "True" if normalized.is_limited else "False",
            normalized.limit.reason,
            normalized.limit.message,
        ),
        "scale_up_limit": up_limit,
        "scale_down_limit": down_limit,
        "tolerance_up": allowed.up,
        "tolerance_down": allowed.down,
        "effective_behavior": _shown_behavior(behavior),
        "recommendations_after": shown_recommendations(normalized.recommendations),
        "scale_up_events_after": shown_events(ups),
        "scale_down_events_after": shown_events(downs),
    }


def _normalized(
    autoscaler: Autoscaler,
    history: Recommendations,
    recommended: int,
    current: int,
    ups: tuple[ScaleEvent, ...],
    downs: tuple[ScaleEvent, ...],
    now_ms: int,
) -> Normalized:
    behavior = autoscaler.effective()
    minimum = autoscaler.min_replicas
    maximum = autoscaler.max_replicas
    if behavior is None:
        window_seconds = autoscaler.downscale_stabilization_s
        return normalize_legacy(
            history, recommended, current, minimum, maximum, window_seconds, now_ms
        )
    return normalize_with_behavior(
        history, recommended, current, minimum, maximum, behavior, ups, downs, now_ms
    )


def _stored(
    autoscaler: Autoscaler,
    final: int,
    current: int,
    ups: tuple[ScaleEvent, ...],
    downs: tuple[ScaleEvent, ...],
    now_ms: int,
) -> tuple[tuple[ScaleEvent, ...], tuple[ScaleEvent, ...]]:
    """The events of both directions once the final size was set."""
    behavior = autoscaler.effective()
    if behavior is None or final == current:
        return ups, downs
    if final > current:
        period = behavior.scale_up.longest_period_seconds
        return event_recorded(ups, now_ms, final - current, period), downs
    period = behavior.scale_down.longest_period_seconds
    return ups, event_recorded(downs, now_ms, current - final, period)


def _shown_condition(status: str, reason: str, message: str) -> dict[str, str]:
    return {"status": status, "reason": reason, "message": message}


def _shown_behavior(behavior: EffectiveBehavior | None) -> dict[str, Any] | None:
    if behavior is None:
        return None
    return {
        "scale_up": _shown_rules(behavior.scale_up),
        "scale_down": _shown_rules(behavior.scale_down),
    }


def _shown_rules(rules: EffectiveRules) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "policies": [
            {"type": policy.type, "value": policy.value, "period_s": policy.period_seconds}
            for policy in rules.policies
        ],
        "select_policy": rules.select_policy,
        "stabilization_s": rules.stabilization_window_seconds,
    }
    if rules.tolerance is not None:
        shown["tolerance"] = _shown_quantity(rules.tolerance)
    return shown


def _shown_quantity(value: Decimal) -> str:
    """A fraction as the API server writes it: with the largest suffix that leaves an integer."""
    for exponent, suffix in ((0, ""), (3, "m"), (6, "u"), (9, "n")):
        mantissa = value.scaleb(exponent)
        if mantissa == mantissa.to_integral_value():
            return f"{int(mantissa)}{suffix}"
    raise ValueError(f"{value} is finer than a quantity can be")


# ------------------------------------------------------------------ several steps


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One recommendation; somebody else may have changed the size before it."""

    now_s: Seconds
    recommended_replicas: int
    current_override: int | None = None


class Steps(Autoscaler, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Recommendations one after the other, each normalised from the size the one before left."""

    current_replicas: int
    steps: tuple[Step, ...]
    recommendations: tuple[RecommendationSituation, ...] = ()


def _sequence(given: Mapping[str, Any]) -> Mapping[str, Any]:
    situation = msgspec.convert(given, Steps)
    history = recommendations(situation.recommendations)
    ups = scale_events(situation.scale_up_events)
    downs = scale_events(situation.scale_down_events)
    current = situation.current_replicas
    steps: list[dict[str, Any]] = []
    for step in situation.steps:
        now_ms = to_ms(step.now_s)
        if step.current_override is not None:
            current = step.current_override
        normalized = _normalized(
            situation, history, step.recommended_replicas, current, ups, downs, now_ms
        )
        ups, downs = _stored(situation, normalized.replicas, current, ups, downs, now_ms)
        history = normalized.recommendations
        steps.append(
            {
                "current": current,
                "final": normalized.replicas,
                "able_to_scale": normalized.able_to_scale[0],
                "scaling_limited": normalized.limit.reason,
                "limited": normalized.is_limited,
            }
        )
        current = normalized.replicas
    return {
        "steps": steps,
        "recommendations_after": shown_recommendations(history),
        "scale_up_events_after": shown_events(ups),
        "scale_down_events_after": shown_events(downs),
    }


# ------------------------------------------------------------------ a whole pass


class Pass(Autoscaler, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pass with all it sees; no `recommendations` is an autoscaler never seen before."""

    now_s: Seconds
    current_replicas: int
    status_replicas: int
    metric_specs: tuple[MetricSituation, ...]
    cpu_initialization_s: int
    initial_readiness_delay_s: int
    recommendations: tuple[RecommendationSituation, ...] | None = None
    pods: tuple[PodSituation, ...] = ()
    metrics: Samples = {}
    container_metrics: Mapping[str, Samples] = {}
    pods_metric: Mapping[str, Mapping[str, Any]] = {}
    external: Mapping[str, tuple[int, ...]] = {}
    object: Mapping[str, int] | int | None = None
    metrics_api_error: bool = False
    scaled_to_zero_condition: bool | None = None
    gate_scale_to_zero: bool = False
    gate_pod_level_resources: bool = True

    def reading(self, metric: MetricSituation) -> MetricReading:
        """What the APIs answer for one metric of the spec."""
        values: tuple[int, ...] = ()
        samples: Samples = {}
        if metric.type == "External":
            values = self.external.get(metric.metric, ())
        elif metric.type == "Object":
            value = self.object
            if isinstance(value, Mapping):
                value = value.get(metric.metric)
            values = () if value is None else (value,)
        elif metric.type == "Pods":
            samples = self._custom(metric.metric)
        elif metric.type == "ContainerResource":
            samples = self.container_metrics.get(f"{metric.container}/{metric.resource}", {})
        elif metric.resource == "cpu":
            samples = self.metrics
        else:
            samples = self.container_metrics.get(f"/{metric.resource}", {})
        reading = pods_reading(
            self.pods, samples, metric.resource, metric.container, self.gate_pod_level_resources
        )
        is_resource = metric.type in ("Resource", "ContainerResource")
        api_error = "simulated" if self.metrics_api_error and is_resource else ""
        return msgspec.structs.replace(reading, values_milli=values, api_error=api_error)

    def _custom(self, name: str) -> Samples:
        """Samples of a custom metric of pods: by its name, or of the only one there is."""
        samples: Samples = msgspec.convert(self.pods_metric.get(name, self.pods_metric), Samples)
        return samples

    def state(self, now_ms: int) -> HpaState:
        """What earlier passes left."""
        conditions: tuple[HpaCondition, ...] = ()
        if self.scaled_to_zero_condition is not None:
            was: ConditionStatus = "True" if self.scaled_to_zero_condition else "False"
            reason = "ScaledToZero" if self.scaled_to_zero_condition else "NotScaledToZero"
            conditions = (HpaCondition("ScaledToZero", was, reason, "", now_ms),)
        return HpaState(
            None if self.recommendations is None else recommendations(self.recommendations),
            scale_events(self.scale_up_events),
            scale_events(self.scale_down_events),
            conditions,
        )


def _reconcile(given: Mapping[str, Any]) -> Mapping[str, Any]:
    situation = msgspec.convert(given, Pass)
    now_ms = to_ms(situation.now_s)
    config = HpaControllerConfig(
        downscale_stabilization_seconds=situation.downscale_stabilization_s,
        tolerance=situation.default_tolerance,
        cpu_initialization_period_seconds=situation.cpu_initialization_s,
        initial_readiness_delay_seconds=situation.initial_readiness_delay_s,
        configurable_tolerance=situation.gate_configurable_tolerance,
        scale_to_zero=situation.gate_scale_to_zero,
    )
    observation = HpaObservation(
        situation.current_replicas,
        situation.status_replicas,
        tuple(situation.reading(metric) for metric in situation.metric_specs),
    )
    outcome = reconcile(
        situation.spec(situation.metric_specs),
        observation,
        situation.state(now_ms),
        now_ms,
        config,
    )
    return {
        "final": outcome.desired_replicas,
        "rescaled": outcome.rescaled,
        "recommended_replicas": outcome.recommended_replicas,
        "status_desired_replicas": outcome.state.desired_replicas,
        "utilization_percent": outcome.utilization_percent,
        "conditions": {
            condition.type: _shown_condition(condition.status, condition.reason, condition.message)
            for condition in outcome.conditions
        },
        "rescale_events": [
            event.message for event in outcome.events if event.reason == "SuccessfulRescale"
        ],
        "error": outcome.error or None,
        "recommendations_after": shown_recommendations(outcome.state.recommendations),
        "scale_up_events_after": shown_events(outcome.state.scale_up_events),
        "scale_down_events_after": shown_events(outcome.state.scale_down_events),
    }
