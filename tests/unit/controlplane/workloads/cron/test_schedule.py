"""The table of robfig/cron's own tests (spec_test.go, v3.0.1), as far as it has no seconds."""

import pytest
from whenever import OffsetDateTime, PlainDateTime

from kingtide.controlplane.workloads.cron.fields import UnreadableSchedule, parse_schedule
from kingtide.controlplane.workloads.cron.schedule import next_run_ms

NEW_YORK = "America/New_York"


def ms(text: str) -> int:
    return OffsetDateTime.parse_iso(text).timestamp(unit="millisecond")


def utc_ms(text: str) -> int:
    return PlainDateTime.parse_iso(text).assume_utc().timestamp(unit="millisecond")


@pytest.mark.parametrize(
    ("after", "schedule", "expected"),
    [
        pytest.param("2012-07-09T14:45:00", "0/15 * * * *", "2012-07-09T15:00:00", id="quarter"),
        pytest.param("2012-07-09T14:59:59", "0/15 * * * *", "2012-07-09T15:00:00", id="a second"),
        pytest.param("2012-07-09T15:45:00", "20-35/15 * * * *", "2012-07-09T16:20:00", id="hours"),
        pytest.param("2012-07-09T23:46:00", "*/15 * * * *", "2012-07-10T00:00:00", id="midnight"),
        pytest.param("2012-07-09T23:45:00", "20-35/15 1/2 */2 * *", "2012-07-11T01:20:00",
                     id="steps"),
        pytest.param("2012-07-09T23:35:00", "0 0 */5 4-12 mon", "2012-07-11T00:00:00",
                     id="either day, the step is no star"),
        pytest.param("2012-07-09T23:35:00", "0 0 9 4-12 *", "2012-08-09T00:00:00", id="months"),
        pytest.param("2012-07-09T23:35:00", "0 0 1 2 mon", "2013-02-01T00:00:00", id="or Monday"),
        pytest.param("2012-12-31T23:59:45", "* * * * *", "2013-01-01T00:00:00", id="new year"),
        pytest.param("2012-07-09T23:35:00", "0 0 29 2 ?", "2016-02-29T00:00:00", id="leap year"),
    ],
)  # fmt: skip
def test_the_next_run_in_utc(after: str, schedule: str, expected: str) -> None:
    assert next_run_ms(parse_schedule(schedule), utc_ms(after)) == utc_ms(expected)


@pytest.mark.parametrize(
    ("after", "schedule", "expected"),
    [
        pytest.param("2012-03-11T00:00-05:00", "30 2 11 3 ?", "2013-03-11T02:30-04:00",
                     id="spring: what is skipped comes a year later"),
        pytest.param("2012-03-11T00:00-05:00", "0 * * * ?", "2012-03-11T01:00-05:00",
                     id="spring: hourly, before"),
        pytest.param("2012-03-11T01:00-05:00", "0 * * * ?", "2012-03-11T03:00-04:00",
                     id="spring: hourly, over the gap"),
        pytest.param("2012-03-11T03:00-04:00", "0 * * * ?", "2012-03-11T04:00-04:00",
                     id="spring: hourly, after"),
        pytest.param("2012-03-11T00:00-05:00", "0 1 * * ?", "2012-03-11T01:00-05:00",
                     id="spring: daily at one"),
        pytest.param("2012-03-11T01:00-05:00", "0 1 * * ?", "2012-03-12T01:00-04:00",
                     id="spring: daily at one, next"),
        pytest.param("2012-03-11T00:00-05:00", "0 2 * * ?", "2012-03-12T02:00-04:00",
                     id="spring: daily at two is skipped"),
        pytest.param("2012-11-04T00:00-04:00", "30 2 04 11 ?", "2012-11-04T02:30-05:00",
                     id="autumn: after the change"),
        pytest.param("2012-11-04T01:45-04:00", "30 1 04 11 ?", "2012-11-04T01:30-05:00",
                     id="autumn: what comes twice runs twice"),
        pytest.param("2012-11-04T00:00-04:00", "0 * * * ?", "2012-11-04T01:00-04:00",
                     id="autumn: hourly, first one o'clock"),
        pytest.param("2012-11-04T01:00-04:00", "0 * * * ?", "2012-11-04T01:00-05:00",
                     id="autumn: hourly, second one o'clock"),
        pytest.param("2012-11-04T01:00-05:00", "0 * * * ?", "2012-11-04T02:00-05:00",
                     id="autumn: hourly, two o'clock"),
        pytest.param("2012-11-04T00:00-04:00", "0 1 * * ?", "2012-11-04T01:00-04:00",
                     id="autumn: daily at one, first"),
        pytest.param("2012-11-04T01:00-04:00", "0 1 * * ?", "2012-11-04T01:00-05:00",
                     id="autumn: daily at one, second"),
        pytest.param("2012-11-04T01:00-05:00", "0 1 * * ?", "2012-11-05T01:00-05:00",
                     id="autumn: daily at one, next day"),
        pytest.param("2012-11-04T00:00-04:00", "0 2 * * ?", "2012-11-04T02:00-05:00",
                     id="autumn: daily at two"),
        pytest.param("2012-11-04T02:00-05:00", "0 2 * * ?", "2012-11-05T02:00-05:00",
                     id="autumn: daily at two, next"),
        pytest.param("2012-11-04T00:00-04:00", "0 3 * * ?", "2012-11-04T03:00-05:00",
                     id="autumn: daily at three"),
    ],
)  # fmt: skip
def test_the_next_run_where_clocks_change(after: str, schedule: str, expected: str) -> None:
    assert next_run_ms(parse_schedule(schedule), ms(after), NEW_YORK) == ms(expected)


def test_a_day_that_begins_at_one_o_clock_is_a_day() -> None:
    """Sao Paulo's clocks went from 23:59 to 01:00 (robfig/cron, TestSlash0NoHang and issue 144)."""
    after = ms("2018-11-03T12:00-03:00")
    found = next_run_ms(parse_schedule("0 9 4 11 *"), after, "America/Sao_Paulo")
    assert found == ms("2018-11-04T09:00-02:00")


@pytest.mark.parametrize("schedule", ["0 0 30 2 ?", "0 0 31 4 ?"])
def test_a_day_that_never_comes_has_no_next_run(schedule: str) -> None:
    assert next_run_ms(parse_schedule(schedule), utc_ms("2012-07-09T23:35:00")) is None


def test_a_zone_that_is_none_is_said() -> None:
    with pytest.raises(UnreadableSchedule, match="no time zone 'Mars'"):
        next_run_ms(parse_schedule("* * * * *"), 0, "Mars")
