"""What is demanded of every application at one instant: its curve, or nothing while it is cut off.

Between two points of its curve and two edges of its outages a demand follows one line. The lines of
all applications are kept in columns, so that an instant costs one computation, and none at all
while every demand stands still.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kingtide.twin.definition import Outage
from kingtide.twin.load.curves import DemandCurve, Segment
from kingtide.twin.load.filling import Integers

FOREVER_MS = int(np.iinfo(np.int64).max)
LARGEST_PRODUCT = int(np.iinfo(np.int64).max) // 2
"""Rise times run of a line that int64 can follow: a million cores within a month, say."""


class Demands:
    """The demands of applications, in the order given; `cuts` are the outages of what is before it.

    `lines_drawn` counts the lines taken from curves: one an application and edge passed.
    """

    def __init__(self, curves: Sequence[DemandCurve], cuts: Sequence[Sequence[Outage]]) -> None:
        count = len(curves)
        self.lines_drawn = 0
        self._curves = curves
        self._cuts = cuts
        self._from_ms: Integers = np.zeros(count, np.int64)
        self._until_ms: Integers = np.zeros(count, np.int64)
        self._millicores: Integers = np.zeros(count, np.int64)
        self._rise: Integers = np.zeros(count, np.int64)
        self._run_ms: Integers = np.ones(count, np.int64)
        self._drawn_ms = FOREVER_MS
        self._edge_ms = 0
        self._moves = True
        self._now_ms = -1
        self._present: Integers = np.zeros(count, np.int64)

    def at(self, now_ms: int) -> Integers:
        """Return all demands, int64[A] in millicores: the same array as before where none changed.

        The caller must not write to it.
        """
        if now_ms >= self._edge_ms or now_ms < self._drawn_ms:
            self._draw(now_ms)
        elif not self._moves or now_ms == self._now_ms:
            return self._present
        self._now_ms = now_ms
        part = np.abs(self._rise) * (now_ms - self._from_ms) // self._run_ms
        present = self._millicores + np.sign(self._rise) * part
        if not np.array_equal(present, self._present):
            self._present = present
        return self._present

    def _draw(self, now_ms: int) -> None:
        """Take the lines that hold now, of all that passed an edge."""
        back_in_time = now_ms < self._drawn_ms
        passed = (
            range(len(self._curves))
            if back_in_time
            else np.flatnonzero(self._until_ms <= now_ms).tolist()
        )
        for number in passed:
            line = self._line(number, now_ms)
            self._from_ms[number] = line.from_ms
            self._until_ms[number] = FOREVER_MS if line.until_ms is None else line.until_ms
            self._millicores[number] = line.millicores
            self._rise[number], self._run_ms[number] = line.rise, line.run_ms
            self.lines_drawn += 1
        self._drawn_ms = now_ms
        self._edge_ms = int(self._until_ms.min(initial=FOREVER_MS))
        self._moves = bool(self._rise.any())

    def _line(self, number: int, now_ms: int) -> Segment:
        cuts = self._cuts[number]
        ends = [cut.until_ms for cut in cuts if cut.from_ms <= now_ms < cut.until_ms]
        if ends:
            return Segment(now_ms, min(ends), 0, 0, 1)
        line = self._curves[number].segment_at(now_ms)
        begins = [cut.from_ms for cut in cuts if now_ms < cut.from_ms < cut.until_ms]
        if line.until_ms is not None:
            begins.append(line.until_ms)
        line = line._replace(until_ms=min(begins, default=None))
        if abs(line.rise) * line.run_ms > LARGEST_PRODUCT:
            # Too long for int64: told millisecond by millisecond.
            return Segment(now_ms, now_ms + 1, line.millicores_at(now_ms), 0, 1)
        return line
