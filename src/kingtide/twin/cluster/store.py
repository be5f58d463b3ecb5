"""The API server's store: objects with resourceVersions, and who is told of each write.

Components inside the control plane subscribe and are told at once (their own latencies are theirs
to add); controllers outside see changes after the watch's latency (`watch.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import msgspec

from kingtide.control.index import WatchedObject
from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.jobs import CronJob, Job
from kingtide.kube.namespaces import Namespace
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import (
    ConfigMap,
    DaemonSet,
    Deployment,
    PodDisruptionBudget,
    ReplicaSet,
    StatefulSet,
)

Listener = Callable[[WatchedObject | None, WatchedObject | None], None]
PodListener = Callable[[Pod | None, Pod | None], None]
NodeListener = Callable[[Node | None, Node | None], None]


class ReplicaSetListener(Protocol):
    """Hears of a ReplicaSet that is new, changed or (`gone`) deleted."""

    def __call__(self, replica_set: ReplicaSet, /, *, gone: bool) -> None:
        """Take it in."""


WantedListener = Callable[[str, int], None]
WorkloadListener = Callable[[str], None]

W = TypeVar(
    "W",
    Deployment,
    ReplicaSet,
    StatefulSet,
    PodDisruptionBudget,
    Job,
    CronJob,
    HorizontalPodAutoscaler,
    Namespace,
    DaemonSet,
    ConfigMap,
)

_REFUSAL_FIELDS = frozenset({"scheduled", "nominated_node_name"})
"""What the scheduler writes of a pod that it does not bind; with a node name it is a binding."""


class Conflict(Exception):
    """A write on a value that is not the stored one, or a creation of what exists: a defect.

    The API server would answer 409. Components here look at the store before they write.
    """


class Store:
    """All objects by kind; every write gets the next resourceVersion.

    Listeners are called in the order they subscribed, with (before, after); None means not there.
    """

    def __init__(self) -> None:
        self.revision = 0
        self.pods: dict[str, Pod] = {}
        self.lone_pods: dict[str, str] = {}
        """Uids of pods that nobody owns, by `namespace/name`."""
        self.nodes: dict[str, Node] = {}
        self.deployments: dict[str, Deployment] = {}
        self.replica_sets: dict[str, ReplicaSet] = {}
        self.daemon_sets: dict[str, DaemonSet] = {}
        self.config_maps: dict[str, ConfigMap] = {}
        self.stateful_sets: dict[str, StatefulSet] = {}
        self.jobs: dict[str, Job] = {}
        self.cron_jobs: dict[str, CronJob] = {}
        self.disruption_budgets: dict[str, PodDisruptionBudget] = {}
        self.autoscalers: dict[str, HorizontalPodAutoscaler] = {}
        self.namespaces: dict[str, Namespace] = {}
        self.admit: Callable[[Pod], Pod] | None = None
        """What becomes of pods before they are stored; None: they are stored as they come."""
        self._wanted_listeners: list[WantedListener] = []
        self._workload_listeners: list[WorkloadListener] = []
        self._application_of: dict[str, str] = {}
        """Key of the application by uid of an owner, as said or, once asked for, as it is named."""
        self._pod_listeners: list[PodListener] = []
        self._owner_counters: list[PodListener] = []
        """Those of them that count pods by owner or labels."""
        self._refusal_listeners: list[PodListener] = []
        """Those of them that heed refusals, in the same order."""
        self._node_listeners: list[NodeListener] = []
        self._replica_set_listeners: list[ReplicaSetListener] = []
        self._listeners: list[Listener] = []
        self._recorder: Listener | None = None

    def on_pods(
        self, listener: PodListener, *, heeds_refusals: bool = True, counts_owners: bool = False
    ) -> None:
        """Tell a listener of every pod write.

        One that does not heed refusals is spared the writes that only say why a pod has no node
        yet, or which one it was promised: in a shortage a third of all. One that counts pods by
        owner or labels is told of a pod that is handed over as of one that goes and one that comes.
        """
        self._pod_listeners.append(listener)
        if counts_owners:
            self._owner_counters.append(listener)
        if heeds_refusals:
            self._refusal_listeners.append(listener)

    def on_nodes(self, listener: NodeListener) -> None:
        """Tell a listener of every node write."""
        self._node_listeners.append(listener)

    def on_replica_sets(self, listener: ReplicaSetListener) -> None:
        """Tell a listener of every ReplicaSet that is new, changed or deleted."""
        self._replica_set_listeners.append(listener)

    def on_wanted(self, listener: WantedListener) -> None:
        """Tell a listener how many pods (second) an application (first) wants, at each write."""
        self._wanted_listeners.append(listener)

    def on_workloads(self, listener: WorkloadListener) -> None:
        """Tell a listener the key of every Deployment or StatefulSet that is new or changed."""
        self._workload_listeners.append(listener)

    def on_all(self, listener: Listener) -> None:
        """Tell a listener of every write of any kind."""
        self._listeners.append(listener)

    def record_by(self, recorder: Listener) -> None:
        """Tell one listener of every write before all others, at the write's own revision.

        Listeners write in turn, so who comes after them hears of later writes first.
        """
        self._recorder = recorder

    def next_revision(self) -> int:
        """Return the resourceVersion of a write on an object that stands outside this store."""
        return self._next()

    # ------------------------------------------------------------ pods and nodes

    def create_pod(self, pod: Pod) -> Pod:
        """Store a new pod and return it with its resourceVersion.

        Raises:
            Conflict: it exists.
        """
        if pod.uid in self.pods:
            raise Conflict(f"pod {pod.uid} exists")
        if self.admit is not None:
            pod = self.admit(pod)
        new = msgspec.structs.replace(pod, resource_version=self._next())
        self.pods[new.uid] = new
        if new.owner is None:
            self.lone_pods[new.key] = new.uid
        self._tell_pod(None, new, self._pod_listeners)
        return new

    def update_pod(self, pod: Pod, **changes: object) -> Pod:
        """Store a changed pod and return it.

        Raises:
            Conflict: `pod` is not the stored value.
        """
        _check_stored(self.pods.get(pod.uid), pod)
        new = msgspec.structs.replace(pod, resource_version=self._next(), **changes)
        self.pods[new.uid] = new
        is_refusal = _REFUSAL_FIELDS.issuperset(changes)
        self._tell_pod(pod, new, self._refusal_listeners if is_refusal else self._pod_listeners)
        return new

    def hand_over_pod(self, pod: Pod, **changes: object) -> Pod:
        """Store a pod with another owner or other labels, whatever else is changed, and return it.

        Raises:
            Conflict: `pod` is not the stored value.
        """
        _check_stored(self.pods.get(pod.uid), pod)
        new = msgspec.structs.replace(pod, resource_version=self._next(), **changes)
        self.pods[new.uid] = new
        self.lone_pods.pop(pod.key, None)
        if new.owner is None:
            self.lone_pods[new.key] = new.uid
        if self._recorder is not None:
            self._recorder(pod, new)
        for listener in self._pod_listeners:
            if listener in self._owner_counters:
                listener(pod, None)
                listener(None, new)
            else:
                listener(pod, new)
        for any_listener in self._listeners:
            any_listener(pod, new)
        return new

    def delete_pod(self, pod: Pod) -> None:
        """Remove a pod for good.

        Raises:
            Conflict: `pod` is not the stored value.
        """
        _check_stored(self.pods.get(pod.uid), pod)
        self._next()
        del self.pods[pod.uid]
        if pod.owner is None:
            self.lone_pods.pop(pod.key, None)
        self._tell_pod(pod, None, self._pod_listeners)

    def create_node(self, node: Node) -> Node:
        """Store a new node and return it with its resourceVersion.

        Raises:
            Conflict: it exists.
        """
        if node.name in self.nodes:
            raise Conflict(f"node {node.name} exists")
        new = msgspec.structs.replace(node, resource_version=self._next())
        self.nodes[new.name] = new
        self._tell_node(None, new)
        return new

    def update_node(self, node: Node, **changes: object) -> Node:
        """Store a changed node and return it.

        Raises:
            Conflict: `node` is not the stored value.
        """
        _check_stored(self.nodes.get(node.name), node)
        new = msgspec.structs.replace(node, resource_version=self._next(), **changes)
        self.nodes[new.name] = new
        self._tell_node(node, new)
        return new

    def delete_node(self, node: Node) -> None:
        """Remove a node for good.

        Raises:
            Conflict: `node` is not the stored value.
        """
        _check_stored(self.nodes.get(node.name), node)
        self._next()
        del self.nodes[node.name]
        self._tell_node(node, None)

    # ------------------------------------------------------------ workloads and configuration

    def put_deployment(self, deployment: Deployment) -> Deployment:
        """Store a Deployment, new or changed."""
        new = self._put(self.deployments, deployment)
        self._tell_workload(new.key)
        return new

    def put_replica_set(self, replica_set: ReplicaSet) -> ReplicaSet:
        """Store a ReplicaSet, new or changed."""
        new = self._put(self.replica_sets, replica_set)
        for listener in self._replica_set_listeners:
            listener(new, gone=False)
        self._tell_wanted(*self._wanted_by(new))
        return new

    def put_stateful_set(self, stateful_set: StatefulSet) -> StatefulSet:
        """Store a StatefulSet, new or changed."""
        new = self._put(self.stateful_sets, stateful_set)
        self._tell_workload(new.key)
        self._tell_wanted(new.key, new.replicas)
        return new

    def put_job(self, job: Job) -> Job:
        """Store a Job, new or changed."""
        return self._put(self.jobs, job)

    def delete_job(self, job: Job) -> None:
        """Remove a Job; its pods are for the caller to delete."""
        self._drop(self.jobs, job)

    def delete_deployment(self, deployment: Deployment) -> None:
        """Remove a Deployment; its ReplicaSets are for the caller to delete."""
        self._drop(self.deployments, deployment)
        self._tell_workload(deployment.key)
        self._tell_wanted(deployment.key, 0)

    def delete_replica_set(self, replica_set: ReplicaSet) -> None:
        """Remove a ReplicaSet; its pods are for the caller to delete."""
        self._drop(self.replica_sets, replica_set)
        for listener in self._replica_set_listeners:
            listener(replica_set, gone=True)

    def delete_stateful_set(self, stateful_set: StatefulSet) -> None:
        """Remove a StatefulSet; its pods are for the caller to delete."""
        self._drop(self.stateful_sets, stateful_set)
        self._tell_workload(stateful_set.key)
        self._tell_wanted(stateful_set.key, 0)

    def delete_daemon_set(self, daemon_set: DaemonSet) -> None:
        """Remove a DaemonSet; its pods are for the caller to delete."""
        self._drop(self.daemon_sets, daemon_set)

    def delete_cron_job(self, cron_job: CronJob) -> None:
        """Remove a CronJob; its Jobs are for the caller to delete."""
        self._drop(self.cron_jobs, cron_job)

    def delete_disruption_budget(self, budget: PodDisruptionBudget) -> None:
        """Remove a PodDisruptionBudget."""
        self._drop(self.disruption_budgets, budget)

    def delete_autoscaler(self, autoscaler: HorizontalPodAutoscaler) -> None:
        """Remove a HorizontalPodAutoscaler."""
        self._drop(self.autoscalers, autoscaler)

    def delete_namespace(self, namespace: Namespace) -> None:
        """Remove a namespace; what is in it is for the caller to delete."""
        self._drop(self.namespaces, namespace)

    def delete_config_map(self, config_map: ConfigMap) -> None:
        """Remove a ConfigMap."""
        self._drop(self.config_maps, config_map)

    def put_cron_job(self, cron_job: CronJob) -> CronJob:
        """Store a CronJob, new or changed."""
        return self._put(self.cron_jobs, cron_job)

    def put_disruption_budget(self, budget: PodDisruptionBudget) -> PodDisruptionBudget:
        """Store a PodDisruptionBudget, new or changed."""
        return self._put(self.disruption_budgets, budget)

    def put_autoscaler(self, autoscaler: HorizontalPodAutoscaler) -> HorizontalPodAutoscaler:
        """Store a HorizontalPodAutoscaler, new or changed."""
        return self._put(self.autoscalers, autoscaler)

    def put_namespace(self, namespace: Namespace) -> Namespace:
        """Store a namespace, new or changed."""
        return self._put(self.namespaces, namespace)

    # ------------------------------------------------------------ whose pods they are

    def belongs_to(self, owner_uid: str, application: str) -> None:
        """Say that an owner's pods are an application's whose name (`namespace/name`) it has not.

        That is so for a Deployment's later ReplicaSets and for a CronJob's Jobs.
        """
        self._application_of[owner_uid] = application

    def wanted_replicas(self, application: str) -> int | None:
        """Return how many pods an application wants, None for Jobs and what does not exist."""
        owner = self.deployments.get(application) or self.stateful_sets.get(application)
        return None if owner is None else owner.replicas

    def application_of(self, pod: Pod) -> str | None:
        """Return the application (`namespace/name`) a pod is of, None for daemons and lone pods."""
        owner = pod.owner
        if owner is None or owner.kind == "DaemonSet":
            return None
        found = self._application_of.get(owner.uid)
        if found is None:
            found = self._application_of[owner.uid] = f"{pod.namespace}/{owner.name}"
        return found

    # ------------------------------------------------------------ configuration

    def put_daemon_set(self, daemon_set: DaemonSet) -> DaemonSet:
        """Store a DaemonSet, new or changed."""
        return self._put(self.daemon_sets, daemon_set)

    def put_config_map(self, config_map: ConfigMap) -> ConfigMap:
        """Store a ConfigMap, new or changed."""
        return self._put(self.config_maps, config_map)

    # ------------------------------------------------------------ inside

    def _put(self, objects: dict[str, W], value: W) -> W:
        old = objects.get(value.key)
        new = msgspec.structs.replace(value, resource_version=self._next())
        objects[new.key] = new
        self._tell(old, new)
        return new

    def _drop(self, objects: dict[str, W], value: W) -> None:
        self._next()
        self._tell(objects.pop(value.key), None)

    def _wanted_by(self, replica_set: ReplicaSet) -> tuple[str, int]:
        """Return a ReplicaSet's application and what that wants, which is its Deployment's word.

        In the middle of a rollout several ReplicaSets share it, or none has it yet.
        """
        owner = replica_set.owner
        key = f"{replica_set.namespace}/{replica_set.name if owner is None else owner.name}"
        deployment = self.deployments.get(key)
        return key, replica_set.replicas if deployment is None else deployment.replicas

    def _tell_wanted(self, application: str, replicas: int) -> None:
        for listener in self._wanted_listeners:
            listener(application, replicas)

    def _tell_workload(self, key: str) -> None:
        for listener in self._workload_listeners:
            listener(key)

    def _next(self) -> int:
        self.revision += 1
        return self.revision

    def _tell_pod(self, old: Pod | None, new: Pod | None, listeners: list[PodListener]) -> None:
        if self._recorder is not None:
            self._recorder(old, new)
        for listener in listeners:
            listener(old, new)
        for any_listener in self._listeners:
            any_listener(old, new)

    def _tell_node(self, old: Node | None, new: Node | None) -> None:
        if self._recorder is not None:
            self._recorder(old, new)
        for listener in self._node_listeners:
            listener(old, new)
        for any_listener in self._listeners:
            any_listener(old, new)

    def _tell(self, old: WatchedObject | None, new: WatchedObject | None) -> None:
        if self._recorder is not None:
            self._recorder(old, new)
        for listener in self._listeners:
            listener(old, new)


def _check_stored(stored: Pod | Node | None, given: Pod | Node) -> None:
    if stored is not given:
        raise Conflict(f"{given.name}: not the stored version {given.resource_version}")
