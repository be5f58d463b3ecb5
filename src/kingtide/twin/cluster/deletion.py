"""Deleting pods: gracefully while a kubelet runs them, at once otherwise."""

from __future__ import annotations

from kingtide.kube.pods import Pod
from kingtide.twin.cluster.store import Store
from kingtide.twin.engine import Engine


class PodDeletion:
    """The API server's DELETE on pods. A pod that no node runs is gone at once."""

    def __init__(self, engine: Engine, store: Store) -> None:
        self._engine = engine
        self._store = store

    def delete(self, pod: Pod, grace_seconds: int | None = None) -> None:
        """Ask for a pod's deletion; `grace_seconds` None keeps the pod's own period."""
        if pod.deletion_ms is not None:
            return
        if not pod.node_name:
            self._store.delete_pod(pod)
            return
        grace = (
            pod.spec.termination_grace_period_seconds if grace_seconds is None else grace_seconds
        )
        self._store.update_pod(pod, deletion_ms=self._engine.now_ms, deletion_grace_seconds=grace)
