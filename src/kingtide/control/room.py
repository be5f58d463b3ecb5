"""The room that is left on the nodes that are there, as a copy that rules may use up."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kingtide.control.company import Company
from kingtide.control.snapshot import ClusterView
from kingtide.controlplane.scheduling.fits import static_refusal
from kingtide.controlplane.scheduling.node_columns import (
    FREE,
    PODS_LINE,
    BoolArray,
    IntArray,
)
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.kube.pods import Pod


class Room:
    """Free CPU, memory, storage and pod slots of the nodes, less what was taken here.

    Made for one pass and thrown away; the observed table is only read. Nothing is placed on
    `closed` nodes: those that are not Ready, or that are no place for other reasons. `reluctant`
    rows are tried last: nodes that may themselves be given back. `company` has a say for pods that
    mind others; `arriving` are the shapes that wait.
    """

    def __init__(
        self,
        cluster: ClusterView,
        arriving: Iterable[PodShape] = (),
        closed: Iterable[str] = (),
    ) -> None:
        table = cluster.node_table
        self.company = Company(table, arriving)
        self.promised: dict[str, None] = {}
        """Nodes on which pods that wait have found a place in this pass."""
        self._cluster = cluster
        self._table = table
        self._free: IntArray = table.matrix[FREE].copy()
        # The same memory, line by line, for scalar code: half the price of numpy's items.
        self._cells = [self._free[line].data for line in range(4)]
        self._usable: BoolArray = table.occupied.copy()
        self._reluctant: BoolArray = np.zeros(len(self._usable), dtype=np.bool_)
        self._extended: dict[int, dict[str, int]] = {}
        for name in closed:
            self.close(name)

    def close(self, node: str) -> bool:
        """Let nothing be placed on a node and return whether something could have been."""
        row = self._table.row_of(node)
        if row is None or not self._usable[row]:
            return False
        self._usable[row] = False
        return True

    def reopen(self, node: str) -> None:
        """Let pods be placed again on a node that was closed."""
        row = self._table.row_of(node)
        if row is not None:
            self._usable[row] = True

    def avoid(self, nodes: Iterable[str]) -> None:
        """Place on these nodes only what fits nowhere else."""
        for node in nodes:
            row = self._table.row_of(node)
            if row is not None:
                self._reluctant[row] = True

    def reserve(self, pods: Iterable[Pod]) -> None:
        """Keep the room of pods that have a place promised."""
        for pod in pods:
            self.take(pod.nominated_node_name, self._cluster.shapes.intern(pod), 1)

    def take(self, node: str, shape: PodShape, count: int) -> None:
        """Use up the room of pods on a node; a negative count gives it back."""
        row = self._table.row_of(node)
        if row is not None:
            self._take(row, shape, count)

    def leave(self, node: str, shape: PodShape, count: int) -> None:
        """Count pods as gone from a closed node; a negative count brings them back."""
        row = self._table.row_of(node)
        if row is not None:
            self.company.note(self._table.node_at(row), shape, -count)

    def fits(self, node: str, shape: PodShape, count: int) -> bool:
        """Return whether a node can host so many more pods of a shape; never asks for company."""
        row = self._table.row_of(node)
        if row is None or not self._usable[row]:
            return False
        wanted = shape.requests
        storage, pods, cpu, memory = self._cells
        if (
            cpu[row] < count * wanted.cpu_millicores
            or memory[row] < count * wanted.memory_bytes
            or storage[row] < count * wanted.ephemeral_storage_bytes
            or pods[row] < count
        ):
            return False
        if wanted.extended and self._extended_copies(row, shape) < count:
            return False
        return static_refusal(shape, self._table.node_at(row)) is None

    def place(self, shape: PodShape, count: int, *, spot_only: bool = False) -> dict[str, int]:
        """Use up room for as many of the pods as fit and return how many went to which node.

        Nodes are filled one after the other in the order of their rows, reluctant ones last; pods
        that mind others take turns over them, one a node, as long as one finds a place. With
        `spot_only` other nodes are no place.
        """
        if self.company.minds(shape):
            return self._place_carefully(shape, count, spot_only=spot_only)
        placed: dict[str, int] = {}
        capacity = self._copies(shape)
        for is_reluctant in (False, True):
            rows = np.flatnonzero((capacity > 0) & (self._reluctant == is_reluctant))
            for row in rows.tolist():
                if count == 0:
                    return placed
                node = self._table.node_at(row)
                if (spot_only and not node.is_spot) or static_refusal(shape, node) is not None:
                    continue
                here = min(count, int(capacity[row]))
                if shape.requests.extended:
                    here = min(here, self._extended_copies(row, shape))
                if here:
                    self._take(row, shape, here)
                    placed[node.name] = here
                    count -= here
        return placed

    def _place_carefully(self, shape: PodShape, count: int, *, spot_only: bool) -> dict[str, int]:
        placed: dict[str, int] = {}
        capacity = self._copies(shape)
        for is_reluctant in (False, True):
            rows = np.flatnonzero((capacity > 0) & (self._reluctant == is_reluctant)).tolist()
            rows = [row for row in rows if static_refusal(shape, self._table.node_at(row)) is None]
            if spot_only:
                rows = [row for row in rows if self._table.node_at(row).is_spot]
            turn = -1
            while count and rows and turn:
                turn = 0
                for row in rows:
                    node = self._table.node_at(row)
                    has_room = capacity[row] > 0 and self._offers(row, shape)
                    if count and has_room and self.company.allows(shape, node):
                        self._take(row, shape, 1)
                        capacity[row] -= 1
                        placed[node.name] = placed.get(node.name, 0) + 1
                        count -= 1
                        turn += 1
        return placed

    def _offers(self, row: int, shape: PodShape) -> bool:
        return not shape.requests.extended or self._extended_copies(row, shape) > 0

    def _copies(self, shape: PodShape) -> IntArray:
        """Return how many more pods of a shape the amounts of each row allow."""
        wanted = shape.requests
        amounts = (
            wanted.ephemeral_storage_bytes,
            1,
            wanted.cpu_millicores,
            wanted.memory_bytes,
        )
        asked = [(self._free[line], amount) for line, amount in enumerate(amounts) if amount]
        # In a shortage next to no row has room for one, and dividing is the dear part.
        has_room = self._usable.copy()
        for free, amount in asked:
            has_room &= free >= amount
        rows = np.flatnonzero(has_room)
        copies: IntArray = np.zeros(len(has_room), dtype=np.int64)
        if rows.size:
            copies[rows] = np.min([free[rows] // amount for free, amount in asked], axis=0)
        return copies

    def _take(self, row: int, shape: PodShape, count: int) -> None:
        self.company.note(self._table.node_at(row), shape, count)
        wanted = shape.requests
        storage, pods, cpu, memory = self._cells
        cpu[row] -= count * wanted.cpu_millicores
        memory[row] -= count * wanted.memory_bytes
        storage[row] -= count * wanted.ephemeral_storage_bytes
        pods[row] -= count
        if wanted.extended:
            taken = self._extended.setdefault(row, {})
            for name, amount in wanted.extended:
                taken[name] = taken.get(name, 0) + count * amount

    def _extended_copies(self, row: int, shape: PodShape) -> int:
        offered = dict(self._table.node_at(row).allocatable.extended)
        requested = dict(self._table.requested(row).extended)
        taken = self._extended.get(row, {})
        copies = [
            (offered.get(name, 0) - requested.get(name, 0) - taken.get(name, 0)) // amount
            for name, amount in shape.requests.extended
            if amount
        ]
        return min(copies, default=self._cells[PODS_LINE][row])
