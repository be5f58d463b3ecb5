"""The nodes' resources in arrays, and the pods on them by shape, kept current pod by pod."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from kingtide.controlplane.scheduling.balance import balance_percent
from kingtide.controlplane.scheduling.census import Census
from kingtide.controlplane.scheduling.change_log import ChangeLog
from kingtide.controlplane.scheduling.node_columns import (
    ALLOCATABLE,
    BALANCE_BASE,
    DIVISOR,
    FREE,
    IntArray,
    NodeColumns,
)
from kingtide.controlplane.scheduling.node_order import NodeOrder
from kingtide.controlplane.scheduling.pod_rules import normalized_image
from kingtide.controlplane.scheduling.shape import PodShape, ShapeTable
from kingtide.kube.nodes import Node
from kingtide.kube.resources import Resources

MAX_MEMORY_BYTES = 1 << 46
"""64 TiB: up to it, percentages in doubles are exact (see `scores`); EC2 ends at 32 TiB."""


class NodeTable(NodeColumns):
    """Allocatable and requested amounts of every node; rows of removed nodes are used again.

    Arrays are for reading; `upsert`, `remove`, `add`, `take` and `terminate` write.
    """

    def __init__(self, shapes: ShapeTable) -> None:
        self.shapes = shapes
        self.census = Census(shapes)
        self.order_tick = 0
        """Number of times that some row's precedence changed."""
        self.partial_rows: dict[int, None] = {}
        """Rows of nodes that offer no CPU or no memory, where percentages have no meaning."""
        self.image_holders: dict[str, int] = {}
        """How many nodes have an image, by its normalized name."""
        self.avoidable_nodes = 0
        """How many nodes have a PreferNoSchedule taint."""
        self.changes = ChangeLog()
        """Rows that changed in any way."""
        self.static_changes = ChangeLog()
        """Rows whose node came, went or changed labels, taints, cordon, images."""
        self._order = NodeOrder()
        self._row_by_name: dict[str, int] = {}
        self._nodes: list[Node | None] = []
        self._free_rows: list[int] = []
        self._extended: list[dict[str, int]] = []
        super().__init__()

    def __len__(self) -> int:
        return len(self._row_by_name)

    def __contains__(self, name: str) -> bool:
        return name in self._row_by_name

    @property
    def tick(self) -> int:
        """Number of changes so far; a reader remembers it and asks `changes_since`."""
        return self.changes.tick

    @property
    def static_tick(self) -> int:
        """Number of times that a node came, went or changed what static verdicts look at."""
        return self.static_changes.tick

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
        self.occupied[row] = True
        if old is None or not _statically_equal(old, node):
            self._count_merits(old, -1)
            self._count_merits(node, 1)
            self._reorder(self._order.add(row, node), row)
            self.static_changes.touch(row)
        self.changes.touch(row)
        return row

    def remove(self, name: str) -> None:
        """Forget a node and everything counted on it; an unknown name is ignored."""
        row = self._row_by_name.pop(name, None)
        if row is None:
            return
        self.census.clear(row)
        self._count_merits(self._nodes[row], -1)
        self._nodes[row] = None
        self.occupied[row] = False
        self.matrix[:, row] = 0
        self.matrix[DIVISOR, row] = 1
        self._extended[row] = {}
        self.partial_rows.pop(row, None)
        self._reorder(self._order.remove(row), row)
        self._free_rows.append(row)
        self.static_changes.touch(row)
        self.changes.touch(row)

    def add(self, row: int, shape: PodShape) -> None:
        """Count a pod of this shape on a node."""
        self._count(row, shape, 1)
        self.census.add(row, shape)

    def take(self, row: int, shape: PodShape, *, terminating: bool = False) -> None:
        """Count a pod of this shape no longer; say whether it was terminating."""
        self._count(row, shape, -1)
        self.census.take(row, shape, terminating=terminating)

    def terminate(self, row: int, shape: PodShape) -> None:
        """Count a pod as terminating: it keeps its room, but no longer counts for spreading."""
        self.census.terminate(row, shape)
        self.changes.touch(row)

    def requested(self, row: int) -> Resources:
        """Return the sum of the requests on a node, `pods` their number."""
        return Resources(
            cpu_millicores=self.cpu_requested_cells[row],
            memory_bytes=self.memory_requested_cells[row],
            ephemeral_storage_bytes=(
                self.storage_allocatable_cells[row] - self.storage_free_cells[row]
            ),
            pods=self.pods_allocatable_cells[row] - self.pods_free_cells[row],
            extended=tuple(sorted(self._extended[row].items())),
        )

    def living_at(self, row: int) -> Mapping[int, int]:
        """Return the number of pods on a node that are not terminating, by shape index."""
        return self.census.living_at(row)

    def shapes_at(self, row: int) -> Iterator[tuple[PodShape, int]]:
        """Return the shapes on a node with their number of pods; one may come twice."""
        return self.census.shapes_at(row)

    def touch(self, row: int) -> None:
        """Record that something beyond the table's own amounts changed for a row."""
        self.changes.touch(row)

    def changes_since(self, tick: int) -> Sequence[int] | IntArray:
        """Return the rows changed after a tick: a short list, or an array without repetitions."""
        return self.changes.since(tick)

    def static_changes_since(self, static_tick: int) -> Sequence[int] | IntArray:
        """Return the rows whose node came, went or changed labels, taints, cordon, images."""
        return self.static_changes.since(static_tick)

    def _count(self, row: int, shape: PodShape, sign: int) -> None:
        # Written out, because this runs for every pod that comes or goes.
        cpu, memory = sign * shape.cpu_millicores, sign * shape.memory_bytes
        self.pods_free_cells[row] -= sign
        self.cpu_free_cells[row] -= cpu
        self.memory_free_cells[row] -= memory
        self.cpu_spare_percent_cells[row] -= 100 * sign * shape.nonzero_cpu_millicores
        self.memory_spare_percent_cells[row] -= 100 * sign * shape.nonzero_memory_bytes
        requested_cells = self.cpu_requested_cells
        requested_cells[row] = cpu = cpu + requested_cells[row]
        requested_cells = self.memory_requested_cells
        requested_cells[row] = memory = memory + requested_cells[row]
        if shape.asks_more:
            self._count_more(row, shape, sign)
        self.misbalance_cells[row] = BALANCE_BASE - balance_percent(
            cpu, self.cpu_allocatable_cells[row], memory, self.memory_allocatable_cells[row]
        )
        self.changes.touch(row)

    def _count_more(self, row: int, shape: PodShape, sign: int) -> None:
        """Count what few pods ask for."""
        requests = shape.requests
        self.storage_free_cells[row] -= sign * requests.ephemeral_storage_bytes
        counted = self._extended[row]
        for name, amount in requests.extended:
            counted[name] = counted.get(name, 0) + sign * amount

    def _reorder(self, changes: list[tuple[int, int]], newcomer: int) -> None:
        """Take over new precedences; the newcomer's own is read with its other changes."""
        for row, precedence in changes:
            self.precedence_cells[row] = precedence
        self.order_tick += any(row != newcomer for row, _ in changes)

    def _count_merits(self, node: Node | None, sign: int) -> None:
        if node is None:
            return
        if any(taint.effect == "PreferNoSchedule" for taint in node.taints):
            self.avoidable_nodes += sign
        names = {normalized_image(name): None for image in node.images for name in image.names}
        for name in names:
            holders = self.image_holders.get(name, 0) + sign
            if holders:
                self.image_holders[name] = holders
            else:
                del self.image_holders[name]

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
        cpu, memory = allocatable.cpu_millicores, allocatable.memory_bytes
        offered = [allocatable.ephemeral_storage_bytes, allocatable.pods, cpu, memory]
        more = np.array(offered, dtype=np.int64) - self.matrix[ALLOCATABLE, row]
        self.matrix[ALLOCATABLE, row] = offered
        self.matrix[FREE, row] += more
        self.cpu_spare_percent_cells[row] += 100 * int(more[2])
        self.memory_spare_percent_cells[row] += 100 * int(more[3])
        if cpu == 0 or memory == 0:
            self.partial_rows[row] = None
        else:
            self.partial_rows.pop(row, None)
        cpu_divisor, memory_divisor = max(1, cpu), max(1, memory)
        divisors = 2 * cpu_divisor, 2 * memory_divisor, cpu_divisor, memory_divisor
        self.matrix[DIVISOR, row] = divisors
        self.misbalance_cells[row] = BALANCE_BASE - balance_percent(
            self.cpu_requested_cells[row], cpu, self.memory_requested_cells[row], memory
        )

    def _grow(self, capacity: int) -> None:
        super()._grow(capacity)
        self.changes.grow(capacity)
        self.static_changes.grow(capacity)
        self.census.grow(capacity)


def _statically_equal(a: Node, b: Node) -> bool:
    return (
        a.unschedulable == b.unschedulable
        and a.taints == b.taints
        and a.labels == b.labels
        and a.images == b.images
    )
