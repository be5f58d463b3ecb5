"""Times as the reader's clock shows them.

The record's zone, also across a change of daylight saving.
"""

from __future__ import annotations

import msgspec
from whenever import Instant, ZonedDateTime


class Stretch(msgspec.Struct, frozen=True):
    """From `from_ms` on, local time is UTC plus `offset_ms`, called `abbreviation`."""

    from_ms: int
    offset_ms: int
    abbreviation: str


def local(at_ms: int, timezone: str) -> ZonedDateTime:
    """Return the Unix milliseconds as a local time of the zone."""
    return Instant.from_timestamp(at_ms, unit="millisecond").to_tz(timezone)


def clock_text(at_ms: int, timezone: str) -> str:
    """Return the local time of day, `20:52:10`."""
    time = local(at_ms, timezone)
    return f"{time.hour:02}:{time.minute:02}:{time.second:02}"


def span_text(start_ms: int, end_ms: int, timezone: str) -> str:
    """Return both ends with the date once, or twice when the span crosses midnight."""
    start, end = local(start_ms, timezone), local(end_ms, timezone)
    ends = _date(end) + " " if start.date() != end.date() else ""
    return f"{_date(start)} {_minute(start)} – {ends}{_minute(end)}"


def _date(time: ZonedDateTime) -> str:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{time.day} {months[time.month - 1]} {time.year}"


def _minute(time: ZonedDateTime) -> str:
    text = f"{time.hour:02}:{time.minute:02}"
    return f"{text}:{time.second:02}" if time.second else text


def offset_stretches(start_ms: int, end_ms: int, timezone: str) -> tuple[Stretch, ...]:
    """Return the zone's offsets over a span, so that a page needs no time zone data of its own."""
    stretches: list[Stretch] = []
    time: ZonedDateTime | None = local(start_ms, timezone)
    while time is not None and time.timestamp(unit="millisecond") <= end_ms:
        from_ms = start_ms if not stretches else time.timestamp(unit="millisecond")
        offset_ms = round(time.offset.total("milliseconds"))
        stretches.append(Stretch(from_ms, offset_ms, time.tz_abbrev()))
        time = time.next_transition()
    return tuple(stretches)


def duration_text(seconds: float) -> str:
    """Return a duration a reader grasps at once: `4.5 s`, `95 s`, `3 min 20 s`, `2 h 05 min`.

    Up to two minutes seconds stay seconds, because expectations are written in them.
    """
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s" if abs(seconds - whole) < 0.05 else f"{seconds:.1f} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest:02} s" if rest else f"{minutes} min"
    hours, rest = divmod(round(whole / 60), 60)
    return f"{hours} h {rest:02} min" if rest else f"{hours} h"
