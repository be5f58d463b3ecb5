"""The disruption controller: keeps every budget's status, from counts kept pod by pod."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.control.index import WatchedObject
from kingtide.controlplane.disruption.census import Census
from kingtide.controlplane.disruption.expectation import ControllerScale, NoScale, OwnedPods
from kingtide.controlplane.disruption.health import is_healthy
from kingtide.controlplane.disruption.matching import covers
from kingtide.controlplane.disruption.status import synced
from kingtide.kube.pods import OwnerReference, Pod
from kingtide.kube.workloads import Deployment, PodDisruptionBudget, StatefulSet
from kingtide.twin.cluster.store import Store
from kingtide.twin.cluster.work_queue import WorkQueue
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.latencies import LatencyTable

# Kinds that pods are owned by and that have no scale subresource.
_WITHOUT_SCALE: Mapping[str, str] = {"Job": "jobs.batch", "DaemonSet": "daemonsets.apps"}


class Covered(msgspec.Struct):
    """What is counted of one budget's pods; `by_name` are their uids."""

    pods: int = 0
    healthy: int = 0
    unmanaged: int = 0
    by_name: dict[str, str] = {}
    by_owner: dict[str, dict[str, None]] = {}
    """Uids of pods by uid of their owner."""


class DisruptionBudgets:
    """Follows pods and scales; listens to nothing in a world without budgets."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        latencies: LatencyTable,
        budgets: tuple[PodDisruptionBudget, ...],
    ) -> None:
        self._engine = engine
        self._store = store
        self._queue = WorkQueue(engine, latencies, "disruption-budgets", self._look)
        self._covered: dict[str, Covered] = {}
        self._budgets_of: dict[str, tuple[str, ...]] = {}
        """Keys of the budgets about a pod, by uid; pods that no budget is about are left out."""
        self._listens = False
        for budget in budgets:
            self._covered[budget.key] = Covered(by_name={}, by_owner={})
            store.put_disruption_budget(budget)
        if budgets:
            self._listen()

    def _listen(self) -> None:
        if not self._listens:
            self._listens = True
            self._store.on_pods(self._on_pod, counts_owners=True)
            self._store.on_all(self._on_any)

    def settle(self) -> None:
        """Look at every budget now, for a world that is to start at rest."""
        for key in self._covered:
            self._sync(key)

    def create(self, budget: PodDisruptionBudget) -> None:
        """Store a budget that is new in a world that runs, and have it looked at."""
        self._store.put_disruption_budget(msgspec.structs.replace(budget, generation=1))
        self._listen()
        self._count(budget)
        self._queue.add(budget.key)

    def change(self, budget: PodDisruptionBudget) -> None:
        """Store a budget that was changed, and have it looked at."""
        key = budget.key
        before = self._store.disruption_budgets[key]
        changed = msgspec.structs.replace(budget, generation=budget.generation + 1)
        self._store.put_disruption_budget(changed)
        if before.selector != budget.selector:
            self._discount(key)
            self._count(changed)
        self._queue.add(key)

    def remove(self, budget: PodDisruptionBudget) -> None:
        """Delete a budget: nothing holds its pods any more."""
        self._store.delete_disruption_budget(budget)
        self._discount(budget.key)

    def _count(self, budget: PodDisruptionBudget) -> None:
        """Count the pods that there are."""
        covered = self._covered[budget.key] = Covered(by_name={}, by_owner={})
        for pod in self._store.pods.values():
            if covers(budget, pod):
                self._budgets_of[pod.uid] = (*self._budgets_of.get(pod.uid, ()), budget.key)
                self._recount(covered, None, pod)

    def _discount(self, key: str) -> None:
        for uid in self._covered.pop(key).by_name.values():
            self._budgets_of[uid] = tuple(it for it in self._budgets_of[uid] if it != key)

    def counted(self, key: str) -> Census:
        """Return a budget's pods as they are counted."""
        covered = self._covered[key]
        pods = self._store.pods
        owned = []
        for uids in covered.by_owner.values():
            pod = pods[next(iter(uids))]
            assert pod.owner is not None  # it is counted under its owner
            owned.append(OwnedPods(pod.owner, pod.name))
        granted = self._store.disruption_budgets[key].disrupted_pods
        named = (covered.by_name.get(name) for name in granted)
        return Census(
            covered.pods,
            covered.healthy,
            tuple(owned),
            covered.unmanaged,
            tuple(pods[uid] for uid in named if uid is not None),
        )

    # ------------------------------------------------------------ from the store

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if old is None and new is not None:
            keys = self._keys_about(new)
            if keys:
                self._budgets_of[new.uid] = keys
        pod = new if new is not None else old
        if pod is None:
            return
        for key in self._budgets_of.get(pod.uid, ()):
            self._recount(self._covered[key], old, new)
            self._queue.add(key)
        if new is None:
            self._budgets_of.pop(pod.uid, None)

    def _keys_about(self, pod: Pod) -> tuple[str, ...]:
        budgets = self._store.disruption_budgets
        return tuple(key for key in self._covered if covers(budgets[key], pod))

    def _recount(self, covered: Covered, old: Pod | None, new: Pod | None) -> None:
        covered.healthy += (new is not None and is_healthy(new)) - (
            old is not None and is_healthy(old)
        )
        if old is None and new is not None:
            covered.pods += 1
            covered.by_name[new.name] = new.uid
            if new.owner is None:
                covered.unmanaged += 1
            else:
                covered.by_owner.setdefault(new.owner.uid, {})[new.uid] = None
        elif new is None and old is not None:
            covered.pods -= 1
            del covered.by_name[old.name]
            if old.owner is None:
                covered.unmanaged -= 1
                return
            uids = covered.by_owner[old.owner.uid]
            del uids[old.uid]
            if not uids:
                del covered.by_owner[old.owner.uid]

    def _on_any(self, old: WatchedObject | None, new: WatchedObject | None) -> None:
        """What a Deployment or StatefulSet wants is what budgets compare with."""
        if isinstance(new, (Deployment, StatefulSet)):
            for key, budget in self._store.disruption_budgets.items():
                if budget.namespace == new.namespace and key in self._covered:
                    self._queue.add(key)

    # ------------------------------------------------------------ the controller

    def _look(self, key: str) -> None:
        self._queue.taken(key)
        self._sync(key)

    def _sync(self, key: str) -> None:
        budget, now_ms = self._store.disruption_budgets.get(key), self._engine.now_ms
        if budget is None:
            return  # deleted meanwhile
        sync = synced(budget, self.counted(key), self._scale_of, now_ms)
        if sync.budget is not budget:
            self._engine.trace(f"pdb {key} {sync.budget.disruptions_allowed}")
            self._store.put_disruption_budget(sync.budget)
        if sync.recheck_ms is not None:
            at_ms = max(sync.recheck_ms, now_ms) + 1
            self._engine.at(at_ms, EventClass.WORLD, self._sync, key)

    def _scale_of(self, namespace: str, owner: OwnerReference) -> ControllerScale | NoScale | None:
        """Return the scale of a pod's owner, of the Deployment where a ReplicaSet has one."""
        key = f"{namespace}/{owner.name}"
        if owner.kind in _WITHOUT_SCALE:
            return NoScale(_WITHOUT_SCALE[owner.kind])
        if owner.kind == "StatefulSet":
            stateful_set = self._store.stateful_sets.get(key)
            if stateful_set is None or stateful_set.uid != owner.uid:
                return None
            return ControllerScale(stateful_set.uid, stateful_set.replicas)
        replica_set = self._store.replica_sets.get(key)
        if replica_set is None or replica_set.uid != owner.uid:
            return None
        if replica_set.owner is None:
            return ControllerScale(replica_set.uid, replica_set.replicas)
        deployment = self._store.deployments.get(f"{namespace}/{replica_set.owner.name}")
        if deployment is None or deployment.uid != replica_set.owner.uid:
            return None
        return ControllerScale(deployment.uid, deployment.replicas)
