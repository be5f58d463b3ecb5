"""One metric at a time, as replica_calculator.go computes it (hpa_replicas.json)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from kingtide.controlplane.hpa.measurement import measure
from kingtide.controlplane.hpa.model import (
    AverageValueTarget,
    ExternalMetric,
    HpaControllerConfig,
    HpaObservation,
    HpaSpec,
    Metric,
    ObjectMetric,
    PodsMetric,
    ResourceMetric,
    UtilizationTarget,
    ValueTarget,
)
from kingtide.controlplane.hpa.model import ContainerResourceMetric as ContainerMetric
from kingtide.controlplane.hpa.pods import PodVerdict, pod_verdict
from kingtide.controlplane.hpa.ratio import Tolerances
from kingtide.controlplane.hpa.reading import MetricReading
from kingtide.controlplane.hpa.replicas import Problem
from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.hpa_situations import (
    NAMESPACE,
    PodSituation,
    SampleSituation,
    Seconds,
    pods_reading,
    to_ms,
)

vectors = VectorFile("hpa_replicas")

_API_ERROR = "simulated"
"""What the recording's metrics API says when it is made to fail."""


class Situation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The input of one case."""

    kind: Literal[
        "resource_utilization",
        "resource_average_value",
        "pods_metric",
        "external_value",
        "external_average_value",
        "object_value",
        "object_average_value",
    ]
    now_s: Seconds
    current_replicas: int
    resource: str
    container: str
    tolerance_up: float
    tolerance_down: float
    cpu_initialization_s: int
    initial_readiness_delay_s: int
    pods: tuple[PodSituation, ...]
    metrics: Mapping[str, SampleSituation]
    target_utilization_percent: int = 0
    target_milli: int = 0
    values_milli: tuple[int, ...] = ()
    object_value_milli: int | None = None
    status_replicas: int | None = None
    metrics_api_error: bool = False
    gate_pod_level_resources: bool = True

    def metric(self) -> Metric:
        """The metric of the spec that is measured."""
        average = AverageValueTarget(self.target_milli)
        value = ValueTarget(self.target_milli)
        if self.kind.startswith("resource"):
            target: UtilizationTarget | AverageValueTarget = average
            if self.kind == "resource_utilization":
                target = UtilizationTarget(self.target_utilization_percent)
            if self.container:
                return ContainerMetric(self.resource, self.container, target)
            return ResourceMetric(self.resource, target)
        if self.kind == "pods_metric":
            return PodsMetric("m", average)
        chosen = average if "average" in self.kind else value
        if self.kind.startswith("external"):
            return ExternalMetric("m", chosen, selector=())
        return ObjectMetric("m", "Service", "svc", chosen)

    def reading(self) -> MetricReading:
        """What the APIs answer."""
        reading = pods_reading(
            self.pods, self.metrics, self.resource, self.container, self.gate_pod_level_resources
        )
        values = self.values_milli
        if self.object_value_milli is not None:
            values = (self.object_value_milli,)
        return msgspec.structs.replace(
            reading,
            values_milli=values,
            api_error=_API_ERROR if self.metrics_api_error else "",
        )


@vectors.cases(
    "cases",
    unordered=("grouping.ignored", "grouping.missing", "grouping.unready"),
)
def test_replicas_of_one_metric(case: Case) -> Mapping[str, Any]:
    situation = msgspec.convert(case.input, Situation)
    metric = situation.metric()
    reading = situation.reading()
    status_replicas = situation.status_replicas
    observation = HpaObservation(
        situation.current_replicas,
        situation.current_replicas if status_replicas is None else status_replicas,
        (reading,),
    )
    config = HpaControllerConfig(
        cpu_initialization_period_seconds=situation.cpu_initialization_s,
        initial_readiness_delay_seconds=situation.initial_readiness_delay_s,
    )
    result = measure(
        HpaSpec(NAMESPACE, "d", 1000, (metric,)),
        metric,
        reading,
        observation,
        Tolerances(situation.tolerance_down, situation.tolerance_up),
        to_ms(situation.now_s),
        config,
    )
    if isinstance(result, Problem):
        answer: dict[str, Any] = {
            "replicas": None,
            "utilization_percent": None,
            "average_milli": None,
            "total_milli": None,
            "error": result.code,
            "error_text": result.message,
        }
    else:
        answer = {
            "replicas": result.replicas,
            "utilization_percent": result.utilization_percent,
            "average_milli": result.average_milli,
            "total_milli": result.total_milli,
            "error": None,
        }
    grouping = _grouping(situation, reading, metric, config)
    if result.pods is not None:
        answer["grouping"] = grouping
        counts = (result.pods.unready, result.pods.missing, result.pods.ignored)
        names = tuple(len(grouping[verdict]) for verdict in ("unready", "missing", "ignored"))
        assert counts == names
        grouping["counted"] = result.pods.counted
    return answer


def _grouping(
    situation: Situation, reading: MetricReading, metric: Metric, config: HpaControllerConfig
) -> dict[str, Any]:
    """Which pod got which verdict."""
    names: dict[PodVerdict, list[str]] = {"unready": [], "missing": [], "ignored": []}
    for pod, group in zip(situation.pods, reading.groups, strict=True):
        verdict = pod_verdict(
            group,
            isinstance(metric, ResourceMetric | ContainerMetric) and metric.resource == "cpu",
            to_ms(situation.now_s),
            config.cpu_initialization_period_seconds * 1000,
            config.initial_readiness_delay_seconds * 1000,
        )
        if verdict != "counted":
            names[verdict].append(pod.name)
    return {str(verdict): listed for verdict, listed in names.items()}
