"""What a lack of CPU does: probes time out, pods leave service, nodes stop reporting.

This is how a burst without limits takes a cluster down: neighbours of the busy pods answer their
probes too late, their traffic goes to fewer pods, and a node that is short of CPU for long loses
its kubelet, so that all traffic of its pods goes to the next node.

A kubelet of a crowded node fails for several reasons (its container runtime answers too late, its
lease is not renewed: https://kubernetes.io/docs/concepts/architecture/nodes/#node-heartbeats,
v1.36). None of them is modelled; what is, is a demand above the node's CPU for some time.
"""

from __future__ import annotations

import numpy as np

from kingtide.kube.pods import Condition, Pod
from kingtide.twin.cluster.current_load import Load
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.nodes import NodeLife
from kingtide.twin.cluster.pod_columns import BoolArray
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import Contention
from kingtide.twin.engine import Engine
from kingtide.twin.journal import Journal
from kingtide.twin.seed import SeedTree

PROBE_FAILED = "ReadinessProbeFailed"


class CpuContention:
    """Looks at every load step; costs nothing while no node is crowded and nobody suffers."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        seeds: SeedTree,
        metrics: Metrics,
        node_life: NodeLife,
        journal: Journal,
        settings: Contention,
    ) -> None:
        self._engine = engine
        self._store = store
        self._seeds = seeds
        self._metrics = metrics
        self._node_life = node_life
        self._journal = journal
        self._settings = settings
        self._slow_since: dict[str, int] = {}
        """Pods that lack CPU, by uid."""
        self._failing: dict[str, int] = {}
        """Pods that failed their probes: since when they have had CPU again, -1 while not."""
        self._crowded: dict[str, tuple[int, int]] = {}
        """Nodes that were crowded: since when, and when they were last."""
        self._silent: dict[str, int] = {}
        """Nodes that do not report: since when they have had CPU again, -1 while not."""
        metrics.on_step(self._look)

    def _look(self, load: Load) -> None:
        if load.wanted is load.usage and not (
            self._failing or self._silent or self._slow_since or self._crowded
        ):
            return
        self._look_at_pods(load)
        self._look_at_nodes(load)

    # ------------------------------------------------------------ pods

    def _look_at_pods(self, load: Load) -> None:
        settings, now_ms = self._settings, self._engine.now_ms
        columns = self._metrics.columns
        short = load.usage * 100 < load.wanted * settings.slow_below_percent
        slow = [columns.uid_of[row] for row in np.flatnonzero(short & columns.present)]
        self._slow_since = {uid: self._slow_since.get(uid, now_ms) for uid in slow}
        for uid, since_ms in self._slow_since.items():
            fails_after_ms = self._probes_take_ms(uid, settings.failure_threshold)
            if now_ms - since_ms < fails_after_ms or uid in self._failing:
                continue
            pod = self._store.pods.get(uid)
            if pod is not None and pod.is_ready and pod.deletion_ms is None:
                self._failing[uid] = -1
                self._store.update_pod(pod, ready=Condition("False", now_ms, PROBE_FAILED))
                self._engine.trace(f"probe {uid} failed")
        self._recover_pods(now_ms)

    def _recover_pods(self, now_ms: int) -> None:
        for uid, since_ms in list(self._failing.items()):
            pod = self._store.pods.get(uid)
            answers_after_ms = self._probes_take_ms(uid, self._settings.success_threshold)
            if pod is None or not _has_failed(pod):
                del self._failing[uid]
            elif uid in self._slow_since or not self._answers(pod):
                self._failing[uid] = -1
            elif since_ms < 0:
                self._failing[uid] = now_ms
            elif now_ms - since_ms >= answers_after_ms:
                del self._failing[uid]
                self._store.update_pod(pod, ready=Condition("True", now_ms))
                self._engine.trace(f"probe {uid} answered")

    def _probes_take_ms(self, uid: str, probes: int) -> int:
        """Return how long so many probes in a row take; each pod has a phase of its own."""
        period_ms = self._settings.probe_period_ms
        return self._seeds.below(period_ms, "probe/phase", uid) + (probes - 1) * period_ms

    def _answers(self, pod: Pod) -> bool:
        return pod.node_name not in self._silent

    # ------------------------------------------------------------ nodes

    def _look_at_nodes(self, load: Load) -> None:
        settings, now_ms = self._settings, self._engine.now_ms
        cpu = self._metrics.node_cpu
        wanted = np.bincount(
            self._metrics.columns.node.astype(np.intp) + 1,
            weights=load.wanted,
            minlength=len(cpu) + 1,
        )[1:].astype(np.int64)
        is_crowded = (wanted * 100 >= cpu * settings.crowded_percent) & (cpu > 0)
        is_calm = wanted <= cpu
        if not (self._crowded or self._silent or is_crowded.any()):
            return
        crowded: dict[str, tuple[int, int]] = {}
        for name, row in self._concerned(is_crowded):
            since_ms, last_ms = self._crowded.get(name, (now_ms, now_ms))
            if is_crowded[row]:
                crowded[name] = (since_ms, now_ms)
            elif name in self._crowded and now_ms - last_ms < settings.node_ready_after_ms:
                crowded[name] = (since_ms, last_ms)  # a breath is no recovery
            if name in self._silent:
                self._recover_node(name, now_ms, is_calm=bool(is_calm[row]))
        self._crowded = crowded
        for name, (since_ms, last_ms) in crowded.items():
            if last_ms < now_ms or name in self._silent:
                continue
            if now_ms - since_ms < settings.node_not_ready_after_ms:
                continue
            if self._node_life.fall_silent(name):
                self._silent[name] = -1
                self._journal.mark("node_starved", name, "its pods want more CPU than it has")
        for name in [it for it in self._silent if it not in self._store.nodes]:
            del self._silent[name]

    def _concerned(self, is_crowded: BoolArray) -> list[tuple[str, int]]:
        """Return the nodes that are crowded, were, or do not report, as stored, with their rows."""
        crowded, row_of = is_crowded.tolist(), self._metrics.node_row
        return [
            (name, row)
            for name in self._store.nodes
            if (row := row_of(name)) is not None
            and (crowded[row] or name in self._crowded or name in self._silent)
        ]

    def _recover_node(self, name: str, now_ms: int, *, is_calm: bool) -> None:
        since_ms = self._silent[name]
        if not is_calm:
            self._silent[name] = -1
        elif since_ms < 0:
            self._silent[name] = now_ms
        elif now_ms - since_ms >= self._settings.node_ready_after_ms:
            del self._silent[name]
            self._node_life.report_again(name)


def _has_failed(pod: Pod) -> bool:
    return pod.ready is not None and pod.ready.reason == PROBE_FAILED and pod.deletion_ms is None
