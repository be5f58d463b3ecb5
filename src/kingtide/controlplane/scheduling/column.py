"""The keys of one shape for every node: what the node's resources are worth, kept current."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kingtide.controlplane.scheduling.alike import NO_GROUP, AlikeNodes
from kingtide.controlplane.scheduling.failure import FitFailure
from kingtide.controlplane.scheduling.fits import resource_refusals
from kingtide.controlplane.scheduling.group_scores import Field
from kingtide.controlplane.scheduling.node_columns import SCORED_LINES, IntArray
from kingtide.controlplane.scheduling.node_load import NodeLoad
from kingtide.controlplane.scheduling.node_order import FIRST_PRECEDENCE, PRECEDENCE_BITS
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.nominations import Nominations
from kingtide.controlplane.scheduling.ports import PORTS_TAKEN, conflict
from kingtide.controlplane.scheduling.scores import (
    REFUSED,
    SHORTAGE_REASONS,
    ShapeAmounts,
    resource_keys,
    resource_score,
    shortages,
)
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.static_verdicts import StaticVerdict

_SCALAR_ROWS = 4
"""Up to this many rows are scored one by one; a gather costs as much as this many (measured)."""


class Column:
    """Score and precedence of every row in one sortable integer, `REFUSED` where there is no room.

    With `alike`, `feasible` counts the rows with room by group of alike nodes.
    """

    def __init__(
        self, shape: PodShape, table: NodeTable, verdict: StaticVerdict, nominations: Nominations
    ) -> None:
        self.keys: IntArray = np.zeros(0, dtype=np.int64)
        self.feasible: list[int] = []
        self.alike: AlikeNodes | None = None
        self.fields_asked = 0
        """How often the groups with room were listed anew: what a pick costs beyond its rows."""
        self.rows_scored = 0
        """How many rows were scored again, those of the first time not counted."""
        self._shape = shape
        self._table = table
        self._verdict = verdict
        self._nominations = nominations
        self._amounts = ShapeAmounts(shape)
        self._key_cells = self.keys.data
        self._tick = -1
        self._order_tick = 0
        self._moves = 0
        self._static_tick = -1
        self._field: Field | None = None
        rules = shape.rules
        self._is_special = bool(rules.host_ports or shape.requests.extended)

    def watch(self, alike: AlikeNodes | None) -> None:
        """Count feasible rows by these groups from now on."""
        if alike is not self.alike:
            self.alike = alike
            self._field = None
            if self._tick >= 0:
                self._count()

    def refresh(self) -> None:
        """Score again the rows that changed."""
        table, alike = self._table, self.alike
        if alike is not None and alike.move_count != self._moves and self._tick >= 0:
            self._follow_moves(alike)
        changes = table.changes
        passed = changes.tick - self._tick
        if not passed:
            return
        if self._static_tick != table.static_changes.tick:
            self._verdict.refresh(table)
            self._static_tick = table.static_changes.tick
        if self._tick < 0 or len(self.keys) != table.capacity:
            self._build()
        else:
            if self._order_tick != table.order_tick:
                self._reorder()
            if passed == 1:
                row = changes.last()
                self.rows_scored += 1
                self._set(row, self._key_at(row))
            else:
                self._rescore(changes.since(self._tick))
        self._tick = changes.tick
        self._order_tick = table.order_tick

    def points(self, alike: AlikeNodes) -> IntArray | None:
        """Return what each group of alike nodes adds to its nodes' keys, None where nothing.

        Valid after `refresh`, for the groups that are watched.
        """
        field = self._field
        if field is None:
            self.fields_asked += 1
            field = self._field = alike.scorer.field(self.feasible)
        return alike.scorer.scores(self.feasible, field)

    def diagnosed(self) -> FitFailure:
        """Return why each node refuses the pod; valid after `refresh`, without rules about pods."""
        table = self._table
        reasons = self._verdict.reasons()
        allowed = self._verdict.allowed
        if self._is_special:
            for row in np.flatnonzero(allowed).tolist():
                for reason in self._refusals(row):
                    reasons[reason] = reasons.get(reason, 0) + 1
            return FitFailure(node_count=len(table), reasons=reasons)
        reserved = self._nominations.reserved_sums(self._shape)
        short = shortages(self._amounts, table.matrix, reserved) & allowed
        for line, reason in enumerate(SHORTAGE_REASONS):
            count = int(np.count_nonzero(short[line]))
            if count:
                reasons[reason] = count
        return FitFailure(node_count=len(table), reasons=reasons)

    def _build(self) -> None:
        table = self._table
        rows: IntArray = np.arange(table.capacity)
        reserved = self._nominations.reserved_sums(self._shape)
        self.keys = resource_keys(self._amounts, table.matrix, reserved)
        self._correct(rows, self.keys)
        self._key_cells = self.keys.data
        self._count()

    def _rescore(self, changed: Sequence[int] | IntArray) -> None:
        self.rows_scored += len(changed)
        if len(changed) <= _SCALAR_ROWS:
            for row in dict.fromkeys(map(int, changed)):
                self._set(row, self._key_at(row))
            return
        rows: IntArray = np.asarray(changed, dtype=np.int64)
        reserved = self._nominations.reserved_sums(self._shape)
        if reserved is not None:
            reserved = reserved.take(rows, axis=1)
        block = self._table.matrix[:SCORED_LINES].take(rows, axis=1)
        keys = resource_keys(self._amounts, block, reserved)
        self._correct(rows, keys)
        if self.alike is not None:
            if len(rows) > len(self._table) // 4:
                self.keys[rows] = keys
                self._count()
                return
            for i in ((self.keys.take(rows) ^ keys) < 0).nonzero()[0].tolist():
                self._set(int(rows[i]), int(keys[i]))
        self.keys[rows] = keys

    def _set(self, row: int, key: int) -> None:
        cells = self._key_cells
        old = cells[row]
        cells[row] = key
        if (old >= 0) != (key >= 0) and self.alike is not None:
            self._change(self.alike.cells[row], 1 if key >= 0 else -1)

    def _change(self, group: int, amount: int) -> None:
        """Count rows with room in a group; the field changes with the first and the last."""
        feasible = self.feasible
        old = feasible[group]
        new = feasible[group] = old + amount
        if not (old and new):
            self._field = None

    def _key_at(self, row: int) -> int:
        """Return one row's key, computed alone."""
        table, shape = self._table, self._shape
        if not table.has_room(row, shape):
            return REFUSED
        if self._verdict.refuses_some and not self._verdict.allowed_at(row):
            return REFUSED
        if self._is_special and self._refusals(row):
            return REFUSED
        if self._nominations.count and not self._leaves_room(row):
            return REFUSED
        key: int = resource_score(shape, table, row) << PRECEDENCE_BITS
        return key | table.precedence_cells[row]

    def _correct(self, rows: IntArray, keys: IntArray) -> None:
        """Take into account what the arrays of amounts do not hold."""
        table = self._table
        if self._verdict.refuses_some:
            keys[~self._verdict.allowed[rows]] = REFUSED
        if table.partial_rows:
            for i in np.flatnonzero(keys >= 0).tolist():
                row = int(rows[i])
                if row in table.partial_rows:
                    score = resource_score(self._shape, table, row)
                    keys[i] = (score << PRECEDENCE_BITS) | table.precedence_cells[row]
        if self._is_special:
            for i in np.flatnonzero(keys >= 0).tolist():
                if self._refusals(int(rows[i])):
                    keys[i] = REFUSED

    def _leaves_room(self, row: int) -> bool:
        """Return whether a row with room for the pod has it beside the nominated pods, too."""
        reserved = self._nominations.reserved_amounts(self._shape, row)
        return not reserved[1] or self._table.has_room(row, self._shape, reserved)

    def _refusals(self, row: int) -> tuple[str, ...]:
        """Return why a node refuses the pod for its ports or resources."""
        shape = self._shape
        load = NodeLoad(self._table, row)
        for other in self._nominations.reserved(shape, row):
            load.add(other)
        if shape.rules.host_ports and conflict(shape.rules.host_ports, load.ports):
            return (PORTS_TAKEN,)
        return resource_refusals(shape, load.node.allocatable, load.requested)

    def _follow_moves(self, alike: AlikeNodes) -> None:
        """Take over that rows moved to other groups, before their keys change."""
        moves = alike.moves_since(self._moves)
        if moves is None:
            self._count()
            return
        if len(self.feasible) < len(alike.groups):
            self.feasible.extend([0] * (len(alike.groups) - len(self.feasible)))
        cells = self._key_cells
        size = len(cells)
        for row, old, new in moves:
            if row < size and cells[row] >= 0:
                self._change(old, -1)
                self._change(new, 1)
        self._moves = alike.move_count

    def _count(self) -> None:
        alike = self.alike
        self._field = None
        if alike is not None and len(self.keys) == len(alike.group_of):
            # Rows without room count as without group, and are taken off again: cheaper than
            # picking the others out.
            has_room = self.keys >= 0
            groups = alike.group_of * has_room
            self.feasible = np.bincount(groups, minlength=len(alike.groups)).tolist()
            self.feasible[NO_GROUP] -= len(groups) - int(np.count_nonzero(has_room))
            self._moves = alike.move_count

    def _reorder(self) -> None:
        keys = self.keys & ~FIRST_PRECEDENCE
        keys |= self._table.precedence
        self.keys = np.where(self.keys >= 0, keys, REFUSED)
        self._key_cells = self.keys.data
