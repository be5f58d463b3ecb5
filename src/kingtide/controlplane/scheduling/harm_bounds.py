"""How little a preemption could hurt on each node: bounds for one shape, kept current.

A bound comes from sums by priority and costs little; once a node was looked at closely, what was
found stands there instead, until the node changes. A search takes nodes best bound first and ends
when no bound is better than what it found: usually with the first node.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import sub

import numpy as np

from kingtide.controlplane.scheduling.budgets import Budgets
from kingtide.controlplane.scheduling.evictable import Evictable, PriorityLevel
from kingtide.controlplane.scheduling.node_columns import (
    FREE,
    BoolArray,
    IntArray,
)
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.nominations import Nominations
from kingtide.controlplane.scheduling.preemption import PRIORITY_SHIFT, Candidate, Harm
from kingtide.controlplane.scheduling.scores import ShapeAmounts
from kingtide.controlplane.scheduling.shape import PodShape

NO_HELP = 1 << 62
"""The grade of a row where evicting everybody of lower priority does not make room."""
_GRADE_BITS = 33
"""A grade is violated budgets over the highest priority, which shifted takes 32 bits."""
_SCALAR_ROWS = 24
"""Up to this many rows are bounded one by one; with arrays all rows cost as much (measured)."""


class HarmBounds:
    """The least harm by row for a shape that only resources stand against.

    `grade` is (violated budgets << 33) + highest victim's priority, shifted to be positive;
    `total`, `number` and `start` are the rest of a `Harm`, `start` not yet cut at the present. All
    are lower bounds (`start` an upper one), exact where `is_exact`. Room is left for all nominated
    pods: one that searches itself has to look at its own row another way.
    """

    def __init__(
        self,
        shape: PodShape,
        table: NodeTable,
        evictable: Evictable,
        nominations: Nominations,
    ) -> None:
        self.is_exact: BoolArray = np.zeros(0, dtype=np.bool_)
        self.helped = 0
        """On how many rows evicting makes room."""
        self.rows_bounded = 0
        """How many times a row was bounded by itself: what keeping current cost."""
        self._lines: IntArray = np.zeros((4, 0), dtype=np.int64)
        self._shape = shape
        self._table = table
        self._evictable = evictable
        self._nominations = nominations
        self._required = ShapeAmounts(shape).required
        self._needs: list[int] = self._required[:, 0].tolist()
        self._levels: Sequence[PriorityLevel] = ()
        self._level_count = -1
        self._least = 0
        self._budgets: Budgets | None = None
        self._tick = -1
        self._starts_tick = -1

    def refresh(self, allowed: BoolArray, budgets: Budgets) -> None:
        """Bound again the rows that changed; `allowed` are those the pod may ever run on."""
        table, evictable = self._table, self._evictable
        is_seen = self._tick == table.changes.tick and self._starts_tick == evictable.starts.tick
        if is_seen and self._budgets is budgets:
            return
        if (
            self._budgets is not budgets
            or self._level_count != len(evictable.levels)
            or self._lines.shape[1] != table.capacity
        ):
            self._budgets = budgets
            self._level_count = len(evictable.levels)
            self._levels = evictable.below(self._shape.priority)
            self._start_anew()
            self._build(allowed, np.arange(table.capacity))
        else:
            for rows in (
                table.changes.since(self._tick),
                evictable.starts.since(self._starts_tick),
            ):
                if len(rows) > _SCALAR_ROWS:
                    self._build(allowed, np.asarray(rows, dtype=np.int64))
                else:
                    for row in rows:
                        self._bound(int(row), is_allowed=bool(allowed[row]))
        self._tick, self._starts_tick = table.changes.tick, evictable.starts.tick

    def _start_anew(self) -> None:
        capacity = self._table.capacity
        self._lines = np.zeros((4, capacity), dtype=np.int64)
        self.is_exact = np.zeros(capacity, dtype=np.bool_)
        self._least = min([level.priority for level in self._levels], default=0) + PRIORITY_SHIFT

    def harm_at(self, row: int, now_ms: int) -> Harm:
        """Return a row's bound as it compares with the harm of candidates."""
        grade, total, number, start = self._lines[:, row].tolist()
        highest = (grade & ((1 << _GRADE_BITS) - 1)) - PRIORITY_SHIFT
        return (grade >> _GRADE_BITS, highest, total, number, -min(start, now_ms))

    def learn(self, candidate: Candidate) -> None:
        """Take over what a close look at a row found; it holds until the row changes."""
        violations, highest, total, number, _ = candidate.harm(0)
        grade = (violations << _GRADE_BITS) + highest + PRIORITY_SHIFT
        self._lines[:, candidate.row] = (grade, total, number, candidate.earliest_start)
        self.is_exact[candidate.row] = True

    def by_promise(self, now_ms: int) -> Iterator[int]:
        """Yield the rows where eviction makes room, least bound first, then in node order."""
        if not self.helped:
            return
        # Most searches end with the first one, long before sorting all would have paid.
        grade = self._lines[0]
        chosen = (grade == grade.min()).nonzero()[0]
        for criterion in self._criteria(now_ms):
            values = criterion.take(chosen)
            chosen = chosen[values == values.min()]
        first = int(chosen[0])
        yield first
        for level in np.unique(grade[grade < NO_HELP]).tolist():
            rows = (grade == level).nonzero()[0]
            criteria = [values.take(rows) for values in self._criteria(now_ms)]
            for row in rows[np.lexsort(criteria[::-1])].tolist():
                if row != first:
                    yield row

    def _criteria(self, now_ms: int) -> Sequence[IntArray]:
        """Return what decides between rows of one grade, most important first; less is better."""
        _, total, number, start = self._lines
        return total, number, -np.minimum(start, now_ms), -self._table.precedence

    def _build(self, allowed: BoolArray, rows: IntArray) -> None:
        """Bound many rows at once; see `_bound` for one."""
        free = self._table.matrix[FREE].take(rows, axis=1)
        reserved = self._nominations.reserved_sums(self._shape)
        if reserved is not None:
            free -= reserved.take(rows, axis=1)
        missing = self._required - free
        rest = allowed.take(rows) & (missing > 0).any(axis=0)
        found: IntArray = np.zeros((4, len(rows)), dtype=np.int64)
        found[0] = NO_HELP
        largest = [0, 1, 0, 0]
        for level in self._levels:
            largest = list(map(max, largest, level.largest))
            short = self._required - free
            free += level.amounts.take(rows, axis=1)
            fits = (free >= self._required).all(axis=0) & rest
            if fits.any():
                rest &= ~fits
                number = _fewest(missing[:, fits], largest)
                tops = _fewest(short[:, fits], level.largest)
                np.maximum(number, tops, out=number)
                highest, least = level.priority + PRIORITY_SHIFT, self._least
                found[0, fits] = highest
                found[1, fits] = tops * highest + (number - tops) * least
                found[2, fits] = number
                found[3, fits] = level.latest_start.take(rows)[fits]
        self._lines[:, rows] = found
        self.is_exact[rows] = False
        self.helped = int(np.count_nonzero(self._lines[0] < NO_HELP))

    def _bound(self, row: int, *, is_allowed: bool) -> None:
        """Bound one row by the lowest level whose eviction, with all below, makes enough room.

        No candidate there has a lower highest victim, and none has fewer victims than the largest
        pods of those levels could make up for.
        """
        self.rows_bounded += 1
        grades = self._lines[0]
        self.helped -= bool(grades[row] < NO_HELP)
        grades[row] = NO_HELP
        self.is_exact[row] = False
        if not is_allowed:
            return
        reserved = self._nominations.reserved_amounts(self._shape, row)
        free = map(sub, self._table.free_at(row), reserved)
        missing = short = list(map(sub, self._needs, free))
        if max(short) <= 0:
            return
        largest = [0, 1, 0, 0]
        for level in self._levels:
            largest = list(map(max, largest, level.largest))
            left = list(map(sub, short, level.at(row)))
            if max(left) <= 0:
                tops = _fewest_of(short, level.largest)
                number = max(tops, _fewest_of(missing, largest))
                highest = level.priority + PRIORITY_SHIFT
                total = tops * highest + (number - tops) * self._least
                self._lines[:, row] = (highest, total, number, level.latest_start_at(row))
                self.helped += 1
                return
            short = left


def _fewest(missing: IntArray, largest: Sequence[int]) -> IntArray:
    """Return how many pods it takes at least, by row, where none is larger than `largest`."""
    fewest = np.ones(missing.shape[1], dtype=np.int64)
    for line, most in enumerate(largest):
        if most:
            np.maximum(fewest, -(-missing[line] // most), out=fewest)
    return fewest


def _fewest_of(missing: Sequence[int], largest: Sequence[int]) -> int:
    """Return `_fewest` of one row."""
    return max(1, *[-(-lack // most) for lack, most in zip(missing, largest, strict=True) if most])
