"""The controller's own words, which people search for and alert on."""

from __future__ import annotations

import pytest

from kingtide.controlplane.hpa.model import (
    AverageValueTarget,
    ContainerResourceMetric,
    ExternalMetric,
    Metric,
    ObjectMetric,
    PodsMetric,
    ResourceMetric,
    UtilizationTarget,
    ValueTarget,
)
from kingtide.controlplane.hpa.replicas import Problem
from kingtide.controlplane.hpa.wording import failure, metric_name, unavailable

PERCENT = UtilizationTarget(50)
AVERAGE = AverageValueTarget(1000)
VALUE = ValueTarget(1000)

METRICS: dict[str, tuple[Metric, str, str]] = {
    "resource utilization": (
        ResourceMetric("cpu", PERCENT),
        "cpu resource utilization (percentage of request)",
        (
            "FailedGetResourceMetric: failed to get cpu resource metric value: "
            "failed to get cpu utilization: X"
        ),
    ),
    "resource average": (
        ResourceMetric("memory", AVERAGE),
        "memory resource",
        (
            "FailedGetResourceMetric: failed to get memory resource metric value: "
            "failed to get memory utilization: X"
        ),
    ),
    "container utilization": (
        ContainerResourceMetric("cpu", "app", PERCENT),
        "cpu container resource utilization (percentage of request)",
        (
            "FailedGetContainerResourceMetric: failed to get app container metric value: "
            "failed to get cpu utilization: X"
        ),
    ),
    "pods": (
        PodsMetric("rps", AVERAGE),
        "pods metric rps",
        "FailedGetPodsMetric: failed to get pods metric value: X",
    ),
    "object value": (
        ObjectMetric("rps", "Ingress", "front", VALUE),
        "Ingress metric rps",
        "FailedGetObjectMetric: failed to get object metric value: X",
    ),
    "object average calls itself external": (
        ObjectMetric("rps", "Ingress", "front", AVERAGE),
        "external metric rps(nil)",
        (
            "FailedGetObjectMetric: failed to get object metric value: "
            "failed to get rps object metric: X"
        ),
    ),
    "external value": (
        ExternalMetric("q", VALUE),
        "external metric q(nil)",
        (
            "FailedGetExternalMetric: failed to get q external metric value: "
            "failed to get external metric q: X"
        ),
    ),
    "external average with a selector": (
        ExternalMetric("q", AVERAGE, (("queue", "mail"),)),
        (
            "external metric q(&LabelSelector{MatchLabels:map[string]string{queue: mail,},"
            "MatchExpressions:[]LabelSelectorRequirement{},})"
        ),
        (
            "FailedGetExternalMetric: failed to get q external metric value: "
            "failed to get q external metric: X"
        ),
    ),
}


@pytest.mark.parametrize(("metric", "name", "report"), METRICS.values(), ids=METRICS)
def test_a_metric_is_named_and_its_failure_reported(metric: Metric, name: str, report: str) -> None:
    failed = failure(metric, Problem("metrics_unavailable", "X"))
    assert metric_name(metric) == name
    assert f"{failed.reason}: {failed.error}" == report


def test_an_object_that_cannot_be_measured_is_named() -> None:
    metric = ObjectMetric("rps", "Ingress", "front", VALUE)
    assert unavailable("shop", metric, "timeout") == (
        "unable to get metric rps: unable to fetch metrics from custom metrics API: timeout "
        "on Ingress shop/front"
    )
