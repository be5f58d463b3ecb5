"""Time specifications as users have them on their objects: `Mon-Fri 07:30-20:00 Europe/Paris`.

A specification is `always`, `never`, or parts with commas between them: a recurring part as above,
or two instants with a dash between them (`2026-12-24T18:00:00+01:00-2026-12-27T06:00:00+01:00`).

Source: https://codeberg.org/hjacobs/kube-downscaler (README, 20.10.0) and
https://github.com/caas-team/py-kube-downscaler (README). Where both surprise their users, this
reads what was meant, unless the dialect is compatible: hours from a later to an earlier one run
overnight, zones may hold digits and hyphens (`Etc/GMT+1`), a time that no clock shows (`25:00`) is
refused instead of never matching, and a part is refused when it is written, not when an instant
comes that no part before it matches.
"""

from __future__ import annotations

import re

import msgspec
from whenever import OffsetDateTime, TimeZoneNotFoundError, ZonedDateTime

from kingtide.controllers.downscaling.dialect import Dialect
from kingtide.controllers.downscaling.windows import MINUTES_A_DAY, Once, Recurring

_DAYS = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}
_HOURS = r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})"
_RECURRING = re.compile(rf"([a-zA-Z]{{3}})-([a-zA-Z]{{3}}) {_HOURS} (\S+)")
_INSTANT = r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[-+][0-9]{2}:[0-9]{2})"
_ONCE = re.compile(rf"{_INSTANT}-{_INSTANT}")
_ENDS_WITH_HOURS = re.compile(r"(?:^| )[0-9:-]*[0-9]$")
_COMPATIBLE_ZONE = re.compile(r"[a-zA-Z/_]+")
_EXAMPLE = "write for example Mon-Fri 07:30-20:00 Europe/Paris"

MAX_LENGTH = 4_000
"""A part is some forty characters; a hundred parts are more than any timetable has."""
MAX_EDGES = 100
"""Edges looked at for one that changes anything: a week of a part has fourteen of them."""


class BadTimeSpec(ValueError):
    """A time specification that cannot be read; the message says what to write."""


class Unreadable(msgspec.Struct, frozen=True):
    """A part that cannot be read, which a compatible reader notices only on its way through."""

    why: str


class TimeSpec(msgspec.Struct, frozen=True):
    """A specification; `constant` is what `always` and `never` are at every instant."""

    constant: bool | None = None
    parts: tuple[Recurring | Once | Unreadable, ...] = ()

    def holds(self, at_ms: int) -> bool:
        """Return whether an instant lies in it.

        Raises:
            BadTimeSpec: a part that cannot be read stands before any that matches.
        """
        if self.constant is not None:
            return self.constant
        for part in self.parts:
            if isinstance(part, Unreadable):
                raise BadTimeSpec(part.why)
            if part.holds(at_ms):
                return True
        return False

    def change_after(self, at_ms: int) -> int | None:
        """Return an instant up to which nothing changes: the next change, or a bound before it.

        None where nothing ever changes again. The instant is exact where a change comes within
        some weeks.
        """
        before = self._answer(at_ms)
        edge: int | None = at_ms
        for _ in range(MAX_EDGES):
            edge = self._edge_after(at_ms if edge is None else edge)
            if edge is None or self._answer(edge) != before:
                return edge
        return edge

    def _edge_after(self, at_ms: int) -> int | None:
        edges = [
            edge
            for part in self.parts
            if not isinstance(part, Unreadable) and (edge := part.edge_after(at_ms)) is not None
        ]
        return min(edges, default=None)

    def _answer(self, at_ms: int) -> bool | None:
        try:
            return self.holds(at_ms)
        except BadTimeSpec:
            return None


def read_time_spec(text: str, dialect: Dialect) -> TimeSpec:
    """Return a specification.

    Raises:
        BadTimeSpec: it, or a part of it, cannot be read; in a compatible dialect parts are left
            for `TimeSpec.holds` to refuse.
    """
    if len(text) > MAX_LENGTH:
        raise BadTimeSpec(f"is longer than {MAX_LENGTH:,} characters; write fewer parts")
    word = text.lower() if dialect.is_compatible else text.lower().strip()
    if word in ("always", "never"):
        return TimeSpec(constant=word == "always")
    if dialect.is_compatible:
        return TimeSpec(parts=tuple(_part(part.strip(), dialect) for part in text.split(",")))
    written = [part.strip() for part in text.split(",")]
    if len(written) > 1 and not written[-1]:
        del written[-1]  # a comma at the end separates nothing
    if any(part.lower() == "always" for part in written):
        return TimeSpec(constant=True)
    parts = tuple(_part(part, dialect) for part in written)
    for part in parts:
        if isinstance(part, Unreadable):
            raise BadTimeSpec(part.why)
    return TimeSpec(parts=parts)


def _part(text: str, dialect: Dialect) -> Recurring | Once | Unreadable:
    once = _ONCE.fullmatch(text)
    if once is not None:
        return _once(text, once[1], once[2])
    match = _RECURRING.fullmatch(_completed(text, dialect))
    if match is None:
        return Unreadable(f"{text!r} is no time specification; {_EXAMPLE}")
    first, last = _DAYS.get(match[1].lower()), _DAYS.get(match[2].lower())
    if first is None or last is None:
        named = match[1] if first is None else match[2]
        return Unreadable(
            f"{text!r}: there is no day {named!r}; write Mon, Tue, Wed, Thu, Fri, ..."
        )
    start, end = _minute(match[3], match[4]), _minute(match[5], match[6])
    zone = match[7]
    if dialect.is_compatible and _COMPATIBLE_ZONE.fullmatch(zone) is None:
        return Unreadable(f"{text!r}: {zone!r} is no zone of letters; {_EXAMPLE}")
    if not _is_zone(zone):
        return Unreadable(f"{text!r}: there is no time zone {zone!r}; {_EXAMPLE}")
    if dialect.is_compatible:
        # Whatever the digits say is taken; what begins after it ends never comes.
        return Recurring(first, last, *_taken(match), zone)
    if start is None or end is None:
        shown = f"{match[3]}:{match[4]}" if start is None else f"{match[5]}:{match[6]}"
        return Unreadable(f"{text!r}: no clock shows {shown}; write 00:00 to 24:00")
    return Recurring(first, last, start, end, zone, runs_overnight=start > end)


def _completed(text: str, dialect: Dialect) -> str:
    """Return a part with the days and the zone that it leaves out, where there are defaults."""
    # Hours at the end, not any digit: the zone of `Etc/GMT+1` is complete.
    if dialect.zone and _ENDS_WITH_HOURS.search(text) is not None:
        text = f"{text} {dialect.zone}"
    if dialect.days and text[:1].isdigit():
        text = f"{dialect.days} {text}"
    return text


def _minute(hours: str, minutes: str) -> int | None:
    """Return a time of day in minutes, None when no clock shows it; 24:00 ends a day."""
    minute = 60 * int(hours) + int(minutes)
    return minute if int(minutes) < 60 and minute <= MINUTES_A_DAY else None


def _taken(match: re.Match[str]) -> tuple[int, int]:
    return 60 * int(match[3]) + int(match[4]), 60 * int(match[5]) + int(match[6])


def _once(text: str, begin: str, until: str) -> Once | Unreadable:
    try:
        begin_at, until_at = OffsetDateTime.parse_iso(begin), OffsetDateTime.parse_iso(until)
    except ValueError as error:
        return Unreadable(f"{text!r}: {error}; write for example 2026-12-24T18:00:00+01:00")
    return Once(begin_at.timestamp(unit="millisecond"), until_at.timestamp(unit="millisecond"))


def _is_zone(name: str) -> bool:
    try:
        ZonedDateTime(2000, 1, 1, tz=name)
    except (TimeZoneNotFoundError, ValueError):
        return False
    return True
