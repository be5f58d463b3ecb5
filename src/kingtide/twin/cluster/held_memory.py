"""How much memory each started pod holds, in the rows of the pod columns.

Every load step asks it of all pods at once, so that what decides it stands in arrays which are
written when a pod changes.
"""

from __future__ import annotations

import numpy as np

from kingtide.kube.pods import Pod, PodSpec, pod_requests
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.pod_columns import BoolArray, IntArray
from kingtide.twin.cluster.restarts import is_waiting_to_restart
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import Application, MemoryUse
from kingtide.twin.engine import Engine

# Larger than any amount of memory, and still far from the largest integer.
NO_LIMIT = 1 << 60


class HeldMemory:
    """Follows pods; only those of applications that say what they hold differ from their request.

    `limit` int64[R] bytes and `may_be_killed` bool[R], both by row: pods of such applications whose
    containers are up and that nobody is deleting.
    """

    def __init__(
        self, engine: Engine, store: Store, metrics: Metrics, applications: tuple[Application, ...]
    ) -> None:
        self._engine = engine
        self._metrics = metrics
        # By an application's number; -1, the last, is for pods of none.
        uses = [it.memory for it in applications] + [None]
        self._tells: BoolArray = np.array([it is not None for it in uses])
        told = [MemoryUse(0) if it is None else it for it in uses]
        self._base: IntArray = np.array([it.base_bytes for it in told], np.int64)
        self._per_core: IntArray = np.array([it.bytes_per_core for it in told], np.int64)
        self._startup: IntArray = np.array([it.startup_bytes for it in told], np.int64)
        self._startup_ms: IntArray = np.array([it.startup_ms for it in told], np.int64)
        self._request: IntArray = np.zeros(0, np.int64)
        self._limit: IntArray = np.zeros(0, np.int64)
        self._running_since_ms: IntArray = np.zeros(0, np.int64)
        """When the containers of a pod last started."""
        self._is_waiting: BoolArray = np.zeros(0, np.bool_)
        self._is_deleted: BoolArray = np.zeros(0, np.bool_)
        store.on_pods(self._on_pod, counts_owners=True)

    @property
    def limit(self) -> IntArray:
        """The memory limit by row, bytes; `NO_LIMIT` where a container has none."""
        self._grow()
        return self._limit

    @property
    def may_be_killed(self) -> BoolArray:
        """The rows whose containers are up, of applications that say what they hold."""
        self._grow()
        columns = self._metrics.columns
        tells = self._tells[columns.application]
        return columns.present & tells & ~self._is_waiting & ~self._is_deleted

    def held_bytes(self, usage: IntArray) -> IntArray:
        """Return what each row's pod holds while it uses so many millicores; rows without: 0."""
        self._grow()
        columns = self._metrics.columns
        number = columns.application
        held = self._base[number] + self._per_core[number] * usage // 1000
        starts = self._engine.now_ms - self._running_since_ms < self._startup_ms[number]
        held += np.where(starts, self._startup[number], 0)
        held = np.where(self._tells[number], held, self._request)
        held[~columns.present | self._is_waiting] = 0
        return held

    def _grow(self) -> None:
        more = self._metrics.columns.size - self._request.size
        if more > 0:
            self._request = np.concatenate([self._request, np.zeros(more, np.int64)])
            self._limit = np.concatenate([self._limit, np.full(more, NO_LIMIT, np.int64)])
            since_ms = [self._running_since_ms, np.zeros(more, np.int64)]
            self._running_since_ms = np.concatenate(since_ms)
            self._is_waiting = np.concatenate([self._is_waiting, np.zeros(more, np.bool_)])
            self._is_deleted = np.concatenate([self._is_deleted, np.zeros(more, np.bool_)])

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None or new.phase != "Running":
            return
        self._grow()
        row = self._metrics.columns.row_of[new.uid]
        if old is None or old.phase != "Running":
            self._request[row] = pod_requests(new.spec).memory_bytes
            limit = memory_limit_bytes(new.spec)
            self._limit[row] = NO_LIMIT if limit is None else limit
            self._running_since_ms[row] = self._engine.now_ms
        elif is_waiting_to_restart(old):
            self._running_since_ms[row] = self._engine.now_ms
        self._is_waiting[row] = is_waiting_to_restart(new)
        self._is_deleted[row] = new.deletion_ms is not None


def memory_limit_bytes(spec: PodSpec) -> int | None:
    """Return the pod's memory limit, None when any of its containers has none."""
    limit = 0
    for container in spec.containers:
        if container.limits is None or container.limits.memory_bytes == 0:
            return None
        limit += container.limits.memory_bytes
    return limit
