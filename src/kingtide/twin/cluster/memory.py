"""What pods hold in memory, and whom the kernel kills when it is too much.

A container above its limit is killed (cgroup out of memory); on a node whose pods hold more than it
has, the kernel kills the pod with the highest badness, one a step. Badness is the share of the
node's memory a pod holds, in thousandths, plus what its quality of service adds. Source:
https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#node-out-of-memory-behavior
(v1.36). The kubelet's own eviction at a memory threshold is left out: in a burst the kernel is
first.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kingtide.kube.pods import Pod, PodSpec, pod_requests
from kingtide.twin.cluster.current_load import Load
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.restarts import Restarts, is_waiting_to_restart
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import Application, MemoryUse
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
        self._engine = engine
        self._store = store
        self._metrics = metrics
        self._restarts = restarts
        self._uses: Mapping[int, MemoryUse] = {
            number: it.memory for number, it in enumerate(applications) if it.memory is not None
        }
        self._running_since: dict[str, int] = {}
        """When the containers of a pod last started, by uid."""
        if self._uses:
            store.on_pods(self._on_pod)
            metrics.on_step(self._look)

    def held_bytes(self, pod: Pod, row: int, used_millicores: int) -> int:
        """Return what a pod in a row of the columns holds while it uses so much CPU."""
        use = self._uses.get(int(self._metrics.columns.application[row]))
        if use is None:
            return pod_requests(pod.spec).memory_bytes
        if is_waiting_to_restart(pod):
            return 0
        held = use.base_bytes + use.bytes_per_core * used_millicores // 1000
        since_ms = self._running_since.get(pod.uid, pod.started_ms or 0)
        if self._engine.now_ms - since_ms < use.startup_ms:
            held += use.startup_bytes
        return held

    def _look(self, load: Load) -> None:
        columns = self._metrics.columns
        watched = np.isin(columns.application, list(self._uses)) & columns.present
        nodes: dict[str, None] = {}
        for row in np.flatnonzero(watched):
            pod = self._store.pods.get(columns.uid_of[row])
            if pod is None or pod.deletion_ms is not None or is_waiting_to_restart(pod):
                continue
            held = self.held_bytes(pod, int(row), int(load.usage[row]))
            limit = memory_limit_bytes(pod.spec)
            if limit is not None and held > limit:
                self._restarts.kill(pod, OOM_KILLED)
            else:
                nodes[pod.node_name] = None
        for name in nodes:
            self._look_at(name, load)

    def _look_at(self, name: str, load: Load) -> None:
        """Kill the worst pod of a node that holds more than there is."""
        node, row_of_node = self._store.nodes.get(name), self._metrics.node_row(name)
        if node is None or row_of_node is None:
            return
        columns = self._metrics.columns
        capacity = node.capacity.memory_bytes
        total, worst, worst_badness = 0, None, -(10**6)
        for row in np.flatnonzero(columns.present & (columns.node == row_of_node)):
            pod = self._store.pods.get(columns.uid_of[row])
            if pod is None:
                continue
            held = self.held_bytes(pod, int(row), int(load.usage[row]))
            total += held
            badness = 1000 * held // capacity + oom_score_adjustment(pod.spec, capacity)
            if badness > worst_badness and held:
                worst, worst_badness = pod, badness
        if total > capacity and worst is not None:
            self._restarts.kill(worst, OOM_KILLED)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            if old is not None:
                self._running_since.pop(old.uid, None)
        elif new.phase == "Running" and (
            old is None or old.phase != "Running" or is_waiting_to_restart(old)
        ):
            self._running_since[new.uid] = self._engine.now_ms


def memory_limit_bytes(spec: PodSpec) -> int | None:
    """Return the pod's memory limit, None when any of its containers has none."""
    limit = 0
    for container in spec.containers:
        if container.limits is None or container.limits.memory_bytes == 0:
            return None
        limit += container.limits.memory_bytes
    return limit


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
