"""When events are, and how large: the grammar of the annotation and of the calendar.

`20:45-21:30 Europe/Paris x10` is every evening; `Sat-Sun 14:00-16:00 Europe/Paris x3` and
`Mon,Thu 20:45-21:30 Europe/Paris x4` are on some days of the week, `2026-12-31 23:45-00:30
Europe/Paris x5` is once. `xN` multiplies the replicas there are when the floor begins to rise, `=N`
is a number of them. Several are separated by `;`. In the calendar `for shop/*` at the end says whom
it is about. A window that ends before it begins goes past midnight, and belongs to the day on which
it begins. Times are those of the zone's clocks: what they skip in spring is taken an hour later,
what they show twice in autumn the first time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec
from whenever import Date, Instant, PlainDateTime, TimeZoneNotFoundError

MAX_EVENTS = 64
"""Events of one annotation or calendar: far more than a week has peaks."""

MAX_MULTIPLIER = 100
MAX_REPLICAS = 100_000
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_HINT = "write for example 20:45-21:30 Europe/Paris x10, or Mon-Fri 08:00-09:00 UTC =40"


class TimetableError(ValueError):
    """An event that cannot be read; the message says which part and what to write."""


class Size(msgspec.Struct, frozen=True, gc=False):
    """How large an event is: `hundredths` of the baseline, or a number of `replicas`."""

    hundredths: int | None = None
    replicas: int | None = None

    def of(self, baseline: int) -> int:
        """Return the replicas that an event needs, rounded up."""
        if self.replicas is not None:
            return self.replicas
        assert self.hundredths is not None
        return -(-baseline * self.hundredths // 100)


class Event(msgspec.Struct, frozen=True, gc=False):
    """A window that comes back; `date` is set for one that does not, `days` are ISO numbers.

    `begin_minute` and `end_minute` count from midnight; `pattern` (`namespace/name`, each may be
    `*`) says whom it is about, empty for the object that bears it.
    """

    text: str
    begin_minute: int
    end_minute: int
    zone: str
    size: Size
    days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    date: str = ""
    pattern: str = ""

    def is_about(self, namespace: str, name: str) -> bool:
        """Return whether an event of the calendar is about an object."""
        for_namespace, _, for_name = self.pattern.partition("/")
        return for_namespace in ("*", namespace) and for_name in ("*", name)


class Occurrence(msgspec.Struct, frozen=True, gc=False, order=True):
    """One time that an event happens, in Unix milliseconds."""

    begin_ms: int
    end_ms: int
    event: Event = msgspec.field()


@lru_cache(maxsize=512)
def parse_timetable(text: str) -> tuple[Event, ...]:
    """Return the events of an annotation.

    Raises:
        TimetableError: one of them cannot be read, or there are too many.
    """
    parts = [part.strip() for part in text.split(";")]
    parts = [part for part in parts if part]
    if not parts:
        raise TimetableError(f"there is no event; {_HINT}")
    if len(parts) > MAX_EVENTS:
        raise TimetableError(f"{len(parts)} events are too many; at most {MAX_EVENTS} are read")
    events = tuple(map(parse_event, parts))
    for event in events:
        if event.pattern:
            raise TimetableError(
                f"{event.text!r}: `for` is only for the calendar of the policy; leave it out"
            )
    return events


@lru_cache(maxsize=64)
def parse_calendar(texts: tuple[str, ...]) -> tuple[Event, ...]:
    """Return the events of a policy's calendar; without `for` they are about every autoscaler.

    Raises:
        TimetableError: one of them cannot be read, or there are too many.
    """
    if len(texts) > MAX_EVENTS:
        raise TimetableError(f"{len(texts)} events are too many; at most {MAX_EVENTS} are read")
    events = (parse_event(text.strip()) for text in texts)
    return tuple(
        event if event.pattern else msgspec.structs.replace(event, pattern="*/*")
        for event in events
    )


_EVENT = re.compile(
    r"(?:(?P<when>\d{4}-\d\d-\d\d|[A-Z][a-z]{2}(?:[-,][A-Z][a-z]{2})*)\s+)?"
    r"(?P<begin>\d\d:\d\d)-(?P<end>\d\d:\d\d)\s+(?P<zone>[A-Za-z0-9_+/-]+)\s+"
    r"(?P<size>x\d{1,3}(?:\.\d{1,2})?|=\d{1,6})"
    r"(?:\s+for\s+(?P<pattern>[a-z0-9.*-]+/[a-z0-9.*-]+))?"
)


def parse_event(text: str) -> Event:
    """Return one event.

    Raises:
        TimetableError: it cannot be read.
    """
    match = _EVENT.fullmatch(text)
    if match is None:
        raise TimetableError(f"{text!r} is no event; {_HINT}")
    begin, end = (_minute(match[name], text) for name in ("begin", "end"))
    if begin == end:
        raise TimetableError(f"{text!r} ends when it begins; {_HINT}")
    when = match["when"] or ""
    is_once = when[:1].isdigit()
    event = Event(
        text=text,
        begin_minute=begin,
        end_minute=end if end > begin else end + 24 * 60,
        zone=match["zone"],
        size=_size(match["size"], text),
        days=() if is_once else _days(when, text),
        date=when if is_once else "",
        pattern=match["pattern"] or "",
    )
    try:
        date = Date.parse_iso(when) if is_once else Date(2026, 1, 1)
        _instant_ms(date, begin, event.zone)
    except (TimeZoneNotFoundError, ValueError) as error:
        raise TimetableError(
            f"{text!r}: there is no such date or time zone; write for example 2026-12-31 or "
            "Europe/Paris"
        ) from error
    return event


def occurrences(event: Event, from_ms: int, until_ms: int) -> Iterator[Occurrence]:
    """Return the times that an event happens and that touch a span, in order."""
    if event.date:
        dates = [Date.parse_iso(event.date)]
    else:
        first = _local_date(from_ms, event.zone).add(days=-2)
        last = _local_date(until_ms, event.zone)
        dates = []
        while first <= last:
            if first.day_of_week().value in event.days:
                dates.append(first)
            first = first.add(days=1)
    for date in dates:
        begin_ms = _instant_ms(date, event.begin_minute, event.zone)
        end_ms = _instant_ms(date, event.end_minute, event.zone)
        if end_ms > from_ms and begin_ms < until_ms:
            yield Occurrence(begin_ms, max(end_ms, begin_ms), event)


def _local_date(at_ms: int, zone: str) -> Date:
    return Instant.from_timestamp(at_ms, unit="millisecond").to_tz(zone).date()


def _instant_ms(date: Date, minute: int, zone: str) -> int:
    day = date.add(days=minute // (24 * 60))
    hour, minute = divmod(minute % (24 * 60), 60)
    local = PlainDateTime(day.year, day.month, day.day, hour, minute)
    return local.assume_tz(zone, disambiguation="compatible").timestamp(unit="millisecond")


def _minute(text: str, whole: str) -> int:
    hour, minute = int(text[:2]), int(text[3:])
    if minute > 59 or hour * 60 + minute > 24 * 60:
        raise TimetableError(f"{whole!r}: {text} is no time of day; write 00:00 to 24:00")
    return hour * 60 + minute


def _size(text: str, whole: str) -> Size:
    if text.startswith("="):
        replicas = int(text[1:])
        if not 0 < replicas <= MAX_REPLICAS:
            raise TimetableError(f"{whole!r}: write =1 to ={MAX_REPLICAS} replicas")
        return Size(replicas=replicas)
    units, _, decimals = text[1:].partition(".")
    hundredths = int(units) * 100 + int(decimals.ljust(2, "0") or "0")
    if not 100 < hundredths <= MAX_MULTIPLIER * 100:
        raise TimetableError(f"{whole!r}: write more than x1, and x{MAX_MULTIPLIER} at most")
    return Size(hundredths=hundredths)


def _days(text: str, whole: str) -> tuple[int, ...]:
    if not text:
        return (1, 2, 3, 4, 5, 6, 7)
    days: dict[int, None] = {}
    for part in text.split(","):
        first, dash, last = part.partition("-")
        for name in (first, last) if dash else (first,):
            if name not in DAY_NAMES:
                raise TimetableError(f"{whole!r}: {name!r} is none of {', '.join(DAY_NAMES)}")
        begin = DAY_NAMES.index(first)
        length = (DAY_NAMES.index(last) - begin) % 7 if dash else 0
        days.update({(begin + step) % 7 + 1: None for step in range(length + 1)})
    return tuple(sorted(days))
