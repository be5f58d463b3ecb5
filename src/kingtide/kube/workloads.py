"""Workloads: Deployments, ReplicaSets, DaemonSets and the objects that steer them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import OwnerReference, PodTemplate


class Deployment(msgspec.Struct, frozen=True, gc=False):
    """A Deployment; `max_surge` and `max_unavailable` are as written (`25%` or a number)."""

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

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


class ReplicaSet(msgspec.Struct, frozen=True, gc=False):
    """A ReplicaSet; its owner is a Deployment or None."""

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

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


class DaemonSet(msgspec.Struct, frozen=True, gc=False):
    """A DaemonSet: one pod on every node that its template tolerates and selects."""

    namespace: str
    name: str
    uid: str
    template: PodTemplate
    selector: LabelSelector
    created_ms: int = 0
    resource_version: int = 0

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
    """A PodDisruptionBudget with the controller's last word on how many disruptions it allows."""

    namespace: str
    name: str
    selector: LabelSelector
    disruptions_allowed: int = 0
    resource_version: int = 0


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
