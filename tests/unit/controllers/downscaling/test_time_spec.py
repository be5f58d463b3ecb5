"""Time specifications: overnight hours, zones, changes of clocks, and what is refused."""

import pytest
from whenever import Instant, ZonedDateTime

from kingtide.controllers.downscaling.dialect import Dialect
from kingtide.controllers.downscaling.time_spec import (
    MAX_LENGTH,
    BadTimeSpec,
    read_time_spec,
)

DEFAULT = Dialect()
COMPATIBLE = Dialect(is_compatible=True)


def at(text: str, zone: str = "UTC") -> int:
    day, time = text.split(" ")
    year, month, date = (int(part) for part in day.split("-"))
    hour, minute = (int(part) for part in time.split(":"))
    moment = ZonedDateTime(year, month, date, hour, minute, tz=zone)
    return moment.timestamp(unit="millisecond")


# 2024-01-08 is a Monday.
@pytest.mark.parametrize(
    ("spec", "moment", "holds"),
    [
        pytest.param("Mon-Fri 20:00-06:00 UTC", "2024-01-08 20:00", True, id="begins"),
        pytest.param("Mon-Fri 20:00-06:00 UTC", "2024-01-09 05:59", True, id="the morning after"),
        pytest.param("Mon-Fri 20:00-06:00 UTC", "2024-01-09 06:00", False, id="end is left out"),
        pytest.param("Mon-Fri 20:00-06:00 UTC", "2024-01-08 05:59", False, id="no Sunday night"),
        pytest.param("Mon-Fri 20:00-06:00 UTC", "2024-01-13 03:00", True, id="Friday night"),
        pytest.param("Mon-Fri 20:00-06:00 UTC", "2024-01-13 21:00", False, id="not Saturday night"),
        pytest.param("Sun-Sun 22:00-02:00 UTC", "2024-01-15 01:00", True, id="Sunday to Monday"),
        pytest.param("Sat-Mon 22:00-02:00 UTC", "2024-01-16 01:59", True, id="days go round"),
        pytest.param("Sat-Mon 22:00-02:00 UTC", "2024-01-16 22:30", False, id="days go round, end"),
        pytest.param("Mon-Mon 09:00-09:00 UTC", "2024-01-08 09:00", False, id="equal hours"),
        pytest.param("Mon-Fri 08:00-18:00 Etc/GMT+1", "2024-01-08 09:00", True, id="zone with +"),
        pytest.param(" Always ", "2024-01-08 09:00", True, id="blanks around a word"),
    ],
)
def test_what_was_meant_matches(spec: str, moment: str, holds: bool) -> None:
    assert read_time_spec(spec, DEFAULT).holds(at(moment)) is holds


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("Mon-Fri 25:00-26:00 UTC", "'Mon-Fri 25:00-26:00 UTC': no clock shows 25:00"),
        ("Mon-Fri 08:00-24:30 UTC", "no clock shows 24:30"),
        ("Mon-Fri 08:99-18:00 UTC", "no clock shows 08:99"),
        ("Mon-Fri 08:60-18:00 UTC", "no clock shows 08:60"),
        ("Mon-Thur 08:00-18:00 UTC", "'Mon-Thur 08:00-18:00 UTC' is no time specification; write"),
        ("Mon-Fri 08:00-18:00 UTC,Foo-Fri 08:00-18:00 UTC", "there is no day 'Foo'"),
        ("Mon-Fri 08:00-18:00 Europe/Pariss", "there is no time zone 'Europe/Pariss'"),
        ("2024-13-01T00:00:00+00:00-2024-12-31T00:00:00+00:00", "write for example"),
        ("", "is no time specification"),
        ("always" * MAX_LENGTH, "longer than 4,000 characters"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_write(spec: str, told: str) -> None:
    with pytest.raises(BadTimeSpec) as refused:
        read_time_spec(spec, DEFAULT)
    assert told in str(refused.value)
    assert ";" in str(refused.value)


def test_a_compatible_reader_takes_times_that_no_clock_shows_and_never_matches_overnight() -> None:
    assert not read_time_spec("Mon-Fri 20:00-06:00 UTC", COMPATIBLE).holds(at("2024-01-08 21:00"))
    late = read_time_spec("Mon-Fri 20:00-25:00 UTC", COMPATIBLE)
    assert late.holds(at("2024-01-08 23:59"))
    assert not late.holds(at("2024-01-13 00:30"))


def test_a_compatible_reader_notices_a_bad_part_only_when_it_comes_to_it() -> None:
    spec = read_time_spec("Mon-Fri 08:00-18:00 UTC,nonsense", COMPATIBLE)
    assert spec.holds(at("2024-01-08 09:00"))
    with pytest.raises(BadTimeSpec, match="'nonsense'"):
        spec.holds(at("2024-01-08 19:00"))
    # It may begin to be refused: that is a change.
    assert spec.change_after(at("2024-01-08 09:00")) == at("2024-01-08 18:00")


def test_defaults_complete_days_and_zone_but_never_an_instant() -> None:
    dialect = Dialect(zone="Europe/Paris", days="Mon-Fri")
    assert read_time_spec("08:00-20:00", dialect).holds(at("2024-01-08 07:30"))
    east = read_time_spec("Mon-Fri 08:00-20:00 Etc/GMT+1", dialect)
    assert east.holds(at("2024-01-08 20:30"))
    once = "2024-12-24T18:00:00+01:00-2024-12-27T06:00:00+01:00"
    assert read_time_spec(once, dialect).holds(at("2024-12-25 00:00"))


def changes(spec: str, begin: int, count: int) -> list[str]:
    """Return the next changes of a specification, in Berlin's time."""
    found = []
    read, moment = read_time_spec(spec, DEFAULT), begin
    for _ in range(count):
        after = read.change_after(moment)
        assert after is not None
        assert read.holds(after) != read.holds(after - 1)
        moment = after
        local = Instant.from_timestamp(moment, unit="millisecond").to_tz("Europe/Berlin")
        found.append(local.format_iso()[:16] + ("+" if read.holds(moment) else "-"))
    return found


def test_clocks_set_forward_skip_what_lies_in_the_missing_hour() -> None:
    # 2024-03-31: 02:00 becomes 03:00.
    begin = at("2024-03-30 12:00")
    assert changes("Sun-Sun 02:30-04:00 Europe/Berlin", begin, 2) == [
        "2024-03-31T03:00+",
        "2024-03-31T04:00-",
    ]
    assert changes("Sat-Sun 02:15-02:45 Europe/Berlin", begin, 2) == [
        "2024-04-06T02:15+",
        "2024-04-06T02:45-",
    ]


def test_clocks_set_back_make_an_hour_come_twice() -> None:
    # 2024-10-27: 03:00 becomes 02:00.
    assert changes("Sun-Sun 02:30-03:00 Europe/Berlin", at("2024-10-26 12:00"), 4) == [
        "2024-10-27T02:30+",
        "2024-10-27T02:00-",
        "2024-10-27T02:30+",
        "2024-10-27T03:00-",
    ]
    assert changes("Sun-Sun 01:00-04:00 Europe/Berlin", at("2024-10-26 12:00"), 2) == [
        "2024-10-27T01:00+",
        "2024-10-27T04:00-",
    ]


@pytest.mark.parametrize("spec", ["always", "never"])
def test_words_never_change(spec: str) -> None:
    assert read_time_spec(spec, DEFAULT).change_after(0) is None


def test_an_instant_that_has_passed_never_changes_again() -> None:
    spec = "2024-12-24T18:00:00+01:00-2024-12-27T06:00:00+01:00"
    end = at("2024-12-27 05:00")
    assert read_time_spec(spec, DEFAULT).change_after(end) == end + 1
    assert read_time_spec(spec, DEFAULT).change_after(end + 1) is None


def test_what_always_holds_is_looked_at_again_after_some_weeks() -> None:
    spec = read_time_spec("Mon-Sun 00:00-24:00 UTC", DEFAULT)
    begin = at("2024-01-08 09:00")
    again = spec.change_after(begin)
    assert again is not None
    assert again - begin > 28 * 24 * 3_600_000
