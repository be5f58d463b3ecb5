"""The nodes' resources in arrays, kept current pod by pod.

One int64 matrix holds a line per quantity and a column per node row, so that a rule gathers all
quantities of the rows that changed in one call; a memoryview per line gives scalar code the same
memory at half of numpy's price.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kingtide.controlplane.scheduling.balance import balance_percent
from kingtide.controlplane.scheduling.node_order import NodeOrder
from kingtide.controlplane.scheduling.shape import PodShape, ShapeTable
from kingtide.kube.nodes import Node
from kingtide.kube.resources import Resources

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# The lines of the matrix. Offered and requested amounts stand in the same order, so that one
# subtraction of two blocks gives all free amounts.
CPU, MEMORY, STORAGE, PODS = range(4)
ALLOCATABLE = slice(0, 4)
REQUESTED = slice(4, 8)
NONZERO = slice(8, 10)
BALANCE = 10
PRECEDENCE = 11
LINES = 12

MAX_MEMORY_BYTES = 1 << 46
"""64 TiB: up to it, percentages in doubles are exact (see `scores`); EC2 ends at 32 TiB."""

_LOG_LENGTH = 4_096
"""How many changes are listed one by one; older ones are found by their stamps."""
_LISTED_CHANGES = 12
"""Up to this many, a reader gets a list; more come deduplicated from the stamps."""


class NodeTable:
    """Allocatable and requested amounts of every node; rows of removed nodes are used again.

    Arrays are replaced when the table grows, so read them from the table each time. They are for
    reading; `upsert`, `remove`, `add` and `take` write.
    """

    def __init__(self, shapes: ShapeTable) -> None:
        self.shapes = shapes
        self.tick = 0
        """Number of changes so far; a reader remembers it and asks `changes_since`."""
        self.order_tick = 0
        """Number of times that some row's precedence changed."""
        self.static_tick = 0
        """Number of times that a node came, went or changed what static verdicts look at."""
        self._order = NodeOrder()
        self._row_by_name: dict[str, int] = {}
        self._nodes: list[Node | None] = []
        self._free_rows: list[int] = []
        self._log: list[int] = []
        self._log_start = 0
        self._extended: list[dict[str, int]] = []
        self.partial_rows: dict[int, None] = {}
        """Rows of nodes that offer no CPU or no memory, where percentages have no meaning."""
        self.occupied: BoolArray = np.zeros(0, dtype=np.bool_)
        self._stamps: IntArray = np.zeros(0, dtype=np.int64)
        self._static_stamps: IntArray = np.zeros(0, dtype=np.int64)
        self.matrix: IntArray = np.zeros((LINES, 0), dtype=np.int64)
        self._grow(64)

    def __len__(self) -> int:
        return len(self._row_by_name)

    def __contains__(self, name: str) -> bool:
        return name in self._row_by_name

    @property
    def capacity(self) -> int:
        """The number of rows, used or not."""
        return len(self.occupied)

    def rows(self) -> Sequence[int]:
        """Return the rows in use in the scheduler's node order."""
        return self._order.rows()

    def row_of(self, name: str) -> int | None:
        """Return a node's row, None when it is not in the table."""
        return self._row_by_name.get(name)

    def name_at(self, row: int) -> str:
        """Return the name of the node in a row.

        Raises:
            KeyError: the row is not in use.
        """
        return self.node_at(row).name

    def node_at(self, row: int) -> Node:
        """Return the node in a row.

        Raises:
            KeyError: the row is not in use.
        """
        node = self._nodes[row] if 0 <= row < len(self._nodes) else None
        if node is None:
            raise KeyError(f"row {row} holds no node")
        return node

    def upsert(self, node: Node) -> int:
        """Add a node or take over its new version and return its row; counted pods stay counted.

        Raises:
            ValueError: the node claims more memory than any machine has.
        """
        if not 0 <= node.allocatable.memory_bytes <= MAX_MEMORY_BYTES:
            raise ValueError(
                f"node {node.name}: allocatable memory {node.allocatable.memory_bytes} bytes "
                "is not between 0 and 64 TiB"
            )
        row = self._row_by_name.get(node.name)
        if row is None:
            row = self._new_row(node.name)
        old = self._nodes[row]
        self._nodes[row] = node
        self._write_allocatable(row, node.allocatable)
        if old is None or not _statically_equal(old, node):
            self._touch_static(row)
            self._reorder(self._order.add(row, node))
        self.occupied[row] = True
        self._touch(row)
        return row

    def remove(self, name: str) -> None:
        """Forget a node and everything counted on it; an unknown name is ignored."""
        row = self._row_by_name.pop(name, None)
        if row is None:
            return
        self._nodes[row] = None
        self.occupied[row] = False
        self.matrix[:, row] = 0
        self._extended[row] = {}
        self.partial_rows.pop(row, None)
        self._reorder(self._order.remove(row))
        self._touch_static(row)
        self._free_rows.append(row)
        self._touch(row)

    def add(self, row: int, shape: PodShape) -> None:
        """Count a pod of this shape on a node."""
        self._count(row, shape, 1)

    def take(self, row: int, shape: PodShape) -> None:
        """Count a pod of this shape no longer."""
        self._count(row, shape, -1)

    def requested(self, row: int) -> Resources:
        """Return the sum of the requests on a node, `pods` their number."""
        return Resources(
            cpu_millicores=self.cpu_requested_cells[row],
            memory_bytes=self.memory_requested_cells[row],
            ephemeral_storage_bytes=self.storage_requested_cells[row],
            pods=self.pods_requested_cells[row],
            extended=tuple(sorted(self._extended[row].items())),
        )

    def has_extended(self, row: int, wanted: Sequence[tuple[str, int]]) -> bool:
        """Return whether a node has these amounts of extended resources free."""
        offered = dict(self.node_at(row).allocatable.extended)
        counted = self._extended[row]
        return all(
            amount <= offered.get(name, 0) - counted.get(name, 0)
            for name, amount in wanted
            if amount
        )

    def touch(self, row: int) -> None:
        """Record that something beyond the table's own amounts changed for a row."""
        self._touch(row)

    def changes_since(self, tick: int) -> Sequence[int] | IntArray:
        """Return the rows changed after a tick: a short list, or an array without repetitions."""
        if self.tick - tick <= _LISTED_CHANGES and tick >= self._log_start:
            return self._log[tick - self._log_start :]
        return np.flatnonzero(self._stamps > tick)

    def static_changes_since(self, static_tick: int) -> IntArray:
        """Return the rows whose node came, went or changed labels, taints, cordon after a tick."""
        return np.flatnonzero(self._static_stamps > static_tick)

    def _count(self, row: int, shape: PodShape, sign: int) -> None:
        requests = shape.requests
        cpu = self.cpu_requested_cells[row] + sign * requests.cpu_millicores
        memory = self.memory_requested_cells[row] + sign * requests.memory_bytes
        self.cpu_requested_cells[row] = cpu
        self.memory_requested_cells[row] = memory
        self.pods_requested_cells[row] += sign
        self.nonzero_cpu_cells[row] += sign * shape.nonzero_cpu_millicores
        self.nonzero_memory_cells[row] += sign * shape.nonzero_memory_bytes
        if requests.ephemeral_storage_bytes:
            self.storage_requested_cells[row] += sign * requests.ephemeral_storage_bytes
        if requests.extended:
            counted = self._extended[row]
            for name, amount in requests.extended:
                counted[name] = counted.get(name, 0) + sign * amount
        self.balance_cells[row] = balance_percent(
            cpu, self.cpu_allocatable_cells[row], memory, self.memory_allocatable_cells[row]
        )
        self._touch(row)

    def _touch_static(self, row: int) -> None:
        self.static_tick += 1
        self._static_stamps[row] = self.static_tick

    def _touch(self, row: int) -> None:
        self.tick += 1
        self._stamp_cells[row] = self.tick
        log = self._log
        log.append(row)
        if len(log) > 2 * _LOG_LENGTH:
            del log[:_LOG_LENGTH]
            self._log_start += _LOG_LENGTH

    def _reorder(self, changes: list[tuple[int, int]]) -> None:
        for row, precedence in changes:
            self.precedence_cells[row] = precedence
        self.order_tick += 1

    def _new_row(self, name: str) -> int:
        if self._free_rows:
            row = self._free_rows.pop()
        else:
            row = len(self._nodes)
            if row >= self.capacity:
                self._grow(2 * self.capacity)
            self._nodes.append(None)
            self._extended.append({})
        self._row_by_name[name] = row
        return row

    def _write_allocatable(self, row: int, allocatable: Resources) -> None:
        self.cpu_allocatable_cells[row] = allocatable.cpu_millicores
        self.memory_allocatable_cells[row] = allocatable.memory_bytes
        self.storage_allocatable_cells[row] = allocatable.ephemeral_storage_bytes
        self.pods_allocatable_cells[row] = allocatable.pods
        if allocatable.cpu_millicores == 0 or allocatable.memory_bytes == 0:
            self.partial_rows[row] = None
        else:
            self.partial_rows.pop(row, None)
        self.balance_cells[row] = balance_percent(
            self.cpu_requested_cells[row],
            allocatable.cpu_millicores,
            self.memory_requested_cells[row],
            allocatable.memory_bytes,
        )

    def _grow(self, capacity: int) -> None:
        old = self.matrix.shape[1]
        matrix = np.zeros((LINES, capacity), dtype=np.int64)
        matrix[:, :old] = self.matrix
        self.matrix = matrix
        self.occupied = np.concatenate([self.occupied, np.zeros(capacity - old, dtype=np.bool_)])
        unseen = np.zeros(capacity - old, dtype=np.int64)
        self._stamps = np.concatenate([self._stamps, unseen])
        self._static_stamps = np.concatenate([self._static_stamps, unseen])
        self._stamp_cells = self._stamps.data
        self.cpu_allocatable, self.cpu_allocatable_cells = _line(matrix, 0)
        self.memory_allocatable, self.memory_allocatable_cells = _line(matrix, 1)
        self.storage_allocatable, self.storage_allocatable_cells = _line(matrix, 2)
        self.pods_allocatable, self.pods_allocatable_cells = _line(matrix, 3)
        self.cpu_requested, self.cpu_requested_cells = _line(matrix, 4)
        self.memory_requested, self.memory_requested_cells = _line(matrix, 5)
        self.storage_requested, self.storage_requested_cells = _line(matrix, 6)
        self.pods_requested, self.pods_requested_cells = _line(matrix, 7)
        self.nonzero_cpu, self.nonzero_cpu_cells = _line(matrix, 8)
        self.nonzero_memory, self.nonzero_memory_cells = _line(matrix, 9)
        self.balance, self.balance_cells = _line(matrix, BALANCE)
        self.precedence, self.precedence_cells = _line(matrix, PRECEDENCE)


def _line(matrix: IntArray, index: int) -> tuple[IntArray, memoryview]:
    line: IntArray = matrix[index]
    return line, line.data


def _statically_equal(a: Node, b: Node) -> bool:
    return a.unschedulable == b.unschedulable and a.taints == b.taints and a.labels == b.labels
