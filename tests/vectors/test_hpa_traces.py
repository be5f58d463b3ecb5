"""An evening of passes with one controller state (hpa_traces.json)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kingtide.controlplane.hpa.model import (
    HpaControllerConfig,
    HpaObservation,
    HpaOutcome,
    HpaSpec,
    HpaState,
)
from kingtide.controlplane.hpa.pods import PodGroup, PodSample
from kingtide.controlplane.hpa.reading import MetricReading
from kingtide.controlplane.hpa.reconcile import reconcile
from kingtide.kube.pods import Condition, ConditionStatus, PodPhase
from tests.vectors.cases import Case
from tests.vectors.claims import Stepwise, VectorFile
from tests.vectors.hpa_situations import (
    NAMESPACE,
    BehaviorSituation,
    MetricSituation,
    Seconds,
    to_ms,
)

vectors = VectorFile("hpa_traces")


class Autoscaler(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The autoscaler of a trace and the flags of its controller."""

    behavior: BehaviorSituation | None
    min_replicas: int
    max_replicas: int
    metric_specs: tuple[MetricSituation, ...]
    downscale_stabilization_s: int
    cpu_initialization_s: int
    initial_readiness_delay_s: int
    default_tolerance: float

    def spec(self) -> HpaSpec:
        """The specification as the controller wants it."""
        return HpaSpec(
            NAMESPACE,
            "d",
            self.max_replicas,
            tuple(metric.spec() for metric in self.metric_specs),
            self.min_replicas,
            behavior=None if self.behavior is None else self.behavior.behavior(),
        )

    def config(self) -> HpaControllerConfig:
        """The flags as the controller wants them."""
        return HpaControllerConfig(
            downscale_stabilization_seconds=self.downscale_stabilization_s,
            tolerance=self.default_tolerance,
            cpu_initialization_period_seconds=self.cpu_initialization_s,
            initial_readiness_delay_seconds=self.initial_readiness_delay_s,
        )


class Recording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a trace was recorded; of the pod model only constants of the metrics are needed here."""

    hpa: Autoscaler
    sync_s: int
    pod_model: Mapping[str, Any]
    load_curve_cores: Any = None


class Pods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pods that are alike; `usage_milli` is each pod's, None means that it has no metric."""

    name: str
    count: int
    start_s: Seconds | None
    ready: tuple[ConditionStatus, Seconds] | None
    usage_milli: int | None
    phase: PodPhase = "Running"
    deleting: bool = False

    def group(self, at_ms: int, window_ms: int, request_milli: int) -> PodGroup:
        """The pods as the controller wants them."""
        sample = None
        if self.usage_milli is not None:
            sample = PodSample(self.usage_milli * self.count, at_ms, window_ms)
        ready = None
        if self.ready is not None:
            ready = Condition(self.ready[0], to_ms(self.ready[1]))
        start_ms = None if self.start_s is None else to_ms(self.start_s)
        return PodGroup(
            self.count, self.phase, start_ms, ready, self.deleting, request_milli, sample
        )


class Tick(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one pass sees."""

    now_s: Seconds
    clock: str
    current_replicas: int
    status_replicas: int
    metric_at_s: Seconds
    groups: tuple[Pods, ...]
    external: Mapping[str, tuple[int, ...]] = {}
    metrics_api_error: bool = False


@vectors.cases(
    "cases",
    waived={"ticks.*.load_cores": "the load the recording was made under, not an answer"},
)
def test_trace(case: Case) -> Stepwise:
    recording = msgspec.convert(case.input, Recording)
    ticks = msgspec.convert(case.given["ticks"], tuple[Tick, ...])
    spec = recording.hpa.spec()
    config = recording.hpa.config()
    state = HpaState()
    steps: list[Mapping[str, Any]] = []
    replicas = [ticks[0].current_replicas]
    for tick in ticks:
        outcome = reconcile(spec, _observation(recording, tick), state, to_ms(tick.now_s), config)
        state = outcome.state
        replicas.append(outcome.desired_replicas)
        steps.append(_shown(outcome))
    return Stepwise(
        steps=steps,
        whole={
            "replicas": replicas,
            "max": max(replicas),
            "rescales": sum(1 for step in steps if step["rescaled"]),
        },
    )


def _observation(recording: Recording, tick: Tick) -> HpaObservation:
    window_ms = to_ms(recording.pod_model["metric_window_s"])
    request_milli = int(recording.pod_model["request_milli"])
    groups = tuple(
        pods.group(to_ms(tick.metric_at_s), window_ms, request_milli) for pods in tick.groups
    )
    return HpaObservation(
        tick.current_replicas,
        tick.status_replicas,
        tuple(
            MetricReading(
                groups,
                values_milli=tick.external.get(metric.metric, ()),
                api_error=_api_error(metric, tick),
            )
            for metric in recording.hpa.metric_specs
        ),
    )


def _api_error(metric: MetricSituation, tick: Tick) -> str:
    """What the resource metrics API says when it is made to fail; the others are not touched."""
    return "simulated" if tick.metrics_api_error and metric.resource else ""


def _shown(outcome: HpaOutcome) -> Mapping[str, Any]:
    return {
        "final": outcome.desired_replicas,
        "recommended_replicas": outcome.recommended_replicas,
        "utilization_percent": outcome.utilization_percent,
        "rescaled": outcome.rescaled,
        "conditions": {
            condition.type: f"{condition.status}/{condition.reason}"
            for condition in outcome.conditions
        },
        "rescale_events": [
            event.message for event in outcome.events if event.reason == "SuccessfulRescale"
        ],
        "error": outcome.error or None,
    }
