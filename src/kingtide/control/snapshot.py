"""The world as a controller sees it.

Read-only, with the lag of watches and caches, valid during one pass.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import msgspec

from kingtide.aws.autoscaling import AutoScalingGroup, ScalingActivity
from kingtide.control.budget import Budget
from kingtide.control.inbox import Message
from kingtide.control.outcome import Outcome
from kingtide.control.unschedulable import AlikePods
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.shape import ShapeTable
from kingtide.kube.namespaces import Namespace
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.kube.scalables import Scalable
from kingtide.kube.workloads import ConfigMap, DaemonSet, Deployment, PodDisruptionBudget


class ClusterView(Protocol):
    """The observed Kubernetes objects.

    Every mapping is live, ordered by arrival, and must not be changed.
    """

    @property
    def nodes(self) -> Mapping[str, Node]:
        """Nodes by name."""

    @property
    def deployments(self) -> Mapping[str, Deployment]:
        """Deployments by `namespace/name`."""

    @property
    def daemon_sets(self) -> Mapping[str, DaemonSet]:
        """DaemonSets by `namespace/name`."""

    @property
    def config_maps(self) -> Mapping[str, ConfigMap]:
        """ConfigMaps by `namespace/name`."""

    @property
    def disruption_budgets(self) -> Mapping[str, PodDisruptionBudget]:
        """PodDisruptionBudgets by `namespace/name`."""

    @property
    def scalables(self) -> Mapping[str, Scalable]:
        """What a timetable may scale, by `Kind/namespace/name`."""

    @property
    def namespaces(self) -> Mapping[str, Namespace]:
        """Namespaces by name."""

    @property
    def forcing_pods(self) -> Mapping[str, Pod]:
        """Pods by uid that bear the annotation `downscaler/force-uptime`."""

    @property
    def unschedulable_alike(self) -> Collection[AlikePods]:
        """Pods the scheduler tried and could not place, by shape and annotations."""

    @property
    def shapes(self) -> ShapeTable:
        """The shapes of all pods seen so far."""

    @property
    def node_table(self) -> NodeTable:
        """Allocatable and requested resources of every node, in arrays.

        Rows of bound, not ended pods.
        """

    def pod(self, uid: str) -> Pod | None:
        """Return a pod by uid, None when it is not (or no longer) known."""

    def pods_on(self, node: str) -> Mapping[str, Pod]:
        """Return the pods bound to a node by uid, terminating ones included."""

    def controller_exists(self, kind: str, namespace: str, name: str) -> bool:
        """Return whether a pod's owning controller is known."""

    def controller_replicas(self, kind: str, namespace: str, name: str) -> int | None:
        """Return the replicas a pod's owning controller wants, None where nothing tells."""

    def nodes_touched_since(self, cursor: int) -> tuple[Sequence[str], int]:
        """Return names of nodes that changed, or whose pods did, after a cursor.

        The next cursor.

        A cursor of 0 returns every node. Names come in the order of their last touch; a removed
        node's name is among them.
        """

    def autoscaler_of(self, key: str) -> Scalable | None:
        """Return the HPA that scales an object (`Kind/namespace/name`), None without one."""

    def scalables_touched_since(self, cursor: int) -> tuple[Sequence[str], int]:
        """Return names of what a timetable reads that changed after a cursor, and the next cursor.

        Names are `Kind/namespace/name`, `Namespace/name` and, of pods that keep everything up,
        `Pod/uid`; those of removed objects are among them. A cursor of 0 returns every name.
        """


class CloudView(Protocol):
    """The cloud as the last describe calls told it."""

    @property
    def groups(self) -> Mapping[str, AutoScalingGroup]:
        """Auto Scaling groups by name, with their instances."""

    def activities_since(self, group: str, since_ms: int) -> Sequence[ScalingActivity]:
        """Return a group's scaling activities that started at or after a time, oldest first."""


class Snapshot(msgspec.Struct, frozen=True):
    """One pass's view: the cluster.

    The cloud, what became of the earlier actions, and the messages not acknowledged yet.
    """

    cluster: ClusterView
    cloud: CloudView
    cluster_name: str
    outcomes: tuple[Outcome, ...] = ()
    inbox: tuple[Message, ...] = ()
    budgets: tuple[Budget, ...] = ()
    """The disruption budgets that all controllers share."""
