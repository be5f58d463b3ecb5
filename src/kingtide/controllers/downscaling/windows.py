"""Parts of a time specification: stretches of time that recur every week, or come once.

Whether an instant lies in a recurring part is asked of the clock on the wall of its zone, so that
a change of clocks moves nothing: what begins at 08:00 begins when clocks there show 08:00.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from whenever import Instant, Time, ZonedDateTime

MINUTES_A_DAY = 24 * 60


class Recurring(msgspec.Struct, frozen=True):
    """Days of the week (1 is Monday) and the minutes of the day, the last one left out.

    From a later to an earlier day goes round the end of the week. `runs_overnight` lets it begin
    on its days and end at `end_minute` of the day after; without it, a start that is not before
    the end never comes.
    """

    first_day: int
    last_day: int
    start_minute: int
    end_minute: int
    zone: str
    runs_overnight: bool = False

    def holds(self, at_ms: int) -> bool:
        """Return whether an instant lies in it."""
        local = _local(at_ms, self.zone)
        minute = local.hour * 60 + local.minute
        day = local.day_of_week().value
        if not self.runs_overnight:
            return self._on(day) and self.start_minute <= minute < self.end_minute
        if self._on(day) and minute >= self.start_minute:
            return True
        return self._on(7 if day == 1 else day - 1) and minute < self.end_minute

    def edge_after(self, at_ms: int) -> int | None:
        """Return the first instant after this one at which it may begin or end."""
        local = _local(at_ms, self.zone)
        shift = local.next_transition()
        edges = [] if shift is None else [shift.timestamp(unit="millisecond")]
        edges.extend(self._edges(local))
        later = [edge for edge in edges if edge > at_ms]
        return min(later, default=None)

    def _edges(self, local: ZonedDateTime) -> Iterator[int]:
        """Yield the starts and ends on the days around one; clocks may show each of them twice."""
        for days in (0, 1):
            for minute in (self.start_minute, self.end_minute):
                # 24:00 is the next day's 00:00.
                date = local.date().add(days=days + minute // MINUTES_A_DAY)
                hours, minutes = divmod(minute % MINUTES_A_DAY, 60)
                plain = date.at(Time(hours, minutes))
                earlier = plain.assume_tz(self.zone, disambiguation="earlier")
                later = plain.assume_tz(self.zone, disambiguation="later")
                yield earlier.timestamp(unit="millisecond")
                yield later.timestamp(unit="millisecond")

    def _on(self, day: int) -> bool:
        if self.first_day <= self.last_day:
            return self.first_day <= day <= self.last_day
        return day >= self.first_day or day <= self.last_day


class Once(msgspec.Struct, frozen=True):
    """From one instant to another, both included."""

    from_ms: int
    until_ms: int

    def holds(self, at_ms: int) -> bool:
        """Return whether an instant lies in it."""
        return self.from_ms <= at_ms <= self.until_ms

    def edge_after(self, at_ms: int) -> int | None:
        """Return the first instant after this one at which it begins, or has ended."""
        later = [edge for edge in (self.from_ms, self.until_ms + 1) if edge > at_ms]
        return min(later, default=None)


def _local(at_ms: int, zone: str) -> ZonedDateTime:
    return Instant.from_timestamp(at_ms, unit="millisecond").to_tz(zone)
