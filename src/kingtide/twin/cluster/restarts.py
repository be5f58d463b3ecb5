"""Containers that are killed and start again on their node, later each time.

Source of the pauses: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
(v1.36): 10 s, 20 s, 40 s and so on up to five minutes, forgotten after ten minutes of running.
"""

from __future__ import annotations

from kingtide.kube.pods import Condition, Pod
from kingtide.twin.cluster.kubelet import Kubelets
from kingtide.twin.cluster.store import Store
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal

FIRST_PAUSE_MS = 10_000
LONGEST_PAUSE_MS = 300_000
FORGOTTEN_AFTER_MS = 600_000

CRASH_LOOP = "CrashLoopBackOff"
"""Why a pod is not Ready while its containers wait to start again. Kubernetes says it of the
container; here it stands on the pod's condition, the one place that everybody reads."""


def is_waiting_to_restart(pod: Pod) -> bool:
    """Return whether a pod's containers are down and wait for their next start."""
    return pod.ready is not None and pod.ready.reason == CRASH_LOOP


class Restarts:
    """Kills containers and starts them again.

    `kills` counts by reason, `killed` by application (`namespace/name`, empty for pods of none).
    """

    def __init__(self, engine: Engine, store: Store, kubelets: Kubelets, journal: Journal) -> None:
        self.kills: dict[str, int] = {}
        self.killed: dict[str, int] = {}
        self._engine = engine
        self._store = store
        self._kubelets = kubelets
        self._journal = journal
        self._pauses: dict[str, tuple[int, int]] = {}
        """The last pause of a pod's containers and when it ended, by uid."""
        store.on_pods(self._on_pod)

    def kill(self, pod: Pod, reason: str) -> None:
        """End a pod's containers now, for a reason as Kubernetes writes it (`OOMKilled`)."""
        now_ms = self._engine.now_ms
        self.kills[reason] = self.kills.get(reason, 0) + 1
        application = self._store.application_of(pod) or ""
        self.killed[application] = self.killed.get(application, 0) + 1
        last_ms, until_ms = self._pauses.get(pod.uid, (0, now_ms))
        if now_ms - until_ms >= FORGOTTEN_AFTER_MS:
            last_ms = 0
        pause_ms = min(2 * last_ms, LONGEST_PAUSE_MS) if last_ms else FIRST_PAUSE_MS
        self._pauses[pod.uid] = (pause_ms, now_ms + pause_ms)
        self._store.update_pod(pod, ready=Condition("False", now_ms, CRASH_LOOP, reason))
        self._engine.trace(f"pod {pod.uid} {reason}")
        self._journal.mark("container_killed", pod.key, reason, "warning")
        self._engine.after(pause_ms, EventClass.WORLD, self._kubelets.start_again, pod.uid)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None and old is not None:
            self._pauses.pop(old.uid, None)
