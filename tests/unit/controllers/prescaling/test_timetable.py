"""Events as users write them: what they mean, and what is no event."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from whenever import ZonedDateTime

from kingtide.controllers.prescaling.timetable import (
    MAX_EVENTS,
    Event,
    Size,
    TimetableError,
    occurrences,
    parse_calendar,
    parse_event,
    parse_timetable,
)

DAY_MS = 86_400_000


def at(year: int, month: int, day: int, hour: int, minute: int, zone: str = "Europe/Paris") -> int:
    moment = ZonedDateTime(year, month, day, hour, minute, tz=zone, disambiguation="compatible")
    return moment.timestamp(unit="millisecond")


def windows(text: str, from_ms: int, until_ms: int) -> list[tuple[int, int]]:
    return [(it.begin_ms, it.end_ms) for it in occurrences(parse_event(text), from_ms, until_ms)]


def test_an_event_without_days_comes_every_day() -> None:
    found = windows("20:45-21:30 Europe/Paris x10", at(2026, 6, 10, 0, 0), at(2026, 6, 12, 0, 0))
    assert found == [
        (at(2026, 6, 10, 20, 45), at(2026, 6, 10, 21, 30)),
        (at(2026, 6, 11, 20, 45), at(2026, 6, 11, 21, 30)),
    ]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("Mon", (1,)),
        ("Mon-Fri", (1, 2, 3, 4, 5)),
        ("Fri-Mon", (1, 5, 6, 7)),
        ("Mon,Thu", (1, 4)),
        ("Sat-Sun,Wed", (3, 6, 7)),
    ],
)
def test_days_are_a_list_of_days_and_ranges(days: str, expected: tuple[int, ...]) -> None:
    assert parse_event(f"{days} 08:00-09:00 UTC x2").days == expected


def test_a_window_past_midnight_belongs_to_the_day_it_begins_on() -> None:
    found = windows("Sat 23:30-01:00 UTC x2", at(2026, 6, 13, 0, 0, "UTC"), at(2026, 6, 20, 0, 0))
    assert found == [(at(2026, 6, 13, 23, 30, "UTC"), at(2026, 6, 14, 1, 0, "UTC"))]
    # Seen from after midnight it is still the same one.
    assert windows("Sat 23:30-01:00 UTC x2", at(2026, 6, 14, 0, 30, "UTC"), at(2026, 6, 14, 2, 0))


def test_a_date_comes_once() -> None:
    text = "2026-12-31 23:45-00:30 Europe/Paris x5"
    whole_year = windows(text, at(2026, 1, 1, 0, 0), at(2028, 1, 1, 0, 0))
    assert whole_year == [(at(2026, 12, 31, 23, 45), at(2027, 1, 1, 0, 30))]


def test_times_are_those_of_the_zones_clocks_in_summer_and_winter() -> None:
    text = "20:00-21:00 Europe/Paris x2"
    (summer,) = windows(text, at(2026, 7, 1, 12, 0), at(2026, 7, 2, 0, 0))
    (winter,) = windows(text, at(2026, 12, 1, 12, 0), at(2026, 12, 2, 0, 0))
    assert summer[0] % DAY_MS == 18 * 3_600_000
    assert winter[0] % DAY_MS == 19 * 3_600_000


def test_a_time_that_the_clocks_skip_is_taken_an_hour_later_and_one_shown_twice_first() -> None:
    text = "02:30-03:30 Europe/Paris x2"
    (spring,) = windows(text, at(2026, 3, 29, 0, 0), at(2026, 3, 29, 12, 0))
    assert spring == (at(2026, 3, 29, 3, 30), at(2026, 3, 29, 3, 30))
    (autumn,) = windows(text, at(2026, 10, 25, 0, 0), at(2026, 10, 25, 12, 0))
    assert autumn[1] - autumn[0] == 2 * 3_600_000  # half past two comes twice


@pytest.mark.parametrize(
    ("text", "baseline", "expected"),
    [("x10", 12, 120), ("x1.5", 3, 5), ("x2.25", 4, 9), ("=40", 7, 40)],
)
def test_a_size_multiplies_or_is_a_number(text: str, baseline: int, expected: int) -> None:
    assert parse_event(f"08:00-09:00 UTC {text}").size.of(baseline) == expected


def test_an_annotation_may_hold_several_events() -> None:
    events = parse_timetable("20:45-21:30 Europe/Paris x10; Sat 14:00-16:00 UTC =40;")
    assert [it.size for it in events] == [Size(hundredths=1000), Size(replicas=40)]


def test_a_day_ends_at_twenty_four_hours_and_an_hour_at_minute_59() -> None:
    event = parse_event("22:59-24:00 UTC x2")
    assert (event.begin_minute, event.end_minute) == (22 * 60 + 59, 24 * 60)
    with pytest.raises(TimetableError, match="24:01 is no time of day"):
        parse_event("22:59-24:01 UTC x2")


@pytest.mark.parametrize(
    "parse",
    [parse_calendar, lambda texts: parse_timetable(";".join(texts))],
    ids=["calendar", "annotation"],
)
def test_so_many_events_are_read_and_no_more(
    parse: Callable[[tuple[str, ...]], tuple[Event, ...]],
) -> None:
    texts = ("20:00-21:00 UTC x2",) * MAX_EVENTS
    assert len(parse(texts)) == MAX_EVENTS
    with pytest.raises(TimetableError, match="too many"):
        parse((*texts, texts[0]))


def test_the_calendar_says_whom_it_is_about() -> None:
    first, second = parse_calendar(
        ("20:00-21:00 UTC x2 for shop/*", "2026-12-31 20:00-21:00 UTC x2")
    )
    assert first.is_about("shop", "api")
    assert not first.is_about("other", "api")
    assert second.is_about("other", "api")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no event"),
        ("20:45-21:30 x10", "is no event"),
        ("20:45-21:30 Europe/Paris", "is no event"),
        ("25:00-26:00 UTC x2", "25:00 is no time of day"),
        ("08:60-09:00 UTC x2", "08:60 is no time of day"),
        ("08:00-08:00 UTC x2", "ends when it begins"),
        ("08:00-09:00 Europe/Nowhere x2", "time zone"),
        ("2026-02-30 08:00-09:00 UTC x2", "no such date"),
        ("Foo 08:00-09:00 UTC x2", "'Foo' is none of"),
        ("08:00-09:00 UTC x1", "more than x1"),
        ("08:00-09:00 UTC x101", "x100 at most"),
        ("08:00-09:00 UTC =0", "=1 to"),
        ("08:00-09:00 UTC x2 for shop/*", "leave it out"),
    ],
)
def test_what_is_no_event_is_told_with_what_to_write(text: str, told: str) -> None:
    with pytest.raises(TimetableError, match=told):
        parse_timetable(text)
