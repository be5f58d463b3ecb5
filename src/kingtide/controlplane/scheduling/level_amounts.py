"""Requested amounts of the pods of one priority, by node row."""

from __future__ import annotations

import numpy as np

from kingtide.controlplane.scheduling.amounts import Amounts
from kingtide.controlplane.scheduling.node_columns import IntArray
from kingtide.controlplane.scheduling.shape import PodShape


class LevelAmounts:
    """The sums of one priority; `amounts` has the lines of the node table's requested amounts."""

    def __init__(self, priority: int) -> None:
        self.priority = priority
        self.amounts: IntArray = np.zeros((4, 0), dtype=np.int64)
        self._cells = [self.amounts[line].data for line in range(4)]

    def grow(self, capacity: int) -> None:
        """Make room for rows up to a capacity."""
        missing = capacity - self.amounts.shape[1]
        if missing > 0:
            more = np.zeros((4, missing), dtype=np.int64)
            self.amounts = np.concatenate([self.amounts, more], axis=1)
            self._cells = [self.amounts[line].data for line in range(4)]

    def count(self, row: int, shape: PodShape, sign: int) -> None:
        """Count a pod (1) or count it no longer (-1)."""
        storage, pods, cpu, memory = self._cells
        cpu[row] += sign * shape.cpu_millicores
        memory[row] += sign * shape.memory_bytes
        pods[row] += sign
        if shape.requests.ephemeral_storage_bytes:
            storage[row] += sign * shape.requests.ephemeral_storage_bytes

    def at(self, row: int) -> Amounts:
        """Return the sums of one row."""
        storage, pods, cpu, memory = self._cells
        return storage[row], pods[row], cpu[row], memory[row]
