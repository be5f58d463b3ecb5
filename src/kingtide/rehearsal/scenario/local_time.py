"""Local times as users write them: `20:52`, `20:52:15`, `2020-10-07 20:52+02:00`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema
from whenever import (
    Instant,
    OffsetDateTime,
    PlainDateTime,
    RepeatedTime,
    SkippedTime,
    Time,
    TimeZoneNotFoundError,
    ZonedDateTime,
)

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
_DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?")
_DAY_MS = 24 * 3_600_000


def known_timezone(name: object) -> str:
    """Return the name of a time zone of the IANA database.

    Raises:
        ValueError: there is no such zone.
    """
    if isinstance(name, str):
        try:
            ZonedDateTime(2000, 1, 1, tz=name)
        except (TimeZoneNotFoundError, ValueError):
            pass
        else:
            return name
    raise ValueError(f"there is no time zone {name!r}; write for example Europe/Paris or UTC")


def time_text(value: object) -> str:
    """Return a time of day, or a date with one, as written."""
    if isinstance(value, str) and (_TIME.fullmatch(value) or _is_date_time(value)):
        return value
    raise ValueError(
        f"{value!r} is not a time; write for example 20:52, 20:52:15 or 2020-10-07 20:52"
    )


def date_time_text(value: object) -> str:
    """Return a date with a time of day as written."""
    if isinstance(value, str) and _is_date_time(value):
        return value
    raise ValueError(f"{value!r} is not a date with a time; write for example 2020-10-07 20:40")


def instant_ms(text: str, timezone: str) -> int:
    """Return a date with a time as Unix milliseconds.

    Raises:
        ValueError: the clocks of the zone show that time never, or twice.
    """
    match = _DATE_TIME.fullmatch(text)
    assert match is not None  # date_time_text let it pass
    day, time, offset = match.groups()
    plain = f"{day}T{time}" if len(time) == 8 else f"{day}T{time}:00"
    if offset is not None:
        return OffsetDateTime.parse_iso(plain + offset).timestamp(unit="millisecond")
    try:
        local = PlainDateTime.parse_iso(plain).assume_tz(timezone, disambiguation="raise")
    except RepeatedTime as error:
        first = PlainDateTime.parse_iso(plain).assume_tz(timezone, disambiguation="earlier")
        wrong = f"{text} happens twice in {timezone}, where clocks are set back"
        raise ValueError(
            f"{wrong}; add the offset, for example {day} {time}{_offset(first)}"
        ) from error
    except SkippedTime as error:
        later = PlainDateTime.parse_iso(plain).assume_tz(timezone, disambiguation="later")
        wrong = f"{text} never happens in {timezone}, where clocks are set forward"
        raise ValueError(f"{wrong}; write for example {_shown(later)}") from error
    return local.timestamp(unit="millisecond")


def next_after_ms(text: str, from_ms: int, timezone: str) -> int:
    """Return when a time of day first comes at or after an instant; a date stands for itself.

    Raises:
        ValueError: the clocks of the zone show that time never, or twice, on that day.
    """
    if not _TIME.fullmatch(text):
        return instant_ms(text, timezone)
    day = _local(from_ms, timezone).date()
    if crosses_midnight(text, from_ms, timezone):
        day = day.add(days=1)
    return instant_ms(f"{day.format_iso()} {text}", timezone)


def crosses_midnight(text: str, from_ms: int, timezone: str) -> bool:
    """Return whether a time of day first comes on the day after an instant; a date never does."""
    if not _TIME.fullmatch(text):
        return False
    return Time.parse_iso(_with_seconds(text)) < _local(from_ms, timezone).time()


def every_day_ms(text: str, from_ms: int, until_ms: int, timezone: str) -> list[int]:
    """Return a time of day on every day from the one before a stretch to the one after it.

    On days whose clocks show it never or twice it is the later or the first. A date stands for
    itself.

    Raises:
        ValueError: the zone's clocks show a date's time never, or twice.
    """
    if not _TIME.fullmatch(text):
        return [instant_ms(text, timezone)]
    time = Time.parse_iso(_with_seconds(text))
    day = _local(from_ms, timezone).date().add(days=-1)
    last = _local(until_ms, timezone).date().add(days=1)
    found: list[int] = []
    while day <= last:
        found.append(day.at(time).assume_tz(timezone).timestamp(unit="millisecond"))
        day = day.add(days=1)
    return found


def nearest_ms(text: str, to_ms: int, timezone: str) -> int:
    """Return a time of day's occurrence nearest to an instant; a date stands for itself."""
    if not _TIME.fullmatch(text):
        return instant_ms(text, timezone)
    return next_after_ms(text, to_ms - _DAY_MS // 2, timezone)


def clock_text(at_ms: int, timezone: str) -> str:
    """Return the local time of day of an instant, as `20:52:10`."""
    return _local(at_ms, timezone).time().format_iso()[:8]


def date_clock_text(at_ms: int, timezone: str) -> str:
    """Return an instant as a local date with a time of day."""
    return _shown(_local(at_ms, timezone))


def _local(at_ms: int, timezone: str) -> ZonedDateTime:
    return Instant.from_timestamp(at_ms, unit="millisecond").to_tz(timezone)


def _is_date_time(value: str) -> bool:
    match = _DATE_TIME.fullmatch(value)
    if match is None:
        return False
    try:
        PlainDateTime.parse_iso(f"{match[1]}T{_with_seconds(match[2])}")
    except ValueError:
        return False
    return True


def _with_seconds(time: str) -> str:
    return time if len(time) == 8 else f"{time}:00"


def _shown(at: ZonedDateTime) -> str:
    return f"{at.date().format_iso()} {at.time().format_iso()[:8]}"


def _offset(at: ZonedDateTime) -> str:
    text = at.format_iso().split("[")[0]
    return text[-6:] if text[-6] in "+-" else "Z"


def _schema(example: str, **more: object) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **more, "examples": [example]})


_DATE_TIME_PATTERN = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[-+][0-9]{2}:[0-9]{2})?"
)
_TIME_PATTERN = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"
LocalTime = Annotated[
    str,
    BeforeValidator(time_text),
    _schema("20:52:15", pattern=f"^({_TIME_PATTERN}|{_DATE_TIME_PATTERN})$"),
]
LocalDateTime = Annotated[
    str,
    BeforeValidator(date_time_text),
    _schema("2020-10-07 20:40", pattern=f"^{_DATE_TIME_PATTERN}$"),
]
Timezone = Annotated[str, BeforeValidator(known_timezone), _schema("Europe/Paris")]
