"""The node a pod gets: the best score among those that can host it, kept current by shape.

Per shape there is a column of keys (score and precedence in one integer). Before a pick only the
rows that changed since the shape's last pick are scored again, then the largest key wins: the best
score and, among equals, the first of the node list, as in kube-scheduler.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from kingtide.controlplane.scheduling.failure import FitFailure
from kingtide.controlplane.scheduling.fits import resource_refusals, static_refusal
from kingtide.controlplane.scheduling.node_order import FIRST_PRECEDENCE, PRECEDENCE_BITS
from kingtide.controlplane.scheduling.node_table import IntArray, NodeTable
from kingtide.controlplane.scheduling.scores import (
    REFUSED,
    ShapeAmounts,
    resource_keys,
    resource_score,
)
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.static_verdicts import StaticVerdict, StaticVerdicts

TAINT_WEIGHT = 3
"""Weight of TaintToleration in the default profile (apis/config/v1/default_plugins.go, v1.36)."""

_MAX_COLUMNS = 512
"""Bound of kept columns, 4 MB for 1,000 nodes; where every pod differs, more do not pay."""


class Placement:
    """Answers, for one table, which node a pod of a shape would get now."""

    def __init__(
        self,
        table: NodeTable,
        reserved: Callable[[PodShape, int], Sequence[PodShape]] | None = None,
    ) -> None:
        """`reserved` returns the pods to come on a row whose room a shape must leave free."""
        self.table = table
        self._reserved = reserved
        self._verdicts = StaticVerdicts()
        self._columns: dict[int, _Column] = {}

    def pick(self, shape: PodShape) -> int:
        """Return the row of the node that gets the pod, -1 when none can host it."""
        column = self._column(shape)
        if column.keys.size == 0:
            return -1
        keys = self._with_taint_scores(column)
        best = int(keys.argmax())
        return best if keys[best] >= 0 else -1

    def feasible_count(self, shape: PodShape) -> int:
        """Return how many nodes could host a pod of this shape now."""
        return int(np.count_nonzero(self._column(shape).keys >= 0))

    def feasible_rows(self, shape: PodShape) -> IntArray:
        """Return the rows of the nodes that could host a pod of this shape now, in row order."""
        rows: IntArray = np.flatnonzero(self._column(shape).keys >= 0)
        return rows

    def is_feasible(self, shape: PodShape, row: int) -> bool:
        """Return whether one node can host a pod of this shape now."""
        return bool(self._column(shape).keys[row] >= 0)

    def refusals(self, shape: PodShape, row: int) -> tuple[str, ...]:
        """Return why a node cannot host a pod of this shape now, empty if it can."""
        node = self.table.node_at(row)
        static = static_refusal(shape, node)
        if static is not None:
            return (static,)
        requested = self.table.requested(row)
        if self._reserved is not None:
            for other in self._reserved(shape, row):
                requested = requested + other.requests
        return resource_refusals(shape, node.allocatable, requested)

    def diagnose(self, shape: PodShape) -> FitFailure:
        """Return why each node refuses a pod of this shape, counted by reason."""
        reasons: dict[str, int] = {}
        for row in self.table.rows():
            for reason in self.refusals(shape, row):
                reasons[reason] = reasons.get(reason, 0) + 1
        return FitFailure(node_count=len(self.table), reasons=reasons)

    def score(self, shape: PodShape, row: int) -> int:
        """Return a node's resource score from scratch; other scores depend on the other nodes."""
        return resource_score(shape, self.table, row)

    def _column(self, shape: PodShape) -> _Column:
        column = self._columns.get(shape.index)
        if column is None:
            if len(self._columns) >= _MAX_COLUMNS:
                for index in list(self._columns)[: _MAX_COLUMNS // 2]:
                    del self._columns[index]
            column = _Column(shape, self._verdicts.of(shape))
            self._columns[shape.index] = column
        column.refresh(self.table, self._reserved)
        return column

    def _with_taint_scores(self, column: _Column) -> IntArray:
        """Add the score for PreferNoSchedule taints, normalised over the feasible nodes."""
        keys = column.keys
        if column.verdict.tainted_rows == 0:
            return keys
        feasible = keys >= 0
        counts = column.verdict.avoidable_taints
        most = int(counts[feasible].max(initial=0))
        if most == 0:
            return keys
        scores = (100 - counts * 100 // most) * TAINT_WEIGHT
        result: IntArray = np.where(feasible, keys + (scores << PRECEDENCE_BITS), REFUSED)
        return result


class _Column:
    """The keys of one shape for every row."""

    def __init__(self, shape: PodShape, verdict: StaticVerdict) -> None:
        self.keys: IntArray = np.zeros(0, dtype=np.int64)
        self.verdict = verdict
        self._shape = shape
        self._amounts = ShapeAmounts(shape)
        self._tick = -1
        self._order_tick = 0
        self._static_tick = 0

    def refresh(
        self,
        table: NodeTable,
        reserved: Callable[[PodShape, int], Sequence[PodShape]] | None,
    ) -> None:
        """Score again the rows that changed."""
        if self._static_tick != table.static_tick:
            self._static_tick = table.static_tick
            self.verdict.refresh(table)
        if self._tick == table.tick:
            return
        if self._tick < 0 or len(self.keys) != table.capacity:
            rows: IntArray = np.arange(table.capacity)
            self.keys = self._keys_of(table, rows, table.matrix)
        else:
            if self._order_tick != table.order_tick:
                self._reorder(table)
            rows = np.asarray(table.changes_since(self._tick), dtype=np.int64)
            self.keys[rows] = self._keys_of(table, rows, table.matrix.take(rows, axis=1))
        if reserved is not None:
            self._leave_room(table, reserved, rows)
        self._tick = table.tick
        self._order_tick = table.order_tick

    def _keys_of(self, table: NodeTable, rows: IntArray, block: IntArray) -> IntArray:
        keys = resource_keys(self._amounts, block)
        keys[~self.verdict.allowed[rows]] = REFUSED
        if table.partial_rows or self._shape.requests.extended:
            self._correct(table, rows, keys)
        return keys

    def _correct(self, table: NodeTable, rows: IntArray, keys: IntArray) -> None:
        """Recompute what arrays do not hold: extended resources, nodes without CPU or memory."""
        extended = self._shape.requests.extended
        for i in np.flatnonzero(keys != REFUSED).tolist():
            row = int(rows[i])
            if row in table.partial_rows:
                score = resource_score(self._shape, table, row)
                keys[i] = (score << PRECEDENCE_BITS) | table.precedence_cells[row]
            if extended and not table.has_extended(row, extended):
                keys[i] = REFUSED

    def _leave_room(
        self,
        table: NodeTable,
        reserved: Callable[[PodShape, int], Sequence[PodShape]],
        rows: IntArray,
    ) -> None:
        for row in rows.tolist():
            if self.keys[row] >= 0:
                others = reserved(self._shape, row)
                if others:
                    requested = table.requested(row)
                    for other in others:
                        requested = requested + other.requests
                    allocatable = table.node_at(row).allocatable
                    if resource_refusals(self._shape, allocatable, requested):
                        self.keys[row] = REFUSED

    def _reorder(self, table: NodeTable) -> None:
        keys = self.keys & ~FIRST_PRECEDENCE
        keys |= table.precedence
        self.keys = np.where(self.keys >= 0, keys, REFUSED)
