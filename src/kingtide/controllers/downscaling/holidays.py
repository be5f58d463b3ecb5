"""Days on which a timetable is another one: `2026-12-24/2026-12-26 Europe/Paris`."""

from __future__ import annotations

import re

import msgspec
from whenever import Date, TimeZoneNotFoundError, ZonedDateTime

_TEXT = re.compile(r"(\d{4}-\d\d-\d\d)(?:/(\d{4}-\d\d-\d\d))?(?: (\S+))?", re.ASCII)
_EXAMPLE = "write for example 2026-12-25, or 2026-12-24/2026-12-26 Europe/Paris"


MAX_HOLIDAYS = 400
"""Entries of a policy: a day's entry for each day of a year and some; each pass looks at all."""


class BadHoliday(ValueError):
    """A holiday that cannot be read; the message says what to write."""


class Holiday(msgspec.Struct, frozen=True, gc=False):
    """From an instant to another one (excluded); `text` is as it was written."""

    text: str
    from_ms: int
    until_ms: int


def read_holiday(text: str, default_zone: str) -> Holiday:
    """Return a holiday: whole days, by the clocks of its zone.

    Raises:
        BadHoliday: it is none.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise BadHoliday(f"{text!r} is no holiday; {_EXAMPLE}")
    zone = match[3] or default_zone or "UTC"
    try:
        first = Date.parse_iso(match[1])
        last = Date.parse_iso(match[2] or match[1])
        begin, end = _midnight(first, zone), _midnight(last.add(days=1), zone)
    except TimeZoneNotFoundError as error:
        raise BadHoliday(f"{text!r}: there is no time zone {zone!r}; {_EXAMPLE}") from error
    except ValueError as error:
        raise BadHoliday(f"{text!r}: {error}; {_EXAMPLE}") from error
    if last < first:
        raise BadHoliday(f"{text!r} ends before it begins; {_EXAMPLE}")
    return Holiday(text, begin, end)


def holiday_at(holidays: tuple[Holiday, ...], at_ms: int) -> Holiday | None:
    """Return the first holiday in the list that an instant lies in, None for a working day."""
    return next((it for it in holidays if it.from_ms <= at_ms < it.until_ms), None)


def holidays_change_after(holidays: tuple[Holiday, ...], at_ms: int) -> int | None:
    """Return when the next holiday begins or ends, None when none is to come."""
    edges = (edge for it in holidays for edge in (it.from_ms, it.until_ms) if edge > at_ms)
    return min(edges, default=None)


def _midnight(day: Date, zone: str) -> int:
    return ZonedDateTime(day.year, day.month, day.day, tz=zone).timestamp(unit="millisecond")
