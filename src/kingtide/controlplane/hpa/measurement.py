"""Asking one metric of the spec what it proposes.

Source:
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/horizontal.go
(`computeReplicasForMetric` and the functions it calls) and metrics/client.go.
"""

from __future__ import annotations

from kingtide.controlplane.hpa.doubles import MAX_INT64
from kingtide.controlplane.hpa.model import (
    AverageValueTarget,
    ContainerResourceMetric,
    ExternalMetric,
    HpaControllerConfig,
    HpaObservation,
    HpaSpec,
    Metric,
    ObjectMetric,
    PodsMetric,
    ResourceMetric,
    UtilizationTarget,
)
from kingtide.controlplane.hpa.ratio import Tolerances
from kingtide.controlplane.hpa.reading import MetricReading
from kingtide.controlplane.hpa.replicas import (
    NO_PODS,
    Problem,
    Proposal,
    replicas_for_average,
    replicas_for_shared_value,
    replicas_for_utilization,
    replicas_for_value,
)
from kingtide.controlplane.hpa.tally import tally_pods
from kingtide.controlplane.hpa.wording import unavailable


def measure(
    spec: HpaSpec,
    metric: Metric,
    reading: MetricReading,
    observation: HpaObservation,
    tolerances: Tolerances,
    now_ms: int,
    config: HpaControllerConfig,
) -> Proposal | Problem:
    """Return what one metric proposes, or why it cannot."""
    # The usual kinds are asked for first: isinstance is quick to say yes and slow to say no.
    if isinstance(metric, (ResourceMetric, ContainerResourceMetric)):
        return _measure_pods(
            spec, metric, metric.resource == "cpu", reading, observation, tolerances, now_ms, config
        )
    if isinstance(metric, PodsMetric):
        return _measure_pods(spec, metric, False, reading, observation, tolerances, now_ms, config)
    if reading.api_error or not reading.values_milli:
        return _unavailable(spec, metric, reading)
    return _measure_value(metric, reading, observation, tolerances)


def _measure_pods(
    spec: HpaSpec,
    metric: ResourceMetric | ContainerResourceMetric | PodsMetric,
    is_cpu: bool,
    reading: MetricReading,
    observation: HpaObservation,
    tolerances: Tolerances,
    now_ms: int,
    config: HpaControllerConfig,
) -> Proposal | Problem:
    """Return what a metric proposes that has a sample for each pod."""
    target = metric.target
    percent = target.percent if isinstance(target, UtilizationTarget) else 0
    tally = tally_pods(
        reading,
        is_cpu,
        percent,
        now_ms,
        config.cpu_initialization_period_seconds * 1000,
        config.initial_readiness_delay_seconds * 1000,
    )
    if reading.api_error or not tally.is_listed:
        return _unavailable(spec, metric, reading)
    if tally.pods.total == 0:
        return Problem("no_pods", NO_PODS, tally.pods)
    current = observation.current_replicas
    if isinstance(target, UtilizationTarget):
        return replicas_for_utilization(tally, current, target.percent, tolerances)
    return replicas_for_average(tally, current, target.milli, tolerances)


def _unavailable(spec: HpaSpec, metric: Metric, reading: MetricReading) -> Problem:
    """Return that an API could not be asked, or returned nothing at all."""
    cause = unavailable(spec.namespace, metric, reading.api_error)
    return Problem("metrics_unavailable", cause)


def _measure_value(
    metric: ObjectMetric | ExternalMetric,
    reading: MetricReading,
    observation: HpaObservation,
    tolerances: Tolerances,
) -> Proposal | Problem:
    """Return what a metric proposes whose value does not come from the pods."""
    target = metric.target
    is_external = isinstance(metric, ExternalMetric)
    if isinstance(target, AverageValueTarget):
        values = reading.values_milli
        total = _summed_until_negative(values) if is_external else values[0]
        return replicas_for_shared_value(
            total, observation.status_replicas, target.milli, tolerances, is_external
        )
    return replicas_for_value(
        _summed_capped(reading.values_milli) if is_external else reading.values_milli[0],
        observation.current_replicas,
        target.milli,
        reading.groups,
        tolerances,
    )


def _summed_capped(values_milli: tuple[int, ...]) -> int:
    """Return the sum of the series, capped at the first overflow."""
    total = 0
    for value in values_milli:
        if value > 0 and total > MAX_INT64 - value:
            return MAX_INT64
        total += value
    return total


def _summed_until_negative(values_milli: tuple[int, ...]) -> int:
    """Return the sum of the series as the average form adds them.

    A negative sum is taken for an overflow.
    """
    total = 0
    for value in values_milli:
        total += value
        if total < 0 or total > MAX_INT64:
            return MAX_INT64
    return total
