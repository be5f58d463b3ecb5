"""Nodes that are alike to a kind of pod: same merits, same zone, same company.

Everything but resources depends on a node through a few facts only, so nodes fall into a handful of
groups. Feasibility and scores are computed a group, not a node; a placed pod moves one node to
another group.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kingtide.controlplane.scheduling.alike_group import Group
from kingtide.controlplane.scheduling.group_scores import GroupScorer
from kingtide.controlplane.scheduling.merits import MeritColumn, Merits, reads_images
from kingtide.controlplane.scheduling.node_columns import IntArray
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.surroundings import Surroundings
from kingtide.controlplane.scheduling.tally import Tally

NO_GROUP = 0
"""The group of rows without a node."""
_KEPT_MOVES = 2_048
"""How many moves between groups are kept for shapes that catch up; older ones count anew."""

_MANY_ROWS = 128
"""From here on all rows are grouped at once, with arrays; they cost as much as 100 rows."""

_MOST_CODES = 1 << 62
"""Facts are numbered together as long as the numbers fit; what a count adds is below 2^32."""

_FEW_CODES = 4_096
"""Up to this many possible groups a table is cheaper than sorting the rows (measured)."""

_Facts = tuple[int, ...]
"""A row's merit number, its domains, its counts."""


class AlikeNodes:
    """The groups of all nodes for one kind of pod, kept current."""

    def __init__(
        self, shape: PodShape, table: NodeTable, merits: MeritColumn, surroundings: Surroundings
    ) -> None:
        self.group_of: IntArray = np.zeros(0, dtype=np.int64)
        self.groups: list[Group] = [Group(Merits(), (), ())]
        self.is_hard = surroundings.is_hard
        self._shape = shape
        self._table = table
        self._merits = merits
        self._surroundings = surroundings
        self.scorer = GroupScorer(shape, surroundings, self.groups)
        self._numbers: dict[_Facts, int] = {}
        self.cells = self.group_of.data
        """The same by row."""
        self._dirty: dict[int, None] = {}
        self._all_dirty = False
        self._moves: list[tuple[int, int, int]] = []
        self._moves_start = 0
        self.move_count = 0
        """The number of moves so far; a reader remembers it and asks `moves_since`."""
        self._seen = 0
        lists = [source.counts for source in surroundings.sources if isinstance(source, Tally)]
        self._columns = [merits.number_at, *surroundings.domain_lists, *lists]
        self._asked = [it for it in surroundings.sources if not isinstance(it, Tally)]
        for source in surroundings.sources:
            source.readers.append(self)

    def close(self) -> None:
        """Stop following; nobody asks these groups any more."""
        for source in self._surroundings.sources:
            source.readers.remove(self)

    def moves_since(self, count: int) -> Sequence[tuple[int, int, int]] | None:
        """Return the moves (row, old group, new group) after a count, None when they are gone."""
        if count < self._moves_start:
            return None
        return self._moves[count - self._moves_start :]

    def mark(self, row: int) -> None:
        """Look at a row again before the next answer."""
        self._dirty[row] = None

    def refresh(self) -> None:
        """Regroup the rows whose facts changed."""
        if self._seen != self._table.static_changes.tick:
            self._refresh_nodes()
        dirty = self._dirty
        if self._all_dirty or len(dirty) > _MANY_ROWS:
            self._regroup_all()
            return
        if not dirty:
            return
        occupied, cells = self._table.occupied, self.cells
        for row in dirty:
            new = self._number(row) if occupied[row] else NO_GROUP
            old = cells[row]
            if new != old:
                cells[row] = new
                self._moves.append((row, old, new))
                self.move_count += 1
        dirty.clear()
        if len(self._moves) > 2 * _KEPT_MOVES:
            del self._moves[:_KEPT_MOVES]
            self._moves_start += _KEPT_MOVES

    def _refresh_nodes(self) -> None:
        table = self._table
        changed = table.static_changes_since(self._seen)
        self._seen = table.static_tick
        self._surroundings.refresh(table)
        self._merits.refresh(table)
        if len(self.group_of) < table.capacity:
            missing = table.capacity - len(self.group_of)
            self.group_of = np.concatenate([self.group_of, np.zeros(missing, dtype=np.int64)])
            self.cells = self.group_of.data
        if len(changed) > _MANY_ROWS:
            self._all_dirty = True
        else:
            self._dirty.update(dict.fromkeys(map(int, changed)))
        if reads_images(self._shape, table):
            for row in table.rows():
                self._dirty[row] = None

    def _regroup_all(self) -> None:
        """Group every row anew; readers count anew, too."""
        seen = self._surroundings
        rows = self._table.occupied.nonzero()[0]
        columns = [self._merits.numbers()]
        columns += [topology.domains() for topology in seen.topologies]
        columns += [np.array(source.counts_by_row(), dtype=np.int64) for source in seen.sources]
        code, size = np.zeros(len(rows), dtype=np.int64), 1
        for column in columns:
            values = column.take(rows)
            low = int(values.min(initial=0))
            width = int(values.max(initial=0)) - low + 1
            if size * width > _MOST_CODES:
                code = np.unique(code, return_inverse=True)[1]
                size = len(rows)
            code = code * width + (values - low)
            size *= width
        if size > _FEW_CODES:
            code = np.unique(code, return_inverse=True)[1]
            size = len(rows)
        # Any row of a code stands for all of it.
        row_of: IntArray = np.full(size, -1, dtype=np.int64)
        row_of[code] = rows
        number_of = np.zeros(size, dtype=np.int64)
        for found in (row_of >= 0).nonzero()[0].tolist():
            number_of[found] = self._number(int(row_of[found]))
        self.group_of[:] = NO_GROUP
        self.group_of[rows] = number_of.take(code)
        self._dirty.clear()
        self._all_dirty = False
        self.move_count += 1
        self._moves_start = self.move_count
        self._moves.clear()

    def _number(self, row: int) -> int:
        seen = self._surroundings
        # Most sources are plain lists; a loop over them costs half of asking each.
        facts = tuple([column[row] for column in self._columns])
        if self._asked:
            facts += tuple([source.value_at(row) for source in self._asked])
        number = self._numbers.get(facts)
        if number is None:
            number = self._numbers[facts] = len(self.groups)
            domains = tuple([domains[row] for domains in seen.domain_lists])
            counts = tuple([source.value_at(row) for source in seen.sources])
            self.groups.append(Group(self._merits.merits[facts[0]], domains, counts))
        return number
