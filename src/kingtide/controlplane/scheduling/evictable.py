"""What could be evicted, by node and priority: sums that tell at once where a pod might fit."""

from __future__ import annotations

import numpy as np

from kingtide.controlplane.scheduling.node_columns import IntArray
from kingtide.controlplane.scheduling.placed_pod import PlacedPod
from kingtide.controlplane.scheduling.shape import PodShape

UNSTARTED = 1 << 62
"""The start of a pod that has not started: later than any time."""


class PriorityLevel:
    """The pods of one priority: requested amounts by row, and the latest start.

    `amounts` has the lines of the node table's requested amounts. `latest_start` never is too
    early, but may be too late once pods left. `largest` is the most that any one pod asked for.
    """

    def __init__(self, priority: int) -> None:
        self.priority = priority
        self.amounts: IntArray = np.zeros((4, 0), dtype=np.int64)
        self.latest_start: IntArray = np.zeros(0, dtype=np.int64)
        self.largest = [0, 0, 0, 1]

    def grow(self, capacity: int) -> None:
        """Make room for rows up to a capacity."""
        missing = capacity - len(self.latest_start)
        if missing > 0:
            self.amounts = np.concatenate(
                [self.amounts, np.zeros((4, missing), dtype=np.int64)], axis=1
            )
            self.latest_start = np.concatenate(
                [self.latest_start, np.full(missing, -UNSTARTED, dtype=np.int64)]
            )
            self._cells = [self.amounts[line].data for line in range(4)]
            self._starts = self.latest_start.data

    def count(self, row: int, shape: PodShape, sign: int) -> None:
        """Count a pod (1) or count it no longer (-1)."""
        cpu, memory, storage, pods = self._cells
        cpu[row] += sign * shape.cpu_millicores
        memory[row] += sign * shape.memory_bytes
        pods[row] += sign
        if shape.requests.ephemeral_storage_bytes:
            storage[row] += sign * shape.requests.ephemeral_storage_bytes
        if not pods[row]:
            self._starts[row] = -UNSTARTED

    def note_start(self, row: int, started_ms: int | None) -> None:
        """Take over when a pod of a row started."""
        start = UNSTARTED if started_ms is None else started_ms
        if start > self._starts[row]:
            self._starts[row] = start


class Evictable:
    """Every priority level with a pod, lowest first."""

    def __init__(self) -> None:
        self.levels: list[PriorityLevel] = []
        self._by_priority: dict[int, PriorityLevel] = {}
        self._capacity = 0

    def below(self, priority: int) -> list[PriorityLevel]:
        """Return the levels under a priority, lowest first."""
        return [level for level in self.levels if level.priority < priority]

    def grow(self, capacity: int) -> None:
        """Make room for rows up to a capacity."""
        if capacity > self._capacity:
            self._capacity = capacity
            for level in self.levels:
                level.grow(capacity)

    def add(self, pod: PlacedPod) -> None:
        """Count a pod on its row."""
        shape = pod.shape
        level = self._by_priority.get(shape.priority)
        if level is None:
            level = self._new_level(shape.priority)
        level.count(pod.row, shape, 1)
        level.note_start(pod.row, pod.started_ms)
        largest = level.largest
        if shape.cpu_millicores > largest[0]:
            largest[0] = shape.cpu_millicores
        if shape.memory_bytes > largest[1]:
            largest[1] = shape.memory_bytes

    def take(self, pod: PlacedPod) -> None:
        """Count a pod no longer."""
        self._by_priority[pod.shape.priority].count(pod.row, pod.shape, -1)

    def note_start(self, pod: PlacedPod) -> None:
        """Take over that a counted pod has started."""
        self._by_priority[pod.shape.priority].note_start(pod.row, pod.started_ms)

    def _new_level(self, priority: int) -> PriorityLevel:
        level = self._by_priority[priority] = PriorityLevel(priority)
        level.grow(self._capacity)
        self.levels.append(level)
        self.levels.sort(key=lambda other: other.priority)
        return level
