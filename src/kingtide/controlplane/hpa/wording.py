"""The controller's own words: what it calls a metric and how it reports that one failed.

People search for these sentences and alert on these reasons, so they are kept exactly, oddities
included (the average form of an object metric calls itself external).

Source:
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/horizontal.go,
replica_calculator.go and metrics/client.go.
"""

from __future__ import annotations

import msgspec

from kingtide.controlplane.hpa.model import (
    AverageValueTarget,
    ContainerResourceMetric,
    ExternalMetric,
    LabelPairs,
    Metric,
    ObjectMetric,
    PodsMetric,
    ResourceMetric,
    UtilizationTarget,
)
from kingtide.controlplane.hpa.replicas import Problem


class Failure(msgspec.Struct, frozen=True, gc=False):
    """How a failed metric is reported.

    `reason` and `cause` make the Warning event and, prefixed, the ScalingActive condition; `error`
    is what the pass says of this metric.
    """

    reason: str
    cause: str
    error: str


def metric_name(metric: Metric) -> str:
    """Return what conditions and events call a metric."""
    if isinstance(metric, ResourceMetric):
        if isinstance(metric.target, UtilizationTarget):
            return f"{metric.resource} resource utilization (percentage of request)"
        return f"{metric.resource} resource"
    if isinstance(metric, ContainerResourceMetric):
        if isinstance(metric.target, UtilizationTarget):
            return f"{metric.resource} container resource utilization (percentage of request)"
        return f"{metric.resource} resource"
    if isinstance(metric, PodsMetric):
        return f"pods metric {metric.metric}"
    if isinstance(metric, ObjectMetric) and not isinstance(metric.target, AverageValueTarget):
        return f"{metric.described_kind} metric {metric.metric}"
    return f"external metric {metric.metric}({_selector(metric.selector)})"


def unavailable(namespace: str, metric: Metric, api_error: str) -> str:
    """Return how a metric is reported that its API does not have.

    Or that could not be asked for (`api_error`).
    """
    if isinstance(metric, ResourceMetric | ContainerResourceMetric):
        cause = _api_answer("resource", api_error)
        return f"unable to get metrics for resource {metric.resource}: {cause}"
    if isinstance(metric, ExternalMetric):
        selector = _selector(metric.selector)
        cause = _api_answer("external", api_error)
        return f"unable to get external metric {namespace}/{metric.metric}/{selector}: {cause}"
    cause = _api_answer("custom", api_error)
    if isinstance(metric, ObjectMetric):
        described = f"{metric.described_kind} {namespace}/{metric.described_name}"
        return f"unable to get metric {metric.metric}: {cause} on {described}"
    return f"unable to get metric {metric.metric}: {cause}"


def _api_answer(api: str, api_error: str) -> str:
    if api_error:
        return f"unable to fetch metrics from {api} metrics API: {api_error}"
    return f"no metrics returned from {api} metrics API"


def failure(metric: Metric, problem: Problem) -> Failure:
    """Return how a problem of one metric is reported."""
    cause = problem.message
    if isinstance(metric, ResourceMetric | ContainerResourceMetric):
        cause = f"failed to get {metric.resource} utilization: {cause}"
        if isinstance(metric, ResourceMetric):
            error = f"failed to get {metric.resource} resource metric value: {cause}"
            return Failure("FailedGetResourceMetric", cause, error)
        error = f"failed to get {metric.container} container metric value: {cause}"
        return Failure("FailedGetContainerResourceMetric", cause, error)
    if isinstance(metric, PodsMetric):
        return Failure("FailedGetPodsMetric", cause, f"failed to get pods metric value: {cause}")
    is_average = isinstance(metric.target, AverageValueTarget)
    if isinstance(metric, ObjectMetric):
        error = f"failed to get {metric.metric} object metric: {cause}" if is_average else cause
        return Failure(
            "FailedGetObjectMetric", cause, f"failed to get object metric value: {error}"
        )
    if is_average:
        error = f"failed to get {metric.metric} external metric: {cause}"
    else:
        error = f"failed to get external metric {metric.metric}: {cause}"
    return Failure(
        "FailedGetExternalMetric",
        cause,
        f"failed to get {metric.metric} external metric value: {error}",
    )


def _selector(selector: LabelPairs | None) -> str:
    """Return a metric's selector as Go prints it."""
    if selector is None:
        return "nil"
    labels = "".join(f"{name}: {value}," for name, value in selector)
    return (
        f"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},"
        "MatchExpressions:[]LabelSelectorRequirement{},}"
    )
