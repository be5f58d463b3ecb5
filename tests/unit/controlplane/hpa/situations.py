"""A Deployment of settled pods with one cpu metric, to be changed by each test."""

from __future__ import annotations

from kingtide.controlplane.hpa.model import (
    DEFAULT_CONFIG,
    Behavior,
    ExternalMetric,
    HpaControllerConfig,
    HpaObservation,
    HpaOutcome,
    HpaSpec,
    HpaState,
    Metric,
    ResourceMetric,
    UtilizationTarget,
    ValueTarget,
)
from kingtide.controlplane.hpa.pods import PodGroup, PodSample
from kingtide.controlplane.hpa.reading import MetricReading
from kingtide.controlplane.hpa.reconcile import reconcile
from kingtide.kube.pods import Condition, ConditionStatus, PodPhase

NOW_MS = 10_000_000
REQUEST_MILLI = 1000
CPU_50 = ResourceMetric("cpu", UtilizationTarget(50))
QUEUE_1 = ExternalMetric("q", ValueTarget(1000))


def pods(
    count: int,
    usage_milli: int | None = 500,
    *,
    phase: PodPhase = "Running",
    start_ms: int | None = 0,
    ready: ConditionStatus | None = "True",
    ready_since_ms: int = 45_000,
    deleting: bool = False,
    at_ms: int = NOW_MS - 15_000,
) -> PodGroup:
    """Pods that use `usage_milli` each; None is no metric."""
    sample = None if usage_milli is None else PodSample(usage_milli * count, at_ms, 15_000)
    condition = None if ready is None else Condition(ready, ready_since_ms)
    return PodGroup(count, phase, start_ms, condition, deleting, REQUEST_MILLI, sample)


def of_pods(*groups: PodGroup) -> MetricReading:
    """What the metrics API says of these pods."""
    return MetricReading(groups)


def seen(
    current: int, *readings: MetricReading, status_replicas: int | None = None
) -> HpaObservation:
    """What a pass sees."""
    return HpaObservation(
        current, current if status_replicas is None else status_replicas, readings
    )


def autoscaler(
    *metrics: Metric,
    behavior: Behavior | None = None,
    min_replicas: int = 1,
    max_replicas: int = 1000,
) -> HpaSpec:
    """An autoscaler, by default for 50 % cpu."""
    return HpaSpec(
        "shop", "front", max_replicas, metrics or (CPU_50,), min_replicas, behavior=behavior
    )


def decide(
    spec: HpaSpec,
    observation: HpaObservation,
    state: HpaState | None = None,
    now_ms: int = NOW_MS,
    config: HpaControllerConfig = DEFAULT_CONFIG,
) -> HpaOutcome:
    """One pass; without a state the controller remembers nothing yet."""
    return reconcile(spec, observation, HpaState() if state is None else state, now_ms, config)


def condition_of(outcome: HpaOutcome, type_: str) -> str:
    """`status/reason` of a condition, empty when it is not there."""
    for condition in outcome.conditions:
        if condition.type == type_:
            return f"{condition.status}/{condition.reason}"
    return ""
