"""Days of a preview, by the clocks of its zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from whenever import Date, Instant, Time

from kingtide.controllers.downscaling.week import Stretch


class Day(msgspec.Struct, frozen=True):
    """A day and when a workload is up on it, as `08:00-19:00`; nothing: it is down all day."""

    date: Date
    up: tuple[str, ...]


def start_of_day(date: str, timezone: str) -> int:
    """Return midnight of a date as `2026-03-23`, in Unix milliseconds.

    Raises:
        ValueError: it is no date.
    """
    return _midnight(Date.parse_iso(date), timezone)


def end_of_days(from_ms: int, days: int, timezone: str) -> int:
    """Return midnight after so many days, the one of an instant being the first."""
    first = Instant.from_timestamp(from_ms, unit="millisecond").to_tz(timezone).date()
    return _midnight(first.add(days=days), timezone)


def days_of(
    stretches: Sequence[Stretch], from_ms: int, until_ms: int, timezone: str
) -> Iterator[Day]:
    """Yield every day between two instants with the hours of its up stretches."""
    at_ms = from_ms
    while at_ms < until_ms:
        end_ms = end_of_days(at_ms, 1, timezone)
        up = tuple(
            f"{_clock(max(it.from_ms, at_ms), timezone)}-"
            f"{_clock(min(it.until_ms, end_ms), timezone, ends=True)}"
            for it in stretches
            if it.state == "up" and it.from_ms < end_ms and it.until_ms > at_ms
        )
        yield Day(Instant.from_timestamp(at_ms, unit="millisecond").to_tz(timezone).date(), up)
        at_ms = end_ms


def _clock(at_ms: int, timezone: str, *, ends: bool = False) -> str:
    shown = Instant.from_timestamp(at_ms, unit="millisecond").to_tz(timezone).time()
    text = shown.format_iso()[:5]
    return "24:00" if ends and text == "00:00" else text


def _midnight(date: Date, timezone: str) -> int:
    start = date.at(Time(0, 0)).assume_tz(timezone, disambiguation="compatible")
    return start.timestamp(unit="millisecond")
