"""Which rows changed since a reader last looked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kingtide.controlplane.scheduling.node_columns import IntArray

_LOG_LENGTH = 4_096
"""How many changes are listed one by one; older ones are found by their stamps."""
_LISTED_CHANGES = 12
"""Up to this many, a reader gets a list; more come deduplicated from the stamps."""


class ChangeLog:
    """Counts changes; every reader remembers the tick it has seen."""

    def __init__(self) -> None:
        self.tick = 0
        self._log: list[int] = []
        self._log_start = 0
        self._stamps: IntArray = np.zeros(0, dtype=np.int64)
        self._stamp_cells = self._stamps.data

    def grow(self, capacity: int) -> None:
        """Make room for rows up to a capacity."""
        missing = np.zeros(capacity - len(self._stamps), dtype=np.int64)
        self._stamps = np.concatenate([self._stamps, missing])
        self._stamp_cells = self._stamps.data

    def touch(self, row: int) -> None:
        """Record that a row changed."""
        self.tick += 1
        self._stamp_cells[row] = self.tick
        log = self._log
        log.append(row)
        if len(log) > 2 * _LOG_LENGTH:
            del log[:_LOG_LENGTH]
            self._log_start += _LOG_LENGTH

    def last(self) -> int:
        """Return the row that changed last.

        Raises:
            IndexError: nothing has changed yet.
        """
        return self._log[-1]

    def since(self, tick: int) -> Sequence[int] | IntArray:
        """Return the rows changed after a tick: a short list, or an array without repetitions."""
        if self.tick - tick <= _LISTED_CHANGES and tick >= self._log_start:
            return self._log[tick - self._log_start :]
        found: IntArray = (self._stamps > tick).nonzero()[0]
        return found
