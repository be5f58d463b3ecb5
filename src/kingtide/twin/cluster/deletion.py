"""Deleting pods: gracefully while a kubelet runs them, at once otherwise."""

from __future__ import annotations

from kingtide.kube.pods import Pod
from kingtide.twin.cluster.store import Store
from kingtide.twin.engine import Engine


class PodDeletion:
    """The API server's DELETE on pods.

    Without a grace period, and where no node runs it (any more), a pod is gone at once. Source:
    pkg/registry/core/pod/strategy.go, CheckGracefulDelete (v1.36).
    """

    def __init__(self, engine: Engine, store: Store) -> None:
        self._engine = engine
        self._store = store

    def delete(self, pod: Pod, grace_seconds: int | None = None) -> None:
        """Ask for a pod's deletion; `grace_seconds` None keeps the pod's own period.

        Of a pod that is being deleted the period can only be shortened.
        """
        if grace_seconds is None:
            grace_seconds = pod.spec.termination_grace_period_seconds
        if not pod.node_name or grace_seconds == 0 or pod.is_terminal:
            self._store.delete_pod(pod)
        elif pod.deletion_ms is None:
            self._store.update_pod(
                pod, deletion_ms=self._engine.now_ms, deletion_grace_seconds=grace_seconds
            )
        elif grace_seconds < (pod.deletion_grace_seconds or 0):
            self._store.update_pod(pod, deletion_grace_seconds=grace_seconds)
