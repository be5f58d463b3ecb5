"""What a HorizontalPodAutoscaler is given and what it answers.

Specification, observation, memory, outcome.

Words are those of `autoscaling/v2`. Source:
https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/
horizontal-pod-autoscaler-v2/ (v1.36). Usage and targets are integers in milli-units, times integer
milliseconds on the caller's axis, durations seconds as Kubernetes writes them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from kingtide.controlplane.hpa.history import Recommendations, ScaleEvent
from kingtide.controlplane.hpa.reading import MetricReading
from kingtide.controlplane.hpa.replicas import Problem, Proposal
from kingtide.kube.pods import ConditionStatus

# ---------------------------------------------------------------- what is wanted


class UtilizationTarget(msgspec.Struct, frozen=True, gc=False, tag="Utilization"):
    """Average usage in whole percent of the pods' requests."""

    percent: int


class AverageValueTarget(msgspec.Struct, frozen=True, gc=False, tag="AverageValue"):
    """Average of the metric a pod, in milli-units."""

    milli: int


class ValueTarget(msgspec.Struct, frozen=True, gc=False, tag="Value"):
    """The metric as a whole, in milli-units."""

    milli: int


class ResourceMetric(msgspec.Struct, frozen=True, gc=False, tag="Resource"):
    """cpu or memory of whole pods."""

    resource: str
    target: UtilizationTarget | AverageValueTarget


class ContainerResourceMetric(msgspec.Struct, frozen=True, gc=False, tag="ContainerResource"):
    """cpu or memory of one container of each pod."""

    resource: str
    container: str
    target: UtilizationTarget | AverageValueTarget


class PodsMetric(msgspec.Struct, frozen=True, gc=False, tag="Pods"):
    """A custom metric reported for each pod."""

    metric: str
    target: AverageValueTarget


LabelPairs = tuple[tuple[str, str], ...]
"""matchLabels of a metric's selector, sorted by label."""


class ObjectMetric(msgspec.Struct, frozen=True, gc=False, tag="Object"):
    """A custom metric of one other object of the namespace, for example an Ingress.

    `selector` None means that the spec has none.
    """

    metric: str
    described_kind: str
    described_name: str
    target: ValueTarget | AverageValueTarget
    selector: LabelPairs | None = None


class ExternalMetric(msgspec.Struct, frozen=True, gc=False, tag="External"):
    """A metric from outside the cluster; its series are added up.

    `selector` None means that there is none.
    """

    metric: str
    target: ValueTarget | AverageValueTarget
    selector: LabelPairs | None = None


Metric = ResourceMetric | ContainerResourceMetric | PodsMetric | ObjectMetric | ExternalMetric


SelectPolicy = Literal["Max", "Min", "Disabled"]
"""Which policy of a direction decides: the biggest change, the smallest, or none at all."""


class ScalingPolicy(msgspec.Struct, frozen=True, gc=False):
    """How much may change within a period: pods, or percent of the replicas at its start."""

    type: Literal["Pods", "Percent"]
    value: int
    period_seconds: int


class ScalingRules(msgspec.Struct, frozen=True, gc=False):
    """Rules of one direction as written by the user.

    None everywhere means the default (`behavior.py`).

    `tolerance` is a fraction of the target (0.05 is 5 %), None is the controller's own.
    """

    policies: tuple[ScalingPolicy, ...] | None = None
    select_policy: SelectPolicy | None = None
    stabilization_window_seconds: int | None = None
    tolerance: Decimal | None = None


class Behavior(msgspec.Struct, frozen=True, gc=False):
    """`spec.behavior`; a direction that is None has all its defaults."""

    scale_up: ScalingRules | None = None
    scale_down: ScalingRules | None = None


class HpaSpec(msgspec.Struct, frozen=True, gc=False):
    """One autoscaler: its target, bounds and metrics.

    `behavior` None is the algorithm from before behaviours existed (double at most, hold for the
    controller's downscale window), which is not the same as a behaviour full of defaults.
    """

    namespace: str
    target_name: str
    max_replicas: int
    metrics: tuple[Metric, ...]
    min_replicas: int = 1
    target_kind: str = "Deployment"
    behavior: Behavior | None = None


# ---------------------------------------------------------------- what is seen


class HpaObservation(msgspec.Struct, frozen=True, gc=False):
    """What one pass sees: the scale subresource.

    One reading for each metric of the spec, in its order.

    `current_replicas` is the scale's spec (what was last asked for), `status_replicas` its status
    (what exists).
    """

    current_replicas: int
    status_replicas: int
    readings: tuple[MetricReading, ...]


# ---------------------------------------------------------------- what is remembered


ConditionType = Literal["AbleToScale", "ScalingActive", "ScalingLimited", "ScaledToZero"]


class HpaCondition(msgspec.Struct, frozen=True, gc=False):
    """A condition of the autoscaler; `since_ms` is when its status last changed."""

    type: ConditionType
    status: ConditionStatus
    reason: str
    message: str
    since_ms: int


class HpaState(msgspec.Struct, frozen=True, gc=False):
    """All that one pass leaves to the next.

    Histories live in the controller's memory only: `recommendations` None is a new autoscaler or a
    restarted controller. They are slot lists, not chronological (`history.py`). `conditions`,
    `desired_replicas` and `last_scale_ms` (None before the first scaling) are the object's status
    and survive a restart.
    """

    recommendations: Recommendations | None = None
    scale_up_events: tuple[ScaleEvent, ...] = ()
    scale_down_events: tuple[ScaleEvent, ...] = ()
    conditions: tuple[HpaCondition, ...] = ()
    desired_replicas: int = 0
    last_scale_ms: int | None = None


# ---------------------------------------------------------------- how the controller is set


class HpaControllerConfig(msgspec.Struct, frozen=True, gc=False):
    """Flags of kube-controller-manager, with its defaults (v1.36).

    Source:
    https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/,
    flags `--horizontal-pod-autoscaler-*` named after each field; feature gates
    https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/
    (`HPAConfigurableTolerance` beta and on, `HPAScaleToZero` alpha and off). `tolerance` is the
    flag's double.
    """

    downscale_stabilization_seconds: int = 300
    tolerance: float = 0.1
    cpu_initialization_period_seconds: int = 300
    initial_readiness_delay_seconds: int = 30
    sync_period_seconds: int = 15
    configurable_tolerance: bool = True
    scale_to_zero: bool = False


DEFAULT_CONFIG = HpaControllerConfig()


# ---------------------------------------------------------------- what is decided


class MetricOutcome(msgspec.Struct, frozen=True, gc=False):
    """What one metric of the spec proposed, or why it could not.

    `name` is the controller's description of it.
    """

    name: str
    result: Proposal | Problem


class HpaEvent(msgspec.Struct, frozen=True, gc=False):
    """An Event the controller records on the autoscaler."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str


class HpaOutcome(msgspec.Struct, frozen=True, gc=False):
    """The answer of one pass and everything a report needs to explain it.

    `desired_replicas` is what the scale subresource is to be set to, `rescaled` whether that
    differs from what it is (`current_replicas`). `recommended_replicas` is what the metrics asked
    for and entered the history, `stabilized_replicas` what the windows left of it; both are None
    when no metric was consulted or the metrics failed. `winning_metric` names the metric behind the
    recommendation ("" for none), `error` is what the pass returns to its caller ("" for nothing); a
    pass may scale and report an error. `state` assumes that the scale was accepted.
    """

    current_replicas: int
    desired_replicas: int
    rescaled: bool
    state: HpaState
    metrics: tuple[MetricOutcome, ...] = ()
    recommended_replicas: int | None = None
    stabilized_replicas: int | None = None
    winning_metric: str = ""
    rescale_reason: str = ""
    events: tuple[HpaEvent, ...] = ()
    error: str = ""

    @property
    def conditions(self) -> tuple[HpaCondition, ...]:
        """All conditions after the pass."""
        return self.state.conditions

    @property
    def utilization_percent(self) -> int | None:
        """The first utilization any metric of this pass produced, None when there is none."""
        for metric in self.metrics:
            if (
                isinstance(metric.result, Proposal)
                and metric.result.utilization_percent is not None
            ):
                return metric.result.utilization_percent
        return None
