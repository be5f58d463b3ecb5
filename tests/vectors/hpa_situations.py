"""Reads the situations of the hpa_*.json files, strictly: an unknown key is an error.

Times of the files are seconds on an arbitrary axis, possibly fractional; they are exact
milliseconds here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec

from kingtide.controlplane.hpa.history import (
    Recommendation,
    Recommendations,
    ScaleEvent,
    recommendations_of,
)
from kingtide.controlplane.hpa.model import (
    AverageValueTarget,
    Behavior,
    ContainerResourceMetric,
    ExternalMetric,
    Metric,
    ObjectMetric,
    PodsMetric,
    ResourceMetric,
    ScalingPolicy,
    ScalingRules,
    UtilizationTarget,
    ValueTarget,
)
from kingtide.controlplane.hpa.pods import PodGroup, PodSample
from kingtide.controlplane.hpa.reading import MetricReading
from kingtide.controlplane.hpa.requests import (
    ContainerRequest,
    MissingRequest,
    PodLevelRequest,
    pod_request_milli,
)
from kingtide.kube.pods import Condition, ConditionStatus, PodPhase
from kingtide.kube.quantities import parse_quantity

NAMESPACE = "ns"
"""The namespace all recordings were made in."""

Seconds = int | float


def to_ms(seconds: Seconds) -> int:
    """Return seconds as written in a file in milliseconds.

    Raises:
        ValueError: the time is finer than a millisecond.
    """
    milliseconds = Decimal(repr(seconds)) * 1000
    if milliseconds != milliseconds.to_integral_value():
        raise ValueError(f"{seconds} s is no whole number of milliseconds")
    return int(milliseconds)


def to_seconds(ms: int) -> Seconds:
    """Return milliseconds as the files write them."""
    return ms // 1000 if ms % 1000 == 0 else ms / 1000


class Ready(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The Ready condition of a pod."""

    status: ConditionStatus
    since_s: Seconds


class ContainerSituation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A container and its request of the measured resource."""

    name: str
    request_milli: int | None = None
    init: bool = False
    sidecar: bool = False

    def request(self) -> ContainerRequest:
        """The container as the rule wants it."""
        role: Literal["main", "sidecar", "init"] = "main"
        if self.sidecar:
            role = "sidecar"
        elif self.init:
            role = "init"
        return ContainerRequest(self.name, self.request_milli, role)


class PodSituation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pod as the files write it; a pod-level request is UNSET where the pod sets none."""

    name: str
    phase: PodPhase
    start_s: Seconds | None
    ready: Ready | None
    deleting: bool
    containers: tuple[ContainerSituation, ...]
    pod_request_milli: int | msgspec.UnsetType | None = msgspec.UNSET
    pod_request_other_milli: int | msgspec.UnsetType | None = msgspec.UNSET

    def request(self, resource: str, container: str, pod_level: bool) -> int | MissingRequest:
        """What the pod requests of a resource."""
        own: PodLevelRequest | None = None
        if pod_level and isinstance(self.pod_request_milli, int):
            own = PodLevelRequest(self.pod_request_milli)
        elif pod_level and isinstance(self.pod_request_other_milli, int):
            own = PodLevelRequest(None)
        containers = tuple(entry.request() for entry in self.containers)
        return pod_request_milli(self.name, containers, resource, container, own)

    def group(
        self,
        sample: SampleSituation | None,
        resource: str = "cpu",
        container: str = "",
        pod_level: bool = True,
    ) -> PodGroup:
        """The pod as a group of its own."""
        return PodGroup(
            1,
            self.phase,
            None if self.start_s is None else to_ms(self.start_s),
            None if self.ready is None else Condition(self.ready.status, to_ms(self.ready.since_s)),
            self.deleting,
            self.request(resource, container, pod_level),
            None if sample is None else sample.sample(),
        )


class SampleSituation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One pod's sample of a metric."""

    at_s: Seconds
    window_s: Seconds
    milli: int

    def sample(self) -> PodSample:
        """The sample as the rule wants it."""
        return PodSample(self.milli, to_ms(self.at_s), to_ms(self.window_s))


Samples = Mapping[str, SampleSituation]


def pods_reading(
    pods: Sequence[PodSituation],
    samples: Samples,
    resource: str = "cpu",
    container: str = "",
    pod_level: bool = True,
) -> MetricReading:
    """What the APIs answer for a metric of pods.

    Each pod a group, samples of other pods unknown.
    """
    known = {pod.name for pod in pods}
    unknown = [sample for name, sample in samples.items() if name not in known]
    return MetricReading(
        tuple(pod.group(samples.get(pod.name), resource, container, pod_level) for pod in pods),
        len(unknown),
        sum(sample.milli for sample in unknown),
    )


class PolicySituation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scaling policy."""

    type: Literal["Pods", "Percent"]
    value: int
    period_s: int


class RulesSituation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of one direction; any key may be absent."""

    policies: tuple[PolicySituation, ...] | None = None
    select_policy: Literal["Max", "Min", "Disabled"] | None = None
    stabilization_s: int | None = None
    tolerance: str | None = None

    def rules(self) -> ScalingRules:
        """The rules as the controller wants them."""
        policies = None
        if self.policies is not None:
            policies = tuple(
                ScalingPolicy(policy.type, policy.value, policy.period_s)
                for policy in self.policies
            )
        return ScalingRules(
            policies,
            self.select_policy,
            self.stabilization_s,
            None if self.tolerance is None else parse_quantity(self.tolerance),
        )


class BehaviorSituation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A behaviour; a direction may be absent or null."""

    scale_up: RulesSituation | None = None
    scale_down: RulesSituation | None = None

    def behavior(self) -> Behavior:
        """The behaviour as the controller wants it."""
        return Behavior(
            None if self.scale_up is None else self.scale_up.rules(),
            None if self.scale_down is None else self.scale_down.rules(),
        )


class RecommendationSituation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A slot of the recommendations."""

    at_s: Seconds
    replicas: int


class EventSituation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A slot of the scale events."""

    at_s: Seconds
    change: int
    outdated: bool = False


def recommendations(slots: Sequence[RecommendationSituation]) -> Recommendations:
    """The recommendations as the controller remembers them."""
    return recommendations_of(
        tuple(Recommendation(to_ms(slot.at_s), slot.replicas) for slot in slots)
    )


def scale_events(slots: Sequence[EventSituation]) -> tuple[ScaleEvent, ...]:
    """The scale events as the controller remembers them."""
    return tuple(ScaleEvent(to_ms(slot.at_s), slot.change, slot.outdated) for slot in slots)


def shown_recommendations(history: Recommendations | None) -> list[dict[str, Any]]:
    """Recommendations as the files write them."""
    slots = () if history is None else history.slots
    return [{"at_s": to_seconds(slot.at_ms), "replicas": slot.replicas} for slot in slots]


def shown_events(events: tuple[ScaleEvent, ...]) -> list[dict[str, Any]]:
    """Scale events as the files write them: `outdated` only where it holds."""
    return [
        {"at_s": to_seconds(event.at_ms), "change": event.change}
        | ({"outdated": True} if event.outdated else {})
        for event in events
    ]


class MetricSituation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A metric of an autoscaler's spec."""

    type: Literal["Resource", "ContainerResource", "Pods", "External", "Object"]
    resource: str = ""
    container: str = ""
    metric: str = ""
    kind: str = "Service"
    object: str = "svc"
    target_utilization_percent: int | None = None
    target_average_milli: int | None = None
    target_value_milli: int | None = None

    def spec(self) -> Metric:
        """The metric as the controller wants it.

        Raises:
            ValueError: its kind cannot have the target it has.
        """
        utilization = self.target_utilization_percent
        average = self.target_average_milli
        of_pods: UtilizationTarget | AverageValueTarget | None = None
        of_value: ValueTarget | AverageValueTarget | None = None
        if utilization is not None:
            of_pods = UtilizationTarget(utilization)
        elif average is not None:
            of_pods = of_value = AverageValueTarget(average)
        elif self.target_value_milli is not None:
            of_value = ValueTarget(self.target_value_milli)
        if self.type == "Resource" and of_pods is not None:
            return ResourceMetric(self.resource, of_pods)
        if self.type == "ContainerResource" and of_pods is not None:
            return ContainerResourceMetric(self.resource, self.container, of_pods)
        if self.type == "Pods" and isinstance(of_pods, AverageValueTarget):
            return PodsMetric(self.metric, of_pods)
        if self.type == "External" and of_value is not None:
            return ExternalMetric(self.metric, of_value)
        if self.type == "Object" and of_value is not None:
            return ObjectMetric(self.metric, self.kind, self.object, of_value)
        raise ValueError(f"{self} has no target its kind may have")
