"""An application's HorizontalPodAutoscaler, in Kubernetes' own words where it has them.

Source:
https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
(v1.36).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import (
    Millicores,
    Percent,
    PositiveCount,
    PositiveSeconds,
    Seconds,
    count,
    positive_count,
)


def _tolerance(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= 1:
        raise ValueError(f"{value!r} is not a share between 0 and 1; write for example 0.05")
    return Decimal(value)


def _period(value: object) -> int:
    return _at_most(positive_count(value), 1800)


def _window(value: object) -> int:
    return _at_most(count(value), 3600)


def _at_most(value: int, highest: int) -> int:
    """Return a number of seconds that the API server accepts (validation of autoscaling/v2)."""
    if value > highest:
        raise ValueError(f"{value} is more than Kubernetes takes; write {highest} or less")
    return value


class ScalingPolicy(Written):
    """How much may change within a period."""

    type: Literal["Pods", "Percent"]
    """Whether `value` counts pods or percent of the replicas."""
    value: PositiveCount
    """Pods, or percent."""
    period_seconds: Annotated[
        int,
        BeforeValidator(_period),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 1800}),
    ]
    """The period in seconds, up to 1800."""


class ScalingRules(Written):
    """The rules of one direction."""

    stabilization_window_seconds: (
        Annotated[
            int,
            BeforeValidator(_window),
            WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 3600}),
        ]
        | None
    ) = None
    """The most careful recommendation of this long counts; None for Kubernetes' default."""
    select_policy: Literal["Max", "Min", "Disabled"] | None = None
    """Which policy counts where several allow different changes."""
    policies: tuple[ScalingPolicy, ...] | None = None
    """Bounds on the change; None for Kubernetes' defaults."""
    tolerance: (
        Annotated[
            Decimal,
            BeforeValidator(_tolerance),
            WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
        ]
        | None
    ) = None
    """Deviations below this share change nothing; None for the controller's."""


class Behavior(Written):
    """`spec.behavior`; without it downscaleStabilization holds, as before behaviours existed."""

    scale_up: ScalingRules | None = None
    """Rules for adding pods."""
    scale_down: ScalingRules | None = None
    """Rules for removing pods."""


class MetricTarget(Written):
    """What a metric is held at."""

    type: Literal["Utilization", "AverageValue"]
    """Which of the two below is written."""
    average_utilization: PositiveCount | None = None
    """Percent of what the pods request."""
    average_value: Millicores | None = None
    """CPU of a pod on average."""

    @model_validator(mode="after")
    def _has_its_value(self) -> MetricTarget:
        wanted = "averageUtilization" if self.type == "Utilization" else "averageValue"
        has = {
            "averageUtilization": self.average_utilization is not None,
            "averageValue": self.average_value is not None,
        }
        if not has[wanted] or sum(has.values()) != 1:
            raise ValueError(f"type {self.type} goes with {wanted}; write that and nothing else")
        return self


class ResourceMetricSource(Written):
    """A resource of the pods."""

    name: Literal["cpu"]
    """Rehearsals measure cpu."""
    target: MetricTarget
    """What it is held at."""


class Metric(Written):
    """A metric of the autoscaler."""

    type: Literal["Resource"]
    """Rehearsals measure resources of pods."""
    resource: ResourceMetricSource
    """The resource."""


class Hpa(Written):
    """Number of pods after their CPU use."""

    min: PositiveCount = 1
    """Fewest pods."""
    max: PositiveCount
    """Most pods."""
    annotations: dict[str, str] = {}
    """Annotations of the autoscaler's object, as controllers read them."""
    target_utilization: Percent | None = None
    """CPU used, as a share of what is requested, at which pods are added; None for its group's, or
    for policies.hpa.target."""
    metrics: tuple[Metric] | None = None
    """The metric in Kubernetes' own form, instead of targetUtilization."""
    behavior: Behavior | None = None
    """Bounds on how fast pods come and go."""
    sync_period: PositiveSeconds | None = None
    """Time between two looks; None for policies.hpa.syncPeriod."""
    downscale_stabilization: Seconds | None = None
    """How long a high recommendation holds; None for policies.hpa.downscaleStabilization."""

    @model_validator(mode="after")
    def _has_one_target(self) -> Hpa:
        if self.metrics is not None and self.target_utilization is not None:
            raise ValueError("has both targetUtilization and metrics; keep one of them")
        return self
