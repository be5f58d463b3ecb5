"""Demand over time: points, linear in between, in integer millicores."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from kingtide.twin.definition import DemandPoint


class CurveOutOfOrder(ValueError):
    """A curve's points must not go back in time."""


class Segment(NamedTuple):
    """A piece of a curve in which one line holds: `millicores` at `from_ms`, `rise` over `run_ms`.

    It holds until `until_ms` (excluded), None for ever; where `rise` is 0 `run_ms` is 1.
    """

    from_ms: int
    until_ms: int | None
    millicores: int
    rise: int
    run_ms: int

    def millicores_at(self, now_ms: int) -> int:
        """Return the demand at a time within, rounded towards the beginning."""
        part = abs(self.rise) * (now_ms - self.from_ms) // self.run_ms
        return self.millicores + (part if self.rise >= 0 else -part)


class DemandCurve:
    """Demand at any time: linear between points, constant before the first and after the last.

    Two points of one time are a jump: from that time on the later one holds. Without points there
    is no demand.

    Raises:
        CurveOutOfOrder: a point is earlier than the one before it.
    """

    def __init__(self, points: Sequence[DemandPoint]) -> None:
        self._times = [point.at_ms for point in points]
        self._millicores = [point.millicores for point in points]
        for before, after in zip(self._times, self._times[1:], strict=False):
            if after < before:
                raise CurveOutOfOrder(f"a point at {after} ms follows one at {before} ms")

    def millicores_at(self, now_ms: int) -> int:
        """Return the demand at a time, rounded towards the earlier point."""
        return self.segment_at(now_ms).millicores_at(now_ms)

    def segment_at(self, now_ms: int) -> Segment:
        """Return the piece of the curve that a time is in."""
        times, values = self._times, self._millicores
        at = bisect_right(times, now_ms)
        if at == 0:
            until_ms = times[0] if times else None
            return Segment(now_ms, until_ms, values[0] if values else 0, 0, 1)
        if at == len(times):
            return Segment(times[-1], None, values[-1], 0, 1)
        rise, run_ms = values[at] - values[at - 1], times[at] - times[at - 1]
        return Segment(times[at - 1], times[at], values[at - 1], rise, run_ms)

    def millicores_before(self, now_ms: int) -> int:
        """Return what the demand comes to just before a time: another amount only at a jump."""
        at = bisect_left(self._times, now_ms)
        if at < len(self._times) and self._times[at] == now_ms:
            return self._millicores[at]
        return self.millicores_at(now_ms)
