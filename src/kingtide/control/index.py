"""The observed cluster: indexes over the objects a watch delivered, maintained change by change.

The twin feeds it with its own changes after the watch's latency, a reflector with the API server's.
Controllers see it through `control.snapshot.ClusterView` and never write it. Work is proportional
to what changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from kingtide.control.scalable_index import FORCE_UPTIME, ScalableIndex
from kingtide.control.touch_log import TouchLog
from kingtide.control.unschedulable import AlikePods, UnschedulablePods
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.shape import ShapeTable
from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.jobs import CronJob, Job
from kingtide.kube.namespaces import Namespace
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.kube.scalables import Scalable
from kingtide.kube.workloads import (
    ConfigMap,
    DaemonSet,
    Deployment,
    PodDisruptionBudget,
    ReplicaSet,
    StatefulSet,
)

_OtherObject = (
    Deployment
    | ReplicaSet
    | StatefulSet
    | DaemonSet
    | Job
    | CronJob
    | ConfigMap
    | PodDisruptionBudget
    | HorizontalPodAutoscaler
    | Namespace
    | Scalable
)
WatchedObject = Pod | Node | _OtherObject

T = TypeVar("T")

_NO_PODS: Mapping[str, Pod] = MappingProxyType({})


class ClusterIndex:
    """Implements ClusterView; `apply` is the only way in."""

    def __init__(self) -> None:
        self.shapes = ShapeTable()
        self.node_table = NodeTable(self.shapes)
        self.nodes: dict[str, Node] = {}
        self.deployments: dict[str, Deployment] = {}
        self.daemon_sets: dict[str, DaemonSet] = {}
        self.config_maps: dict[str, ConfigMap] = {}
        self.disruption_budgets: dict[str, PodDisruptionBudget] = {}
        self._unschedulable = UnschedulablePods(self.shapes)
        self._replica_sets: dict[str, ReplicaSet] = {}
        self._other_owners: dict[str, StatefulSet | Job | CronJob] = {}
        """By `kind/namespace/name`."""
        self._pods: dict[str, Pod] = {}
        self._pods_on: dict[str, dict[str, Pod]] = {}
        self._touches = TouchLog()
        self._scalables = ScalableIndex()

    # ------------------------------------------------------------ reading

    @property
    def unschedulable_alike(self) -> Collection[AlikePods]:
        """Pods that the scheduler could not place, in groups of those that are alike."""
        return self._unschedulable.alike

    @property
    def unschedulable_arrivals(self) -> int:
        """How many pods ever became unschedulable.

        Whoever runs controllers can tell from it whether one is to be woken.
        """
        return self._unschedulable.arrivals

    def pod(self, uid: str) -> Pod | None:
        """Return a pod by uid, None when it is not (or no longer) known."""
        return self._pods.get(uid)

    def pods_on(self, node: str) -> Mapping[str, Pod]:
        """Return the pods bound to a node by uid, terminating ones included."""
        return self._pods_on.get(node, _NO_PODS)

    def controller_exists(self, kind: str, namespace: str, name: str) -> bool:
        """Return whether a pod's owning controller is known."""
        key = f"{namespace}/{name}"
        match kind:
            case "ReplicaSet":
                return key in self._replica_sets
            case "DaemonSet":
                return key in self.daemon_sets
            case "Deployment":
                return key in self.deployments
            case _:
                return f"{kind}/{key}" in self._other_owners

    def controller_replicas(self, kind: str, namespace: str, name: str) -> int | None:
        """Return the replicas a pod's owning controller wants, None where it has none."""
        key = f"{namespace}/{name}"
        if kind == "ReplicaSet" and key in self._replica_sets:
            return self._replica_sets[key].replicas
        if kind == "Deployment" and key in self.deployments:
            return self.deployments[key].replicas
        other = self._other_owners.get(f"{kind}/{key}")
        return other.replicas if isinstance(other, StatefulSet) else None

    def nodes_touched_since(self, cursor: int) -> tuple[Sequence[str], int]:
        """Return names of nodes touched after a cursor, oldest touch first, and the next cursor."""
        return self._touches.since(cursor)

    @property
    def scalables(self) -> Mapping[str, Scalable]:
        """What a timetable may scale, by `Kind/namespace/name`."""
        return self._scalables.scalables

    @property
    def namespaces(self) -> Mapping[str, Namespace]:
        """Namespaces by name."""
        return self._scalables.namespaces

    @property
    def forcing_pods(self) -> Mapping[str, Pod]:
        """Pods by uid that bear the annotation `downscaler/force-uptime`."""
        return self._scalables.forcing_pods

    def autoscaler_of(self, key: str) -> Scalable | None:
        """Return the HPA that scales an object (`Kind/namespace/name`), None without one."""
        return self._scalables.autoscaler_of(key)

    def scalables_touched_since(self, cursor: int) -> tuple[Sequence[str], int]:
        """Return names of scalables, namespaces and forcing pods touched after a cursor."""
        return self._scalables.touched_since(cursor)

    # ------------------------------------------------------------ writing

    def apply(self, old: WatchedObject | None, new: WatchedObject | None) -> None:
        """Take in one change: an addition (`old` None), an update, or a deletion (`new` None).

        An addition or update of what is known already, and a deletion of what is not, do no harm:
        a watch that starts again tells both.
        """
        gone = new is None
        match new if new is not None else old:
            case Pod() as pod:
                if FORCE_UPTIME in pod.annotations or pod.uid in self._scalables.forcing_pods:
                    self._scalables.take_pod(pod, gone=gone)
                if gone:
                    self._forget_pod(pod.uid)
                else:
                    self._take_pod(pod)
            case Node() as node:
                if gone:
                    self._forget_node(node.name)
                else:
                    self._take_node(node)
            case None:
                pass
            case it:
                self._take_other(it, gone=gone)

    def _take_other(self, it: _OtherObject, *, gone: bool) -> None:
        match it:
            case Deployment():
                _put(self.deployments, it.key, it, keep=not gone)
            case ReplicaSet():
                _put(self._replica_sets, it.key, it, keep=not gone)
            case StatefulSet() | Job() | CronJob():
                key = f"{type(it).__name__}/{it.key}"
                _put(self._other_owners, key, it, keep=not gone)
            case DaemonSet():
                _put(self.daemon_sets, it.key, it, keep=not gone)
            case ConfigMap():
                _put(self.config_maps, it.key, it, keep=not gone)
            case PodDisruptionBudget():
                _put(self.disruption_budgets, it.key, it, keep=not gone)
            case Namespace():
                self._scalables.take_namespace(it, gone=gone)
            case HorizontalPodAutoscaler() | Scalable():
                pass
        if not isinstance(it, (ReplicaSet, ConfigMap, Namespace)):
            self._scalables.take(it, gone=gone)

    def _take_pod(self, new: Pod) -> None:
        uid, node = new.uid, new.node_name
        known = self._pods.get(uid)
        self._pods[uid] = new
        if node:
            if known is None or not known.node_name:
                self._unschedulable.remove(uid)
            there = self._pods_on.get(node)
            if there is None:
                there = self._pods_on[node] = {}
            there[uid] = new
            self._recount(known, new)
            self._touches.touch(node, self.nodes)
        elif not new.is_unschedulable:
            self._unschedulable.remove(new.uid)
        else:
            self._unschedulable.put(new)

    def _forget_pod(self, uid: str) -> None:
        known = self._pods.pop(uid, None)
        if known is None:
            return
        self._unschedulable.remove(uid)
        name = known.node_name
        if name:
            there = self._pods_on[name]
            del there[uid]
            if not there and name not in self.nodes:
                del self._pods_on[name]
            self._recount(known, None)
            self._touch(name)

    def _recount(self, known: Pod | None, new: Pod | None) -> None:
        """Keep the table's sums as a pod is bound, relabelled, ends or goes."""
        held = known if known is not None and _holds_room(known) else None
        holds = new if new is not None and _holds_room(new) else None
        if held is not None and holds is not None and _is_alike(held, holds):
            return
        if held is not None:
            row = self.node_table.row_of(held.node_name)
            if row is not None:
                self.node_table.take(row, self.shapes.intern(held))
        if holds is not None:
            row = self.node_table.row_of(holds.node_name)
            if row is not None:
                self.node_table.add(row, self.shapes.intern(holds))

    def _take_node(self, new: Node) -> None:
        arrives = new.name not in self.nodes
        self.nodes[new.name] = new
        row = self.node_table.upsert(new)
        if arrives:
            for pod in self.pods_on(new.name).values():
                if _holds_room(pod):
                    self.node_table.add(row, self.shapes.intern(pod))
        self._touch(new.name)

    def _forget_node(self, name: str) -> None:
        if self.nodes.pop(name, None) is None:
            return
        self.node_table.remove(name)
        if not self._pods_on.get(name):
            self._pods_on.pop(name, None)
        self._touch(name)

    def _touch(self, node: str) -> None:
        self._touches.touch(node, self.nodes)


def _holds_room(pod: Pod) -> bool:
    """Whether a pod holds its node's resources: bound, until it is gone or has ended."""
    return pod.node_name != "" and not pod.is_terminal


def _is_alike(known: Pod, new: Pod) -> bool:
    """Whether a later version of a pod has the shape of the earlier one: its spec never changes."""
    return known.labels == new.labels and known.owner == new.owner


def _put(mapping: dict[str, T], key: str, value: T, *, keep: bool) -> None:
    if keep:
        mapping[key] = value
    else:
        mapping.pop(key, None)
