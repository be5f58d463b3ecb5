"""Writes of anybody on the objects that a world models: each through the component that runs it.

This is to the twin what the API server's storage is to Kubernetes: its controllers are told of a
write and act after their queues. Nothing is stored past them.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.controlplane.hpa.model import HpaSpec
from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.jobs import CronJob, Job
from kingtide.kube.namespaces import Namespace
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Pod
from kingtide.kube.workloads import (
    ConfigMap,
    DaemonSet,
    Deployment,
    PodDisruptionBudget,
    ReplicaSet,
    StatefulSet,
)
from kingtide.twin.cluster.adoption import Adoption
from kingtide.twin.cluster.kubelet import PodBehaviour
from kingtide.twin.deployment_changes import DeploymentChanges
from kingtide.twin.latencies import Latency
from kingtide.twin.world import World

Changeable = (
    Pod
    | Node
    | Namespace
    | ConfigMap
    | Deployment
    | ReplicaSet
    | StatefulSet
    | DaemonSet
    | Job
    | CronJob
    | PodDisruptionBudget
    | HorizontalPodAutoscaler
)

Owning = Deployment | ReplicaSet | StatefulSet | DaemonSet | Job | CronJob
"""What owns pods, or what owns them."""

_MAY_BE_ADOPTED = (Pod, ReplicaSet, StatefulSet, DaemonSet)
"""What is adopted, or adopts, as soon as it is there; a Deployment looks for itself."""

_SERVICE = Latency(
    ((0, 2_000), (50, 5_000), (100, 12_000)), "a small service with a readiness probe", assumed=True
)
_WORK = Latency(((0, 5_000), (50, 20_000), (100, 60_000)), "a short task", assumed=True)
BECOMES_READY = PodBehaviour(ready_after=_SERVICE)
"""Pods of a Deployment or StatefulSet of which nobody said how they start: Ready 2 to 12 seconds
after their containers started, half of them within 5."""
WORKS = PodBehaviour(runs_for=_WORK)
"""Pods of a Job of which nobody said how long they work: 5 to 60 seconds."""

_POD_FIELDS = ("labels", "annotations", "owner", "phase", "scheduled", "ready", "started_ms")
_NODE_FIELDS = (
    "labels",
    "annotations",
    "taints",
    "unschedulable",
    "provider_id",
    "ready",
    "conditions",
    "capacity",
    "allocatable",
    "images",
)
"""What of a pod or a node can be written by others than the scheduler."""


class Unmodelled(Exception):
    """This world has no component that could do that; the message says what it lacks."""


class ObjectChanges:
    """Creates, changes and removes objects of a running world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._adoption = Adoption(
            world.store, world.replica_sets, world.rollouts, world.stateful_sets, world.daemons
        )
        self._deployments = DeploymentChanges(
            world.store, world.replica_sets, world.rollouts, self._adoption
        )

    def create(self, value: Changeable) -> None:
        """Store what is new; its controllers act as they do in Kubernetes.

        Raises:
            Unmodelled: nothing here could run it.
            UnreadableSchedule: a CronJob's schedule is none.
        """
        world, store = self._world, self._store
        match value:
            case Pod():
                store.create_pod(value)
            case Node():
                store.create_node(value)
            case Deployment():
                world.kubelets.behave(f"ReplicaSet/{value.key}", BECOMES_READY)
                self._deployments.create(value)
            case ReplicaSet():
                world.kubelets.behave(f"ReplicaSet/{value.key}", BECOMES_READY)
                self._deployments.create_replica_set(value)
            case StatefulSet():
                world.kubelets.behave(f"StatefulSet/{value.key}", BECOMES_READY)
                world.stateful_sets.create(value)
            case DaemonSet():
                world.daemons.create(value)
            case Job():
                world.kubelets.behave(f"Job/{value.key}", WORKS)
                world.jobs.add(value, value.key)
            case CronJob():
                world.kubelets.behave(f"Job/{value.key}", WORKS)
                world.cron_jobs.add(value)
            case PodDisruptionBudget():
                world.disruption_budgets.create(value)
            case _:
                self._put(value)
        if isinstance(value, _MAY_BE_ADOPTED):
            self._adoption.look_at_namespace(value.namespace)

    def change(self, value: Changeable) -> None:
        """Store what is changed of an object that exists.

        Raises:
            UnreadableSchedule: a CronJob's schedule is none.
        """
        world, store = self._world, self._store
        match value:
            case Pod():
                self._change_pod(value)
            case Node():
                node = store.nodes[value.name]
                store.update_node(node, **_changes(node, value, _NODE_FIELDS))
            case Deployment():
                self._deployments.change(value)
            case StatefulSet():
                self._change_stateful_set(value)
            case DaemonSet():
                world.daemons.change(value)
            case Job():
                world.jobs.change(value)
            case CronJob():
                world.cron_jobs.change(value)
            case PodDisruptionBudget():
                world.disruption_budgets.change(value)
            case ReplicaSet():
                self._deployments.change_replica_set(value)
            case _:
                self._put(value)

    def remove(self, value: Changeable, grace_seconds: int | None = None) -> None:
        """Remove an object with all that it owns; `grace_seconds` is for a pod, None for its own.

        A pod that a kubelet runs goes after its grace period; all else at once.

        Raises:
            Unmodelled: nothing here could do without it.
        """
        world = self._world
        match value:
            case Pod():
                world.deletion.delete(self._store.pods[value.uid], grace_seconds)
            case Node():
                world.node_life.remove(value.name)
            case Deployment():
                world.rollouts.forget(value.key)
                world.replica_sets.remove(value)
            case StatefulSet():
                world.stateful_sets.remove(value)
            case DaemonSet():
                world.daemons.remove(value)
            case Job():
                world.jobs.remove(value.key)
            case CronJob():
                world.cron_jobs.remove(value)
            case PodDisruptionBudget():
                world.disruption_budgets.remove(value)
            case ReplicaSet():
                world.replica_sets.remove_replica_set(value)
                self._deployments.replace(value)
            case _:
                self._drop(value)

    def orphan(self, value: Owning) -> None:
        """Remove an object and leave what it owns, which somebody else may adopt."""
        world = self._world
        match value:
            case Deployment():
                world.rollouts.forget(value.key)
                world.replica_sets.orphan(value)
            case ReplicaSet():
                world.replica_sets.orphan_pods(value)
                self._deployments.replace(value)
            case StatefulSet():
                world.stateful_sets.orphan(value)
            case DaemonSet():
                world.daemons.orphan(value)
            case Job():
                world.jobs.orphan(value.key)
            case CronJob():
                world.cron_jobs.orphan(value)
        self._adoption.look_at_namespace(value.namespace)

    def empty(self, value: Owning) -> None:
        """Remove the pods of an object that is to go after them."""
        world = self._world
        match value:
            case Deployment():
                for key in world.replica_sets.keys_of(value):
                    world.replica_sets.empty(self._store.replica_sets[key])
            case ReplicaSet():
                world.replica_sets.empty(value)
            case StatefulSet():
                world.stateful_sets.empty(value)
            case DaemonSet():
                world.daemons.empty(value)
            case Job():
                world.jobs.empty(value.key)
            case CronJob():
                world.cron_jobs.empty(value)

    def autoscale(self, value: HorizontalPodAutoscaler, spec: HpaSpec) -> bool:
        """Scale as an autoscaler says that is about to be stored; say whether that is new.

        Raises:
            Unmodelled: it scales something else than a Deployment.
            ValueError: another one does so already, or it asks for what is not measured.
        """
        if value.target_kind != "Deployment":
            raise Unmodelled(f"autoscalers of a {value.target_kind} have no component here")
        return self._world.autoscalers.put(value, spec)

    def has_namespace(self, name: str) -> bool:
        """Return whether a namespace is the world's: others are there because pods are in them."""
        return name in self._store.namespaces

    def bind(self, pod: Pod, node_name: str) -> None:
        """Bind a pod to a node, as a scheduler does."""
        scheduled = Condition("True", self._world.engine.now_ms)
        self._store.update_pod(
            pod, node_name=node_name, nominated_node_name="", scheduled=scheduled
        )

    # ------------------------------------------------------------ inside

    def _put(self, value: Namespace | ConfigMap | HorizontalPodAutoscaler) -> None:
        match value:
            case Namespace():
                self._store.put_namespace(value)
            case ConfigMap():
                self._store.put_config_map(value)
            case HorizontalPodAutoscaler():
                self._store.put_autoscaler(value)

    def _drop(self, value: Namespace | ConfigMap | HorizontalPodAutoscaler) -> None:
        match value:
            case Namespace():
                self._store.delete_namespace(value)
            case ConfigMap():
                self._store.delete_config_map(value)
            case HorizontalPodAutoscaler():
                self._world.autoscalers.remove(value)
                self._store.delete_autoscaler(value)

    def _change_pod(self, value: Pod) -> None:
        pod = self._store.pods[value.uid]
        changes = _changes(pod, value, _POD_FIELDS)
        if not {"labels", "owner"} & {*changes}:
            self._store.update_pod(pod, **changes)
            return
        self._adoption.release(self._store.hand_over_pod(pod, **changes))

    def _change_stateful_set(self, value: StatefulSet) -> None:
        sets, before = self._world.stateful_sets, self._store.stateful_sets[value.key]
        template = value.template
        revisions = (before.current_revision, before.update_revision)
        kept = msgspec.structs.replace(
            value,
            template=before.template,
            current_revision=revisions[0],
            update_revision=revisions[1],
        )
        sets.scale(kept, value.replicas)
        if before.template != template:
            sets.change_template(value.key, template)


def _changes(
    before: Pod | Node, value: Pod | Node, fields: tuple[str, ...]
) -> Mapping[str, object]:
    """Return the fields that are another now."""
    pairs = ((name, getattr(before, name), getattr(value, name)) for name in fields)
    return {name: after for name, was, after in pairs if was != after}
