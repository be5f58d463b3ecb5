"""What could be evicted, by node and priority: sums that tell at once where a pod might fit."""

from __future__ import annotations

import numpy as np

from kingtide.controlplane.scheduling.change_log import ChangeLog
from kingtide.controlplane.scheduling.level_amounts import LevelAmounts
from kingtide.controlplane.scheduling.node_columns import IntArray
from kingtide.controlplane.scheduling.placed_pod import UNSTARTED, PlacedPod


class PriorityLevel(LevelAmounts):
    """The pods of one priority: requested amounts by row, and the latest start.

    `latest_start` is `-UNSTARTED` where there is no such pod. `largest` is the most that any one
    pod asked for, per line of `amounts`.
    """

    def __init__(self, priority: int) -> None:
        super().__init__(priority)
        self.latest_start: IntArray = np.zeros(0, dtype=np.int64)
        self.largest = [0, 1, 0, 0]
        self._start_cells = self.latest_start.data
        # A row's pods by uid, with their starts: the latest is found again when it leaves.
        self._starts: list[dict[str, int]] = []

    def grow(self, capacity: int) -> None:
        """Make room for rows up to a capacity."""
        missing = capacity - len(self.latest_start)
        super().grow(capacity)
        if missing > 0:
            self.latest_start = np.concatenate(
                [self.latest_start, np.full(missing, -UNSTARTED, dtype=np.int64)]
            )
            self._start_cells = self.latest_start.data
            self._starts.extend({} for _ in range(missing))

    def latest_start_at(self, row: int) -> int:
        """Return the latest start on one row."""
        latest: int = self._start_cells[row]
        return latest

    def note_start(self, pod: PlacedPod) -> None:
        """Take over that a pod is there, and when it started."""
        row, starts = pod.row, self._starts[pod.row]
        known = starts.get(pod.uid)
        start = starts[pod.uid] = UNSTARTED if pod.started_ms is None else pod.started_ms
        if start >= self._start_cells[row]:
            self._start_cells[row] = start
        elif known == self._start_cells[row]:
            self._start_cells[row] = max(starts.values())

    def forget_start(self, pod: PlacedPod) -> None:
        """Take over that a pod is gone."""
        row, starts = pod.row, self._starts[pod.row]
        if starts.pop(pod.uid) == self._start_cells[row]:
            self._start_cells[row] = max(starts.values(), default=-UNSTARTED)


class Evictable:
    """Every priority level that had a pod, lowest first."""

    def __init__(self) -> None:
        self.levels: list[PriorityLevel] = []
        self.starts = ChangeLog()
        """Rows where a pod that was there already started, or started anew."""
        self._by_priority: dict[int, PriorityLevel] = {}
        self._capacity = 0

    def below(self, priority: int) -> list[PriorityLevel]:
        """Return the levels under a priority, lowest first."""
        return [level for level in self.levels if level.priority < priority]

    def grow(self, capacity: int) -> None:
        """Make room for rows up to a capacity."""
        if capacity > self._capacity:
            self._capacity = capacity
            self.starts.grow(capacity)
            for level in self.levels:
                level.grow(capacity)

    def add(self, pod: PlacedPod) -> None:
        """Count a pod on its row."""
        shape = pod.shape
        level = self._by_priority.get(shape.priority)
        if level is None:
            level = self._new_level(shape.priority)
        level.count(pod.row, shape, 1)
        level.note_start(pod)
        largest = level.largest
        if shape.cpu_millicores > largest[2]:
            largest[2] = shape.cpu_millicores
        if shape.memory_bytes > largest[3]:
            largest[3] = shape.memory_bytes

    def take(self, pod: PlacedPod) -> None:
        """Count a pod no longer."""
        level = self._by_priority[pod.shape.priority]
        level.count(pod.row, pod.shape, -1)
        level.forget_start(pod)

    def note_start(self, pod: PlacedPod) -> None:
        """Take over that a counted pod has started."""
        self._by_priority[pod.shape.priority].note_start(pod)
        self.starts.touch(pod.row)

    def _new_level(self, priority: int) -> PriorityLevel:
        level = self._by_priority[priority] = PriorityLevel(priority)
        level.grow(self._capacity)
        self.levels.append(level)
        self.levels.sort(key=lambda other: other.priority)
        return level
