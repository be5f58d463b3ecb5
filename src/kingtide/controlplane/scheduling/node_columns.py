"""The columns of the node table: one quantity a line, one node row a column, growing by doubling.

One int64 matrix holds all lines, so that a rule gathers all quantities of the rows that changed in
one call; a memoryview per line gives scalar code the same memory at half of numpy's price.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kingtide.controlplane.scheduling.amounts import NO_AMOUNTS, Amounts
from kingtide.controlplane.scheduling.shape import PodShape

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# The lines of the matrix. Free and offered amounts stand in the same order (ephemeral storage,
# pods, CPU, memory). What is requested of CPU and memory stands behind what is free, and what is
# spare of both behind that, so that one addition counts a pod in everything and one division gives
# all fractions.
FREE = slice(0, 4)
CHANGED_BY_POD = slice(0, 8)
NUMERATOR = slice(4, 8)
"""The lines, among those that a pod changes, that are divided."""
DIVISOR = slice(8, 12)
MISBALANCE = 12
PRECEDENCE = 13
ALLOCATABLE = slice(14, 18)
PODS_LINE = 1
"""The line of pods within a block of free or offered amounts."""
LINES = 18

SCORED_LINES = 14
"""The lines that `resource_keys` reads."""

BALANCE_BASE = 150
"""50, the score for no change in balance, twice over before halving, plus 50 (see `scores`)."""

FIRST_CAPACITY = 64
"""Rows of a new table; small enough for tests, and four doublings from 1,000."""


class NodeColumns:
    """The arrays, by quantity; `*_cells` is the same memory for single reads and writes.

    Millicores, bytes and numbers of pods. `precedence` is the place in the node list (`NodeOrder`).
    What filters and scores would compute from one node alone stands here computed: `*_free` is what
    is not requested; `*_spare_percent` is 100 times what is left with the defaults that scores
    assume for containers that request nothing; the divisors are twice the allocatable CPU and
    memory, then once, at least 1; `misbalance` is `BALANCE_BASE` less `balance_percent` of what is
    requested. Arrays are replaced when they grow: read them from here each time.
    """

    def __init__(self) -> None:
        self.occupied: BoolArray = np.zeros(0, dtype=np.bool_)
        self.matrix: IntArray = np.zeros((LINES, 0), dtype=np.int64)
        self._grow(FIRST_CAPACITY)

    @property
    def capacity(self) -> int:
        """The number of rows, used or not."""
        return len(self.occupied)

    def free_at(self, row: int) -> Amounts:
        """Return what is not requested on a node."""
        return (
            self.storage_free_cells[row],
            self.pods_free_cells[row],
            self.cpu_free_cells[row],
            self.memory_free_cells[row],
        )

    def has_room(self, row: int, shape: PodShape, reserved: Amounts = NO_AMOUNTS) -> bool:
        """Return whether a node has room for one more pod beside what is reserved.

        Extended resources are left aside.
        """
        cpu, memory = shape.cpu_millicores, shape.memory_bytes
        storage = shape.requests.ephemeral_storage_bytes
        storage_kept, pods_kept, cpu_kept, memory_kept = reserved
        return (
            pods_kept < self.pods_free_cells[row]
            and (not cpu or cpu + cpu_kept <= self.cpu_free_cells[row])
            and (not memory or memory + memory_kept <= self.memory_free_cells[row])
            and (not storage or storage + storage_kept <= self.storage_free_cells[row])
        )

    def _grow(self, capacity: int) -> None:
        old = self.matrix.shape[1]
        matrix = np.zeros((LINES, capacity), dtype=np.int64)
        matrix[DIVISOR] = 1
        matrix[:, :old] = self.matrix
        self.matrix = matrix
        self.occupied = np.concatenate([self.occupied, np.zeros(capacity - old, dtype=np.bool_)])
        self.storage_free, self.storage_free_cells = _line(matrix, 0)
        self.pods_free, self.pods_free_cells = _line(matrix, 1)
        self.cpu_free, self.cpu_free_cells = _line(matrix, 2)
        self.memory_free, self.memory_free_cells = _line(matrix, 3)
        self.cpu_requested, self.cpu_requested_cells = _line(matrix, 4)
        self.memory_requested, self.memory_requested_cells = _line(matrix, 5)
        self.cpu_spare_percent, self.cpu_spare_percent_cells = _line(matrix, 6)
        self.memory_spare_percent, self.memory_spare_percent_cells = _line(matrix, 7)
        self.misbalance, self.misbalance_cells = _line(matrix, MISBALANCE)
        self.precedence, self.precedence_cells = _line(matrix, PRECEDENCE)
        self.storage_allocatable, self.storage_allocatable_cells = _line(matrix, 14)
        self.pods_allocatable, self.pods_allocatable_cells = _line(matrix, 15)
        self.cpu_allocatable, self.cpu_allocatable_cells = _line(matrix, 16)
        self.memory_allocatable, self.memory_allocatable_cells = _line(matrix, 17)


def _line(matrix: IntArray, index: int) -> tuple[IntArray, memoryview]:
    line: IntArray = matrix[index]
    return line, line.data
