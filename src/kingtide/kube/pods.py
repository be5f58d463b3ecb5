"""Pods and the templates they are made from.

A pod's `spec` never changes after creation and is shared by all pods of one template, so that rules
can evaluate it once; what changes (binding, phase, conditions) stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.kube.labels import LabelSelector, NodeSelectorTerm
from kingtide.kube.resources import NO_RESOURCES, Resources
from kingtide.kube.taints import Toleration

PodPhase = Literal["Pending", "Running", "Succeeded", "Failed", "Unknown"]
ConditionStatus = Literal["True", "False", "Unknown"]

MIRROR_ANNOTATION = "kubernetes.io/config.mirror"


class OwnerReference(msgspec.Struct, frozen=True, gc=False):
    """The controller that owns an object."""

    kind: str
    name: str
    uid: str = ""
    api_version: str = "apps/v1"


class HostPort(msgspec.Struct, frozen=True, gc=False):
    """A port of the node that a container takes; an empty `host_ip` is every address."""

    port: int
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    host_ip: str = ""


class Container(msgspec.Struct, frozen=True, gc=False):
    """A container: what it requests and where it is limited; limits None means no limit is set."""

    name: str
    image: str = ""
    requests: Resources = NO_RESOURCES
    limits: Resources | None = None
    always_restarts: bool = False
    """An init container with restartPolicy Always, that is, a sidecar."""
    host_ports: tuple[HostPort, ...] = ()


class Volume(msgspec.Struct, frozen=True, gc=False):
    """A volume by its source (`emptyDir`, `hostPath`, ...) and, for emptyDir, its medium."""

    name: str
    source: str
    medium: str = ""


class PreferredNodeTerm(msgspec.Struct, frozen=True, gc=False):
    """A node selector term that earns a node `weight` (1 to 100) points when it matches."""

    weight: int
    term: NodeSelectorTerm


class TopologySpreadConstraint(msgspec.Struct, frozen=True, gc=False):
    """How evenly pods that the selector selects are to be spread over the values of a node label.

    `selector` None selects no pod; `min_domains` None is 1. The policies say whether nodes that the
    pod's node affinity excludes, or whose taints it does not tolerate, count as domains.
    """

    max_skew: int
    topology_key: str
    when_unsatisfiable: Literal["DoNotSchedule", "ScheduleAnyway"]
    selector: LabelSelector | None = None
    min_domains: int | None = None
    node_affinity_policy: Literal["Honor", "Ignore"] = "Honor"
    node_taints_policy: Literal["Honor", "Ignore"] = "Ignore"
    match_label_keys: tuple[str, ...] = ()


class PodAffinityTerm(msgspec.Struct, frozen=True, gc=False):
    """Pods to be near to, or away from, within one value of a node label.

    `selector` None selects no pod. With neither `namespaces` nor a namespace selector the pod's own
    namespace is meant; an empty namespace selector means all namespaces.
    """

    topology_key: str
    selector: LabelSelector | None = None
    namespaces: tuple[str, ...] = ()
    namespace_selector: LabelSelector | None = None
    match_label_keys: tuple[str, ...] = ()
    mismatch_label_keys: tuple[str, ...] = ()


class WeightedPodAffinityTerm(msgspec.Struct, frozen=True, gc=False):
    """A preferred pod affinity (or anti-affinity) term with its weight, 1 to 100."""

    weight: int
    term: PodAffinityTerm


class PodSpec(msgspec.Struct, frozen=True, gc=False):
    """The immutable part of a pod; `priority` is already resolved from its class."""

    containers: tuple[Container, ...]
    init_containers: tuple[Container, ...] = ()
    overhead: Resources = NO_RESOURCES
    priority: int = 0
    priority_class_name: str = ""
    preemption_policy: Literal["PreemptLowerPriority", "Never"] = "PreemptLowerPriority"
    tolerations: tuple[Toleration, ...] = ()
    node_selector: tuple[tuple[str, str], ...] = ()
    required_node_affinity: tuple[NodeSelectorTerm, ...] = ()
    """Terms are alternatives; empty means no requirement."""
    termination_grace_period_seconds: int = 30
    restart_policy: Literal["Always", "OnFailure", "Never"] = "Always"
    volumes: tuple[Volume, ...] = ()
    preferred_node_affinity: tuple[PreferredNodeTerm, ...] = ()
    topology_spread: tuple[TopologySpreadConstraint, ...] = ()
    required_pod_affinity: tuple[PodAffinityTerm, ...] = ()
    required_pod_anti_affinity: tuple[PodAffinityTerm, ...] = ()
    preferred_pod_affinity: tuple[WeightedPodAffinityTerm, ...] = ()
    preferred_pod_anti_affinity: tuple[WeightedPodAffinityTerm, ...] = ()


class PodTemplate(msgspec.Struct, frozen=True, gc=False):
    """What a workload makes its pods from.

    `beside` stands for whatever else is written of it that nothing here reads (its environment, its
    probes): empty for nothing, and another text for anything else.
    """

    labels: Mapping[str, str]
    spec: PodSpec
    annotations: Mapping[str, str] = {}
    beside: str = ""


class Condition(msgspec.Struct, frozen=True, gc=False):
    """A condition of a pod or node with the time of its last transition."""

    status: ConditionStatus
    since_ms: int
    reason: str = ""
    message: str = ""


class Pod(msgspec.Struct, frozen=True, gc=False):
    """A pod as the API server knows it. Times are milliseconds since the Unix epoch.

    `node_name` and `nominated_node_name` are empty until set; `deletion_ms` is the moment deletion
    was asked for (deletionTimestamp less the grace period), None while nobody asked; `scheduled`
    and `ready` are None before the condition was first written; `started_ms` is status.startTime.
    """

    namespace: str
    name: str
    uid: str
    spec: PodSpec
    labels: Mapping[str, str]
    created_ms: int
    annotations: Mapping[str, str] = {}
    owner: OwnerReference | None = None
    deletion_ms: int | None = None
    deletion_grace_seconds: int | None = None
    node_name: str = ""
    nominated_node_name: str = ""
    phase: PodPhase = "Pending"
    scheduled: Condition | None = None
    ready: Condition | None = None
    started_ms: int | None = None
    resource_version: int = 0

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"

    @property
    def is_ready(self) -> bool:
        """Whether the Ready condition is True."""
        return self.ready is not None and self.ready.status == "True"

    @property
    def is_unschedulable(self) -> bool:
        """Whether the scheduler has tried and found no place."""
        return (
            self.node_name == ""
            and self.deletion_ms is None
            and self.scheduled is not None
            and self.scheduled.reason == "Unschedulable"
        )

    @property
    def is_terminal(self) -> bool:
        """Whether all its containers have ended for good."""
        return self.phase in ("Succeeded", "Failed")


def pod_requests(spec: PodSpec) -> Resources:
    """Return what the scheduler counts for a pod.

    Containers and sidecars, or the largest init step, plus overhead.

    Source:
    https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
    (v1.36).
    """
    containers = spec.containers
    if len(containers) == 1 and not spec.init_containers and spec.overhead == NO_RESOURCES:
        return containers[0].requests  # most pods, and nothing to add
    running = NO_RESOURCES
    peak = NO_RESOURCES
    for container in spec.init_containers:
        if container.always_restarts:
            running = running + container.requests
            peak = peak.at_least(running)
        else:
            peak = peak.at_least(running + container.requests)
    for container in containers:
        running = running + container.requests
    return running.at_least(peak) + spec.overhead


def cpu_limit_millicores(spec: PodSpec) -> int | None:
    """Return the pod's CPU limit, None when any of its containers has none."""
    limit = 0
    for container in spec.containers:
        if container.limits is None or container.limits.cpu_millicores == 0:
            return None
        limit += container.limits.cpu_millicores
    return limit
