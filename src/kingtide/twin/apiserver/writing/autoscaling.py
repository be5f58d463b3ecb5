"""What a HorizontalPodAutoscaler's body says of how it scales: metrics and behaviour.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/
horizontal-pod-autoscaler-v2/ (v1.36), and pkg/apis/autoscaling/v2/defaults.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from kingtide.controlplane.hpa.model import (
    AverageValueTarget,
    Behavior,
    HpaSpec,
    Metric,
    ResourceMetric,
    ScalingPolicy,
    ScalingRules,
    SelectPolicy,
    UtilizationTarget,
)
from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.quantities import parse_cpu_millicores

DEFAULT_METRICS: tuple[Metric, ...] = (ResourceMetric("cpu", UtilizationTarget(80)),)
"""Of an autoscaler that names none: 80 % of what pods request of CPU."""


class _Target(msgspec.Struct, rename="camel"):
    type: str
    average_utilization: int | None = None
    average_value: str | int | None = None


class _Resource(msgspec.Struct):
    name: str
    target: _Target


class _Metric(msgspec.Struct):
    type: str
    resource: _Resource | None = None


class _Rules(msgspec.Struct, rename="camel"):
    policies: tuple[_Policy, ...] | None = None
    select_policy: SelectPolicy | None = None
    stabilization_window_seconds: int | None = None
    tolerance: str | None = None

    def value(self) -> ScalingRules:
        return ScalingRules(
            None if self.policies is None else tuple(it.value_of() for it in self.policies),
            self.select_policy,
            self.stabilization_window_seconds,
            None if self.tolerance is None else _fraction(self.tolerance),
        )


class _Policy(msgspec.Struct, rename="camel"):
    type: str
    value: int
    period_seconds: int

    def value_of(self) -> ScalingPolicy:
        if self.type not in ("Pods", "Percent"):
            raise ValueError(f"a scaling policy of the unknown type {self.type}")
        return ScalingPolicy(self.type, self.value, self.period_seconds)  # type: ignore[arg-type]  # narrowed above


class _Behavior(msgspec.Struct, rename="camel"):
    scale_up: _Rules | None = None
    scale_down: _Rules | None = None


class _Spec(msgspec.Struct):
    metrics: tuple[_Metric, ...] = ()
    behavior: _Behavior | None = None


def read_spec(autoscaler: HorizontalPodAutoscaler, body: Mapping[str, Any]) -> HpaSpec:
    """Return how an autoscaler scales, with the API's defaults.

    Raises:
        ValueError: a metric is none that is measured here, or something cannot be read.
    """
    found = msgspec.convert(body["spec"], _Spec)
    least = autoscaler.min_replicas
    up_and_down = found.behavior
    return HpaSpec(
        namespace=autoscaler.namespace,
        target_name=autoscaler.target_name,
        max_replicas=autoscaler.max_replicas,
        metrics=tuple(_metric(it) for it in found.metrics) or DEFAULT_METRICS,
        min_replicas=1 if least is None else least,
        target_kind=autoscaler.target_kind,
        behavior=None
        if up_and_down is None
        else Behavior(_rules(up_and_down.scale_up), _rules(up_and_down.scale_down)),
    )


def _rules(written: _Rules | None) -> ScalingRules | None:
    return None if written is None else written.value()


def _metric(written: _Metric) -> Metric:
    it = written.resource
    if written.type != "Resource" or it is None:
        raise ValueError(f"a metric of the type {written.type} is not measured here: only Resource")
    if it.target.average_utilization is not None:
        return ResourceMetric(it.name, UtilizationTarget(it.target.average_utilization))
    if it.target.average_value is None:
        raise ValueError(f"the metric {it.name} has no target that counts for a resource")
    return ResourceMetric(
        it.name, AverageValueTarget(parse_cpu_millicores(str(it.target.average_value)))
    )


def _fraction(quantity: str) -> Decimal:
    """Return a tolerance, which is written as a quantity below 1 (`50m`, `0.05`)."""
    return Decimal(parse_cpu_millicores(quantity)) / 1000
