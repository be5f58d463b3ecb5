"""What pods hold in memory, and whom the kernel kills when it is too much.

A container above its limit is killed (cgroup out of memory); on a node whose pods hold more than it
has, the kernel kills the pod with the highest badness, one a step. Badness is the share of the
node's memory a pod holds, in thousandths, plus what its quality of service adds. Source:
https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#node-out-of-memory-behavior
(v1.36). The kubelet's own eviction at a memory threshold is left out: in a burst the kernel is
first.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod, PodSpec, pod_requests
from kingtide.twin.cluster.current_load import Load
from kingtide.twin.cluster.held_memory import HeldMemory
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.pod_columns import IntArray
from kingtide.twin.cluster.restarts import Restarts
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import Application
from kingtide.twin.engine import Engine

OOM_KILLED = "OOMKilled"

GUARANTEED_ADJUSTMENT = -997
BEST_EFFORT_ADJUSTMENT = 1000


class Memory:
    """Looks at the memory of pods at every load step; only applications that say what they hold."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        metrics: Metrics,
        restarts: Restarts,
        applications: tuple[Application, ...],
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._restarts = restarts
        self._node_bytes: IntArray = np.zeros(256, np.int64)
        """The memory of nodes by their rows; rows without a node hold anything."""
        if any(it.memory is not None for it in applications):
            self._held = HeldMemory(engine, store, metrics, applications)
            store.on_nodes(self._on_node)
            metrics.on_step(self._look)

    def _look(self, load: Load) -> None:
        held_bytes = self._held.held_bytes(load.usage)
        watched = self._held.may_be_killed
        beyond = watched & (held_bytes > self._held.limit)
        for row in np.flatnonzero(beyond).tolist():
            self._kill(row)
        held_bytes[beyond] = 0
        self._look_at_nodes(np.flatnonzero(watched & ~beyond), held_bytes)

    def _look_at_nodes(self, rows: npt.NDArray[np.intp], held_bytes: IntArray) -> None:
        """Kill the worst pod of each of these rows' nodes that holds more than there is."""
        node = self._metrics.columns.node
        # Sums of doubles, exact below 2**53 bytes.
        sums = np.bincount(node + 1, weights=held_bytes, minlength=self._node_bytes.size + 1)
        is_full = sums[1:].astype(np.int64) > self._node_bytes
        nodes = node[rows]
        full = nodes[(nodes >= 0) & is_full[nodes]]
        for row_of_node in dict.fromkeys(full.tolist()):
            worst = self._worst_of(row_of_node, held_bytes)
            if worst is not None:
                self._kill(worst)

    def _worst_of(self, row_of_node: int, held_bytes: IntArray) -> int | None:
        """Return the row of the worst pod of a node, the first of several that are as bad."""
        capacity_bytes = int(self._node_bytes[row_of_node])
        worst, worst_badness = None, -(10**6)
        here = (self._metrics.columns.node == row_of_node) & (held_bytes > 0)
        for row in np.flatnonzero(here).tolist():
            spec = self._pod(row).spec
            badness = 1000 * int(held_bytes[row]) // capacity_bytes
            badness += oom_score_adjustment(spec, capacity_bytes)
            if badness > worst_badness:
                worst, worst_badness = row, badness
        return worst

    def _kill(self, row: int) -> None:
        self._restarts.kill(self._pod(row), OOM_KILLED)

    def _pod(self, row: int) -> Pod:
        return self._store.pods[self._metrics.columns.uid_of[row]]

    def _on_node(self, _old: Node | None, new: Node | None) -> None:
        row = None if new is None else self._metrics.node_row(new.name)
        if new is None or row is None:
            return
        while row >= self._node_bytes.size:
            self._node_bytes = np.concatenate([self._node_bytes, np.zeros_like(self._node_bytes)])
        self._node_bytes[row] = new.capacity.memory_bytes


def oom_score_adjustment(spec: PodSpec, capacity_bytes: int) -> int:
    """Return what a pod's quality of service adds to its badness.

    Guaranteed -997, BestEffort 1000, Burstable 1000 less its request's thousandths of the node's
    memory, within 3 and 999. Source: pkg/kubelet/qos/policy.go (v1.36).
    """
    requests = pod_requests(spec)
    if not requests.memory_bytes and not requests.cpu_millicores:
        return BEST_EFFORT_ADJUSTMENT
    guaranteed = all(
        container.limits is not None
        and container.limits.cpu_millicores == container.requests.cpu_millicores
        and container.limits.memory_bytes == container.requests.memory_bytes
        and container.requests.cpu_millicores
        and container.requests.memory_bytes
        for container in spec.containers
    )
    if guaranteed:
        return GUARANTEED_ADJUSTMENT
    return min(999, max(3, 1000 - 1000 * requests.memory_bytes // capacity_bytes))
