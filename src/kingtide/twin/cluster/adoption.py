"""Whose pods and ReplicaSets those are that nobody owns, or that their owner selects no longer.

In Kubernetes each controller claims what its selector selects and is nobody's, and releases what it
selects no longer, whenever it looks; here that is done as soon as somebody has written something
that changes it. Source:
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/controller_ref_manager.go, and
isMemberOf in pkg/controller/statefulset/stateful_set_utils.go. Jobs select by their own uid, and
CronJobs by owner reference alone: neither adopts what another one left.
"""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.controlplane.workloads.revision import POD_TEMPLATE_HASH
from kingtide.controlplane.workloads.stateful.ordinals import ordinal_of
from kingtide.kube.labels import selector_matches
from kingtide.kube.pods import OwnerReference, Pod
from kingtide.kube.workloads import DaemonSet, Deployment, ReplicaSet, StatefulSet
from kingtide.twin.cluster.daemons import Daemons, node_of
from kingtide.twin.cluster.replica_sets import ReplicaSets
from kingtide.twin.cluster.rollouts import Rollouts
from kingtide.twin.cluster.stateful_sets import StatefulSets
from kingtide.twin.cluster.store import Store

Adopter = ReplicaSet | StatefulSet | DaemonSet


class Adoption:
    """Gives what nobody owns to who selects it."""

    def __init__(
        self,
        store: Store,
        replica_sets: ReplicaSets,
        rollouts: Rollouts,
        stateful_sets: StatefulSets,
        daemons: Daemons,
    ) -> None:
        self._store = store
        self._replica_sets = replica_sets
        self._rollouts = rollouts
        self._stateful_sets = stateful_sets
        self._daemons = daemons
        replica_sets.gather = self.gather

    def lone_replica_sets(self, deployment: Deployment) -> list[ReplicaSet]:
        """Return the ReplicaSets that are nobody's and that a Deployment selects."""
        return [
            it
            for it in self._store.replica_sets.values()
            if it.owner is None
            and it.namespace == deployment.namespace
            and selector_matches(deployment.selector, it.template.labels)
        ]

    def look_at_namespace(self, namespace: str) -> None:
        """Give every pod and ReplicaSet of a namespace that nobody owns to who selects it."""
        for deployment in [*self._store.deployments.values()]:
            if deployment.namespace == namespace:
                found = self.lone_replica_sets(deployment)
                for replica_set in found:
                    self._replica_sets.adopt(deployment, replica_set)
                if found:
                    self._rollouts.take_over(deployment)
        self.gather(namespace)

    def gather(self, namespace: str) -> None:
        """Give every pod of a namespace that nobody owns to who selects it."""
        pods = [self._store.pods[uid] for uid in self._store.lone_pods.values()]
        for pod in pods:
            if pod.namespace == namespace:
                self.take(pod)

    def take(self, pod: Pod) -> None:
        """Give a pod that nobody owns to the first workload that selects it, if any does."""
        if pod.owner is not None or pod.deletion_ms is not None or pod.is_terminal:
            return
        adopter = next((it for it in self._adopters(pod.namespace) if _selects(it, pod)), None)
        if adopter is None:
            return
        kind = type(adopter).__name__
        owner = OwnerReference(kind, adopter.name, adopter.uid)
        if isinstance(adopter, DaemonSet):
            self._daemons.adopt(adopter, pod)
        self._store.hand_over_pod(pod, owner=owner)
        if isinstance(adopter, ReplicaSet):
            self._replica_sets.look(adopter.key)

    def release(self, pod: Pod) -> None:
        """Make a pod nobody's whose owner selects it no longer; then somebody else may take it."""
        owner = pod.owner
        if owner is None:
            self.take(pod)
            return
        adopters = self._adopters(pod.namespace)
        mine = next((it for it in adopters if it.uid == owner.uid), None)
        if mine is None or selector_matches(mine.selector, pod.labels):
            return
        if isinstance(mine, DaemonSet):
            self._daemons.release(pod)
        self.take(self._store.hand_over_pod(pod, owner=None))

    def _adopters(self, namespace: str) -> Iterator[Adopter]:
        yield from self._replica_sets.of_namespace(namespace)
        yield from self._stateful_sets.of_namespace(namespace)
        yield from self._daemons.of_namespace(namespace)


def _selects(adopter: Adopter, pod: Pod) -> bool:
    """Return whether a pod may become a workload's.

    A ReplicaSet selects by its template's hash too, which here stands in its template alone.
    """
    if not selector_matches(adopter.selector, pod.labels):
        return False
    match adopter:
        case ReplicaSet():
            mine = adopter.template.labels.get(POD_TEMPLATE_HASH)
            return pod.labels.get(POD_TEMPLATE_HASH) == mine
        case StatefulSet():
            return ordinal_of(adopter, pod) is not None
        case DaemonSet():
            return bool(node_of(pod))
