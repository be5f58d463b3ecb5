"""Pods and the templates they are made from.

A pod's `spec` never changes after creation and is shared by all pods of one template, so that rules
can evaluate it once; what changes (binding, phase, conditions) stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.kube.labels import NodeSelectorTerm
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


class Container(msgspec.Struct, frozen=True, gc=False):
    """A container: what it requests and where it is limited; limits None means no limit is set."""

    name: str
    image: str = ""
    requests: Resources = NO_RESOURCES
    limits: Resources | None = None
    always_restarts: bool = False
    """An init container with restartPolicy Always, that is, a sidecar."""


class Volume(msgspec.Struct, frozen=True, gc=False):
    """A volume by its source (`emptyDir`, `hostPath`, ...) and, for emptyDir, its medium."""

    name: str
    source: str
    medium: str = ""


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


class PodTemplate(msgspec.Struct, frozen=True, gc=False):
    """What a workload makes its pods from."""

    labels: Mapping[str, str]
    spec: PodSpec
    annotations: Mapping[str, str] = {}


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
    running = NO_RESOURCES
    peak = NO_RESOURCES
    for container in spec.init_containers:
        if container.always_restarts:
            running = running + container.requests
            peak = peak.at_least(running)
        else:
            peak = peak.at_least(running + container.requests)
    for container in spec.containers:
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
