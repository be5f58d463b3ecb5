"""The room that nominated pods wait for, by node row and priority."""

from __future__ import annotations

from kingtide.controlplane.scheduling.amounts import NO_AMOUNTS, Amounts, added
from kingtide.controlplane.scheduling.level_amounts import LevelAmounts
from kingtide.controlplane.scheduling.node_columns import IntArray
from kingtide.controlplane.scheduling.shape import PodShape


class ReservedRoom:
    """Sums of what is to be left free; what a pod must leave free is that of its priority and up.

    Extended resources and host ports are not counted here.
    """

    def __init__(self) -> None:
        self._levels: dict[int, LevelAmounts] = {}
        self._pods: dict[int, int] = {}
        self._sums: dict[int, IntArray | None] = {}

    def count(self, row: int, shape: PodShape, sign: int, capacity: int) -> None:
        """Count a nominated pod (1) or count it no longer (-1) on a row of a table that large."""
        priority = shape.priority
        level = self._levels.get(priority)
        if level is None:
            level = self._levels[priority] = LevelAmounts(priority)
        level.grow(capacity)
        level.count(row, shape, sign)
        self._sums.clear()
        left = self._pods.get(priority, 0) + sign
        if left:
            self._pods[priority] = left
        else:
            del self._pods[priority], self._levels[priority]

    def at(self, row: int, priority: int) -> Amounts:
        """Return what a pod of a priority must leave free on one row."""
        found = NO_AMOUNTS
        for own, level in self._levels.items():
            if own >= priority and row < level.amounts.shape[1]:
                amounts = level.at(row)
                found = amounts if found is NO_AMOUNTS else added(found, amounts)
        return found

    def sums(self, priority: int, capacity: int) -> IntArray | None:
        """Return what a pod of a priority must leave free on every row, None for nothing at all.

        The lines are those of the node table's requested amounts.
        """
        if not any(own >= priority for own in self._levels):
            return None
        found = self._sums.get(priority)
        if found is None or found.shape[1] < capacity:
            found = None
            for own, level in self._levels.items():
                if own >= priority:
                    level.grow(capacity)
                    found = level.amounts if found is None else found + level.amounts
            self._sums[priority] = found
        return found
