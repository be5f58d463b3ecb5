"""Expected values: parser_test.go and spec_test.go of robfig/cron v3.0.1, and its rules."""

import pytest

from kingtide.controlplane.workloads.cron.fields import (
    CronSchedule,
    Field,
    UnreadableSchedule,
    parse_schedule,
)


@pytest.mark.parametrize(
    ("text", "values", "is_star"),
    [
        pytest.param("5", (5,), False, id="a number"),
        pytest.param("05", (5,), False, id="a leading zero"),
        pytest.param("5,6,7", (5, 6, 7), False, id="a list"),
        pytest.param("7,5,5", (5, 7), False, id="a list in any order"),
        pytest.param("5-7", (5, 6, 7), False, id="a range"),
        pytest.param("5-10/2", (5, 7, 9), False, id="a range with a step"),
        pytest.param("50/5", (50, 55), False, id="a number with a step runs on"),
        pytest.param("*/20", (0, 20, 40), False, id="a star with a step is none"),
        pytest.param("*/1", tuple(range(60)), True, id="a step of one is"),
        pytest.param("*", tuple(range(60)), True, id="a star"),
        pytest.param("?", tuple(range(60)), True, id="a question mark"),
        pytest.param("5,*", tuple(range(60)), True, id="a star in a list"),
    ],
)
def test_a_field_stands_for_values(text: str, values: tuple[int, ...], *, is_star: bool) -> None:
    assert parse_schedule(f"{text} * * * *").minutes == Field(values, is_star)


def test_months_and_days_of_the_week_have_names() -> None:
    found = parse_schedule("0 0 1 Jan-mar,DEC mon,Fri")
    assert found.months.values == (1, 2, 3, 12)
    assert found.weekdays.values == (1, 5)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        pytest.param("@hourly", "0 * * * *", id="hourly"),
        pytest.param("@midnight", "0 0 * * *", id="midnight"),
        pytest.param("@daily", "0 0 * * *", id="daily"),
        pytest.param("@weekly", "0 0 * * 0", id="weekly"),
        pytest.param("@monthly", "0 0 1 * *", id="monthly"),
        pytest.param("@yearly", "0 0 1 1 *", id="yearly"),
        pytest.param("@annually", "0 0 1 1 *", id="annually"),
    ],
)
def test_a_name_stands_for_fields(name: str, fields: str) -> None:
    assert parse_schedule(name) == parse_schedule(fields)


@pytest.mark.parametrize(
    ("schedule", "both", "month_day_only", "weekday_only"),
    [
        pytest.param("0 0 13 * 5", True, True, True, id="either is enough"),
        pytest.param("0 0 13 * *", True, True, False, id="day of month"),
        pytest.param("0 0 * * 5", True, False, True, id="day of week"),
        pytest.param("0 0 ? * 5", True, False, True, id="question mark"),
        pytest.param("0 0 */13 * 5", False, False, True, id="a step: 1st, 14th, 27th or a Friday"),
    ],
)
def test_days_of_month_and_of_week(
    schedule: str, *, both: bool, month_day_only: bool, weekday_only: bool
) -> None:
    found: CronSchedule = parse_schedule(schedule)
    if schedule.startswith("0 0 */13"):
        assert found.has_day(3, 14, 1)
        assert not found.has_day(3, 13, 1)
    else:
        assert found.has_day(3, 13, 5) is both
        assert found.has_day(3, 13, 4) is month_day_only
    assert found.has_day(3, 12, 5) is weekday_only


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("* * * *", "has 4 fields", id="too few"),
        pytest.param("* * * * * *", "has 6 fields", id="seconds"),
        pytest.param("", "has 0 fields", id="nothing"),
        pytest.param("60 * * * *", "minute '60' is not within 0 to 59", id="minute"),
        pytest.param("* 24 * * *", "hour '24' is not within 0 to 23", id="hour"),
        pytest.param("* * 0 * *", "day of month '0' is not within 1 to 31", id="day"),
        pytest.param("* * * 13 *", "month '13' is not within 1 to 12", id="month"),
        pytest.param("* * * * 7", "day of week '7' is not within 0 to 6", id="weekday"),
        pytest.param("7-5 * * * *", "the lower number first", id="backwards"),
        pytest.param("*/0 * * * *", "a step of 0", id="no step"),
        pytest.param("*-5 * * * *", "is no range", id="a star in a range"),
        pytest.param("x * * * *", "minute 'x' is not a number", id="a word"),
        pytest.param("-1 * * * *", "is not a number", id="negative"),
        pytest.param("1- * * * *", "is not a number", id="open range"),
        pytest.param(", * * * *", "is empty", id="empty list"),
        pytest.param("* * * jax *", "month 'jax' is not a number", id="no month"),
        pytest.param("@often", "one of @yearly", id="no name"),
        pytest.param("@every 1h", "is not supported", id="every"),
        pytest.param("TZ=UTC * * * * *", "write it as timeZone", id="zone"),
        pytest.param("CRON_TZ=UTC * * * * *", "write it as timeZone", id="zone, the other way"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, told: str) -> None:
    with pytest.raises(UnreadableSchedule, match=told):
        parse_schedule(text)
