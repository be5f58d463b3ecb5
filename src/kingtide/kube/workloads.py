"""Workloads: Deployments, ReplicaSets, DaemonSets and the objects that steer them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Condition, OwnerReference, PodTemplate


class Deployment(msgspec.Struct, frozen=True, gc=False):
    """A Deployment; `max_surge` and `max_unavailable` are as written (`25%` or a number).

    A pod is available once it has been Ready for `min_ready_seconds`. `progress_deadline_seconds`
    None means that no rollout is ever said to have stalled. One that is `paused` is scaled, and its
    template is not rolled out.
    """

    namespace: str
    name: str
    uid: str
    replicas: int
    template: PodTemplate
    selector: LabelSelector
    created_ms: int = 0
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    max_surge: str = "25%"
    max_unavailable: str = "25%"
    status_replicas: int = 0
    ready_replicas: int = 0
    resource_version: int = 0
    strategy: Literal["RollingUpdate", "Recreate"] = "RollingUpdate"
    min_ready_seconds: int = 0
    progress_deadline_seconds: int | None = 600
    paused: bool = False

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


class ReplicaSet(msgspec.Struct, frozen=True, gc=False):
    """A ReplicaSet; its owner is a Deployment, a custom controller's object, or None.

    `desired_replicas` and `max_replicas` are what the annotations of deployment.kubernetes.io of
    these names say: how many pods its Deployment wanted, and might have for a moment, when this
    ReplicaSet was last scaled; None without the annotation. `revision` is the annotation of the
    same group: the higher, the later its template was wanted; None without.
    """

    namespace: str
    name: str
    uid: str
    replicas: int
    template: PodTemplate
    selector: LabelSelector
    owner: OwnerReference | None = None
    created_ms: int = 0
    status_replicas: int = 0
    ready_replicas: int = 0
    resource_version: int = 0
    available_replicas: int = 0
    desired_replicas: int | None = None
    max_replicas: int | None = None
    revision: int | None = None

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


class StatefulSet(msgspec.Struct, frozen=True, gc=False):
    """A StatefulSet: pods with an ordinal each, from 0 on.

    `max_unavailable` is as written (`1` or `25%`); pods with an ordinal below `partition` keep the
    revision they have. `current_revision` and `update_revision` are ControllerRevision names; a set
    whose two are the same is not being updated.
    """

    namespace: str
    name: str
    uid: str
    replicas: int
    template: PodTemplate
    selector: LabelSelector
    created_ms: int = 0
    pod_management_policy: Literal["OrderedReady", "Parallel"] = "OrderedReady"
    update_strategy: Literal["RollingUpdate", "OnDelete"] = "RollingUpdate"
    partition: int = 0
    max_unavailable: str = "1"
    min_ready_seconds: int = 0
    current_revision: str = ""
    update_revision: str = ""
    resource_version: int = 0
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


class DaemonSet(msgspec.Struct, frozen=True, gc=False):
    """A DaemonSet: one pod on every node that its template tolerates and selects.

    `max_unavailable` is a number of nodes or a percentage as written, for RollingUpdate.
    """

    namespace: str
    name: str
    uid: str
    template: PodTemplate
    selector: LabelSelector
    created_ms: int = 0
    resource_version: int = 0
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    update_strategy: Literal["RollingUpdate", "OnDelete"] = "RollingUpdate"
    max_unavailable: str = "1"

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


class Service(msgspec.Struct, frozen=True, gc=False):
    """A Service by the labels of the pods it selects; an empty selector selects no pod."""

    namespace: str
    name: str
    selector: tuple[tuple[str, str], ...] = ()
    resource_version: int = 0

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


class PriorityClass(msgspec.Struct, frozen=True, gc=False):
    """A name for a pod priority."""

    name: str
    value: int
    global_default: bool = False
    resource_version: int = 0


class PodDisruptionBudget(msgspec.Struct, frozen=True, gc=False):
    """A PodDisruptionBudget with the controller's last word on how many disruptions it allows.

    `min_available` and `max_unavailable` are as written (`25%` or a number); at most one is set.
    `disrupted_pods` are pods, by name, whose eviction was granted and whose deletion the controller
    has not seen yet, with the time of the grant. `disruption_allowed` is the condition of that
    name, None before it was first written.
    """

    namespace: str
    name: str
    selector: LabelSelector
    disruptions_allowed: int = 0
    resource_version: int = 0
    min_available: str | None = None
    max_unavailable: str | None = None
    unhealthy_pod_eviction_policy: Literal["IfHealthyBudget", "AlwaysAllow"] = "IfHealthyBudget"
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    disrupted_pods: Mapping[str, int] = {}
    disruption_allowed: Condition | None = None
    generation: int = 0
    observed_generation: int = 0
    uid: str = ""
    created_ms: int = 0
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


class ConfigMap(msgspec.Struct, frozen=True, gc=False):
    """A ConfigMap's text data."""

    namespace: str
    name: str
    data: Mapping[str, str]
    resource_version: int = 0

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"
