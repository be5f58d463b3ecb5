"""The API server's eviction: a deletion that asks the disruption budgets first."""

from __future__ import annotations

from kingtide.controlplane.disruption.eviction import (
    EvictionGranted,
    EvictionRefused,
    may_evict,
)
from kingtide.kube.pods import Pod
from kingtide.twin.cluster.deletion import PodDeletion
from kingtide.twin.cluster.store import Store
from kingtide.twin.engine import Engine


class Eviction:
    """Evicts pods, or answers why not; a granted eviction is charged to its budget at once."""

    def __init__(self, engine: Engine, store: Store, deletion: PodDeletion) -> None:
        self._engine = engine
        self._store = store
        self._deletion = deletion

    def evict(
        self, pod: Pod, grace_seconds: int | None = None
    ) -> EvictionGranted | EvictionRefused:
        """Evict a pod that exists; `grace_seconds` None keeps the pod's own period."""
        budgets = self._store.disruption_budgets.values()
        verdict = may_evict(pod, budgets, self._engine.now_ms)
        if isinstance(verdict, EvictionRefused):
            return verdict
        if verdict.budget is not None:
            self._store.put_disruption_budget(verdict.budget)
        self._deletion.delete(pod, grace_seconds)
        return verdict
