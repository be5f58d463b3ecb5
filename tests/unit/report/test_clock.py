import pytest

from kingtide.report.clock import clock_text, duration_text, offset_stretches, span_text

# 2020-10-25, when Paris went back from 03:00 CEST to 02:00 CET at 01:00 UTC.
CHANGE_MS = 1_603_587_600_000
HOUR_MS = 3_600_000


def test_a_time_is_told_as_the_scenarios_clock_shows_it() -> None:
    assert clock_text(1_605_900_600_000, "Europe/Paris") == "20:30:00"
    assert clock_text(1_605_900_600_000, "Asia/Kolkata") == "01:00:00"


def test_a_span_names_its_date_once_unless_midnight_lies_within() -> None:
    start = 1_605_900_600_000
    assert span_text(start, start + HOUR_MS, "Europe/Paris") == "20 Nov 2020 20:30 – 21:30"
    over_midnight = span_text(start, start + 4 * HOUR_MS, "Europe/Paris")
    assert over_midnight == "20 Nov 2020 20:30 – 21 Nov 2020 00:30"


def test_a_night_with_a_clock_change_has_two_offsets() -> None:
    found = offset_stretches(CHANGE_MS - HOUR_MS, CHANGE_MS + HOUR_MS, "Europe/Paris")
    assert [(s.from_ms, s.offset_ms, s.abbreviation) for s in found] == [
        (CHANGE_MS - HOUR_MS, 2 * HOUR_MS, "CEST"),
        (CHANGE_MS, HOUR_MS, "CET"),
    ]


def test_another_night_has_one_offset() -> None:
    found = offset_stretches(CHANGE_MS + HOUR_MS, CHANGE_MS + 5 * HOUR_MS, "Europe/Paris")
    assert [s.offset_ms for s in found] == [HOUR_MS]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (4.5, "4.5 s"),
        (45, "45 s"),
        (119, "119 s"),
        (120, "2 min"),
        (214, "3 min 34 s"),
        (3599.7, "1 h"),
        (7500, "2 h 05 min"),
    ],
)
def test_durations_read_at_a_glance(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
