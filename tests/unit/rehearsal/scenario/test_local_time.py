from __future__ import annotations

import pytest
from whenever import Instant

from kingtide.rehearsal.scenario.local_time import (
    clock_text,
    date_time_text,
    instant_ms,
    known_timezone,
    nearest_ms,
    next_after_ms,
    time_text,
)

PARIS = "Europe/Paris"


def utc(text: str) -> int:
    return Instant.parse_iso(text).timestamp(unit="millisecond")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2020-10-07 20:40", "2020-10-07T18:40:00Z"),
        ("2020-12-07T20:40:05", "2020-12-07T19:40:05Z"),
        ("2020-10-25 02:30+02:00", "2020-10-25T00:30:00Z"),
        ("2020-10-25 02:30+01:00", "2020-10-25T01:30:00Z"),
        ("2020-10-25 02:30Z", "2020-10-25T02:30:00Z"),
    ],
)
def test_dates_with_times_are_local_unless_they_have_an_offset(text: str, instant: str) -> None:
    assert instant_ms(date_time_text(text), PARIS) == utc(instant)


def test_a_time_that_happens_twice_asks_for_its_offset() -> None:
    with pytest.raises(ValueError, match=r"happens twice .*; add the offset, .* 02:30\+02:00"):
        instant_ms("2020-10-25 02:30", PARIS)


def test_a_time_that_never_happens_names_the_next_one() -> None:
    with pytest.raises(ValueError, match=r"never happens .*; write .* 2020-03-29 03:30:00"):
        instant_ms("2020-03-29 02:30", PARIS)


@pytest.mark.parametrize(
    ("text", "from_", "instant"),
    [
        ("20:52", "2020-10-07T18:40:00Z", "2020-10-07T18:52:00Z"),
        ("20:40", "2020-10-07T18:40:00Z", "2020-10-07T18:40:00Z"),
        ("20:39:59", "2020-10-07T18:40:00Z", "2020-10-08T18:39:59Z"),
        ("00:30", "2020-10-24T21:00:00Z", "2020-10-24T22:30:00Z"),
        ("03:30", "2020-10-24T21:00:00Z", "2020-10-25T02:30:00Z"),
        ("2020-10-09 20:52", "2020-10-07T18:40:00Z", "2020-10-09T18:52:00Z"),
    ],
)
def test_a_time_of_day_comes_next_after_an_instant(text: str, from_: str, instant: str) -> None:
    assert next_after_ms(text, utc(from_), PARIS) == utc(instant)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("20:35", "2020-10-07T18:35:00Z"),
        ("20:45", "2020-10-07T18:45:00Z"),
        ("01:00", "2020-10-07T23:00:00Z"),
        ("09:00", "2020-10-07T07:00:00Z"),
    ],
)
def test_the_nearest_time_of_day_may_be_before(text: str, instant: str) -> None:
    assert nearest_ms(text, utc("2020-10-07T18:40:00Z"), PARIS) == utc(instant)


@pytest.mark.parametrize(
    "text", ["24:00", "8:52", "20.52", "20:60", "", 20, None, "2020-13-01 20:00"]
)
def test_what_is_no_time_is_told(text: object) -> None:
    with pytest.raises(ValueError, match="is not a time; write for example 20:52"):
        time_text(text)


@pytest.mark.parametrize("name", ["Europe/Pari", "", "../etc/passwd", 3])
def test_an_unknown_zone_is_told(name: object) -> None:
    with pytest.raises(ValueError, match="there is no time zone"):
        known_timezone(name)


def test_an_instant_is_shown_as_the_zones_clock() -> None:
    assert clock_text(utc("2020-10-07T18:52:10Z"), PARIS) == "20:52:10"
