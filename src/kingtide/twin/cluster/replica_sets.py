"""Deployments and ReplicaSets: from wanted replicas to pods created and deleted.

One ReplicaSet stands behind each Deployment until its template changes (`rollouts.py`); others
stand alone. While the controller makes its calls for a ReplicaSet it does not look at it again:
what changed meanwhile is put right by the next look, as in pkg/controller/replicaset/replica_set.go
(v1.36). Its slow start (batches of 1, 2, 4, ... calls) is left out: calls succeed here, and the
client's rate limit is what takes time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from kingtide.controlplane.workloads.deletion import pods_to_delete
from kingtide.controlplane.workloads.rollout.sizes import resized
from kingtide.kube.pods import OwnerReference, Pod
from kingtide.kube.workloads import Deployment, ReplicaSet
from kingtide.twin.cluster.client_rate import workloads_rate
from kingtide.twin.cluster.store import Store
from kingtide.twin.cluster.work_queue import WorkQueue
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.latencies import LatencyTable
from kingtide.twin.seed import SeedTree

# BurstReplicas: the most calls of one look at a ReplicaSet (replica_set.go, v1.36).
MAX_CALLS = 500


class ReplicaSets:
    """Keeps each ReplicaSet at its replicas; `delete` asks for a pod's graceful deletion."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        seeds: SeedTree,
        latencies: LatencyTable,
        delete: Callable[[Pod], None],
    ) -> None:
        self._engine = engine
        self._store = store
        self._seeds = seeds
        self._delete = delete
        self._queue = WorkQueue(engine, latencies, "replica-sets", self._sync)
        self._rate = workloads_rate(latencies, "replica-sets")
        self.roll: Callable[[Deployment], bool] | None = None
        """Looks at a Deployment and returns whether it was one that rolls; None where none does."""
        self.gather: Callable[[str], None] | None = None
        """Gives lone pods of a namespace to who selects them; None where nobody makes any."""
        self._of_deployment: dict[str, dict[str, None]] = {}
        self._active: dict[str, dict[str, None]] = {}
        self._calls: dict[str, int] = {}
        self._serial: dict[str, int] = {}
        """The number of the last pod made, kept of what is deleted: no name comes again."""
        self._ending: dict[str, None] = {}
        """ReplicaSets that go after their pods: nothing is done for them any more."""
        store.on_pods(self._on_pod, heeds_refusals=False, counts_owners=True)

    def add(self, deployment: Deployment) -> ReplicaSet:
        """Store a Deployment with its ReplicaSet; nothing is created yet."""
        self.add_bare(deployment)
        replica_set = ReplicaSet(
            namespace=deployment.namespace,
            name=deployment.name,
            uid=f"rs/{deployment.key}",
            replicas=0,
            template=deployment.template,
            selector=deployment.selector,
            owner=OwnerReference("Deployment", deployment.name, deployment.uid),
            created_ms=deployment.created_ms,
            revision=1,
        )
        return self.add_replica_set(resized(deployment, replica_set, deployment.replicas))

    def add_bare(self, deployment: Deployment) -> None:
        """Store a Deployment that has no ReplicaSet yet."""
        self._store.put_deployment(deployment)
        self._of_deployment[deployment.key] = {}

    def add_replica_set(self, replica_set: ReplicaSet) -> ReplicaSet:
        """Store a new ReplicaSet; its pods are created as usual once it is looked at."""
        key = replica_set.key
        mine = self._siblings(replica_set)
        if mine is not None:
            mine[key] = None
        self._active[key] = {}
        self._calls[key] = 0
        self._serial.setdefault(key, 0)
        stored = self._store.put_replica_set(replica_set)
        if self.gather is not None and self._store.lone_pods:
            self.gather(replica_set.namespace)
        return stored

    def adopt(self, deployment: Deployment, replica_set: ReplicaSet) -> None:
        """Make a ReplicaSet that is nobody's one of a Deployment's, with its pods."""
        owner = OwnerReference("Deployment", deployment.name, deployment.uid)
        self._of_deployment[deployment.key][replica_set.key] = None
        self._store.belongs_to(replica_set.uid, deployment.key)
        self._store.put_replica_set(msgspec.structs.replace(replica_set, owner=owner))

    def create(self, deployment: Deployment) -> None:
        """Store a Deployment that is new in a world that runs; its pods are created as usual."""
        self._queue.add(self.add(deployment).key)

    def remove(self, deployment: Deployment) -> None:
        """Delete a Deployment with its ReplicaSets and their pods."""
        self._store.delete_deployment(deployment)
        for key in self._of_deployment.pop(deployment.key):
            self._remove(key)

    def orphan(self, deployment: Deployment) -> None:
        """Delete a Deployment alone: its ReplicaSets stay, are nobody's, and keep their pods."""
        self._store.delete_deployment(deployment)
        for key in self._of_deployment.pop(deployment.key):
            replica_set = self._store.replica_sets[key]
            self._store.put_replica_set(msgspec.structs.replace(replica_set, owner=None))

    def remove_replica_set(self, replica_set: ReplicaSet) -> None:
        """Delete a ReplicaSet with its pods."""
        mine = self._siblings(replica_set)
        if mine is not None:
            del mine[replica_set.key]
        self._remove(replica_set.key)

    def orphan_pods(self, replica_set: ReplicaSet) -> None:
        """Delete a ReplicaSet alone: its pods stay and are nobody's."""
        left = self.active_pods(replica_set.key)
        self._active[replica_set.key] = {}
        self.remove_replica_set(replica_set)
        for pod in left:
            self._store.hand_over_pod(pod, owner=None)

    def empty(self, replica_set: ReplicaSet) -> None:
        """Delete the pods of a ReplicaSet that is to go after them; no others come."""
        self._ending[replica_set.key] = None
        for pod in self.active_pods(replica_set.key):
            self._delete(pod)

    def _remove(self, key: str) -> None:
        uids = tuple(self._active.pop(key))
        del self._calls[key]
        self._ending.pop(key, None)
        self._store.delete_replica_set(self._store.replica_sets[key])
        for uid in uids:
            self._delete(self._store.pods[uid])

    def _siblings(self, replica_set: ReplicaSet) -> dict[str, None] | None:
        """Return the keys of all ReplicaSets of its Deployment, None where it stands alone."""
        owner = replica_set.owner
        if owner is None or owner.kind != "Deployment":
            return None
        return self._of_deployment.get(f"{replica_set.namespace}/{owner.name}")

    def resize(self, replica_set: ReplicaSet) -> None:
        """Store a ReplicaSet with another size; its controller acts after its queue."""
        self._store.put_replica_set(replica_set)
        self._queue.add(replica_set.key)

    def look(self, key: str) -> None:
        """Have a ReplicaSet looked at after its controller's queue."""
        self._queue.add(key)

    def of_namespace(self, namespace: str) -> Iterator[ReplicaSet]:
        """Yield the ReplicaSets of a namespace that are not ending."""
        for it in self._store.replica_sets.values():
            if it.namespace == namespace and it.key not in self._ending:
                yield it

    def keys_of(self, deployment: Deployment) -> tuple[str, ...]:
        """Return the keys of a Deployment's ReplicaSets, the oldest first."""
        return tuple(self._of_deployment.get(deployment.key, ()))

    def active_pods(self, key: str) -> list[Pod]:
        """Return the pods of a ReplicaSet that nobody is deleting, oldest first."""
        pods = self._store.pods
        return [pods[uid] for uid in self._active[key]]

    def active_count(self, key: str) -> int:
        """Return how many pods of a ReplicaSet nobody is deleting."""
        return len(self._active[key])

    def active_count_of(self, deployment: Deployment) -> int:
        """Return the same of all ReplicaSets of a Deployment together."""
        return sum([len(self._active[key]) for key in self._of_deployment[deployment.key]])

    def is_settled(self, key: str) -> bool:
        """Return whether the controller rests: no call under way and no look asked for."""
        replica_set = self._store.replica_sets[key]
        if self._calls[key] or key in self._queue or key in self._ending:
            return False
        siblings = self._siblings(replica_set)
        owner = replica_set.owner
        if siblings is None or owner is None:
            return True
        wanted = sum(self._store.replica_sets[other].replicas for other in siblings)
        deployment = self._store.deployments[f"{replica_set.namespace}/{owner.name}"]
        return deployment.replicas == wanted

    def scale(self, deployment: Deployment, replicas: int) -> None:
        """Set a Deployment's replicas; its controllers act after their queues."""
        self._store.put_deployment(msgspec.structs.replace(deployment, replicas=replicas))
        self.look_at(deployment.key)

    def look_at(self, deployment_key: str) -> None:
        """Have a Deployment looked at after its controller's queue."""
        self._engine.after(self._queue.delay_ms, EventClass.WORLD, self._propagate, deployment_key)

    def make_pod(self, replica_set: ReplicaSet, now_ms: int) -> Pod:
        """Return the next pod of a ReplicaSet, not stored yet.

        Its uid is random, as it is in Kubernetes: where all else is equal, it decides who is
        deleted first, which must not be who was created first.
        """
        key, name = replica_set.key, ""
        while not name or f"{replica_set.namespace}/{name}" in self._store.lone_pods:
            serial = self._serial[key] = self._serial[key] + 1
            name = f"{replica_set.name}-{serial:05d}"
        return Pod(
            namespace=replica_set.namespace,
            name=name,
            uid=f"{self._seeds.draw('pod/uid', f'{replica_set.namespace}/{name}'):016x}",
            spec=replica_set.template.spec,
            labels=replica_set.template.labels,
            annotations=replica_set.template.annotations,
            created_ms=now_ms,
            owner=OwnerReference("ReplicaSet", replica_set.name, replica_set.uid),
        )

    def _propagate(self, key: str) -> None:
        deployment = self._store.deployments.get(key)
        if deployment is None or (self.roll is not None and self.roll(deployment)):
            return
        for only in self._of_deployment.get(key, ()):
            replica_set = self._store.replica_sets[only]
            if replica_set.replicas != deployment.replicas:
                self.resize(resized(deployment, replica_set, deployment.replicas))

    def _sync(self, key: str) -> None:
        self._queue.taken(key)
        if self._calls.get(key, 1) or key in self._ending:
            return  # deleted, or the last call's end asks for the next look
        surplus = len(self._active[key]) - self._store.replica_sets[key].replicas
        if surplus > 0:
            now_ms = self._engine.now_ms
            for pod in pods_to_delete(self.active_pods(key), min(surplus, MAX_CALLS), now_ms):
                self._call(key, pod.uid)
        for _ in range(min(-surplus, MAX_CALLS)):
            self._call(key, None)

    def _call(self, key: str, uid: str | None) -> None:
        """Make one call as soon as the client's rate allows: a deletion, or (None) a creation."""
        self._calls[key] += 1
        at_ms = self._rate.reserve(self._engine.now_ms)
        self._engine.at(at_ms, EventClass.WORLD, self._called, key, uid)

    def _called(self, key: str, uid: str | None) -> None:
        if key not in self._calls:
            return  # the ReplicaSet was deleted meanwhile, and its pods with it
        self._calls[key] = max(0, self._calls[key] - 1)
        if uid in self._active[key]:
            self._delete(self._store.pods[uid])
        elif uid is None and key not in self._ending:
            replica_set = self._store.replica_sets[key]
            self._store.create_pod(self.make_pod(replica_set, self._engine.now_ms))
        if self._calls[key] == 0:
            self._queue.add(key)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        if pod is None or pod.owner is None or pod.owner.kind != "ReplicaSet":
            return
        key = f"{pod.namespace}/{pod.owner.name}"
        active = self._active.get(key)
        if active is None:
            return  # somebody else's ReplicaSet
        if new is not None and new.deletion_ms is None and not new.is_terminal:
            active[new.uid] = None
        elif pod.uid in active:
            del active[pod.uid]
            self._queue.add(key)
