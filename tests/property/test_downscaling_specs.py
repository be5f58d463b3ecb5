"""Time specifications, drawn: they read as they are written, and tell their next change exactly."""

from hypothesis import given
from hypothesis import strategies as st
from whenever import Instant

from kingtide.controllers.downscaling.dialect import Dialect
from kingtide.controllers.downscaling.time_spec import read_time_spec
from kingtide.controllers.downscaling.windows import Once, Recurring

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ZONES = ("UTC", "Europe/Berlin", "America/Port-au-Prince", "Asia/Kolkata", "Etc/GMT+1")
MINUTES = st.integers(0, 24 * 60)
# A year around two changes of clocks, to the second.
YEAR = st.integers(
    Instant.from_utc(2024, 1, 1).timestamp(), Instant.from_utc(2025, 1, 1).timestamp()
)

recurring = st.builds(
    lambda first, last, start, end, zone: Recurring(
        first, last, start, end, zone, runs_overnight=start > end
    ),
    st.integers(1, 7),
    st.integers(1, 7),
    MINUTES,
    MINUTES,
    st.sampled_from(ZONES),
)
once = st.builds(lambda begin, end: Once(1000 * begin, 1000 * end), YEAR, YEAR)
parts = st.lists(st.one_of(recurring, once), min_size=1, max_size=3)


def written(part: Recurring | Once) -> str:
    """Return a part as a user writes it."""
    if isinstance(part, Once):
        return f"{_instant(part.from_ms)}-{_instant(part.until_ms)}"
    days = f"{DAYS[part.first_day - 1]}-{DAYS[part.last_day - 1]}"
    return f"{days} {_clock(part.start_minute)}-{_clock(part.end_minute)} {part.zone}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _instant(at_ms: int) -> str:
    moment = Instant.from_timestamp(at_ms, unit="millisecond")
    return moment.format_iso().replace("Z", "+00:00")


@given(parts)
def test_what_is_written_is_read(drawn: list[Recurring | Once]) -> None:
    text = ",".join(written(part) for part in drawn)
    assert list(read_time_spec(text, Dialect()).parts) == drawn


@given(parts, YEAR)
def test_nothing_changes_before_the_next_change(drawn: list[Recurring | Once], second: int) -> None:
    spec = read_time_spec(",".join(written(part) for part in drawn), Dialect())
    at_ms = 1000 * second
    change = spec.change_after(at_ms)
    now = spec.holds(at_ms)
    horizon = at_ms + 3 * 24 * 3_600_000 if change is None else change
    assert horizon > at_ms
    step = max(1, (horizon - at_ms) // 150)
    for instant in (*range(at_ms, horizon, step), horizon - 1):
        assert spec.holds(instant) is now


@given(recurring, YEAR)
def test_a_recurring_part_is_what_its_zones_clock_says(part: Recurring, second: int) -> None:
    local = Instant.from_timestamp(second).to_tz(part.zone)
    minute = local.hour * 60 + local.minute
    days = range(part.first_day, part.first_day + 1 + (part.last_day - part.first_day) % 7)
    on = {(day - 1) % 7 + 1 for day in days}
    today = local.day_of_week().value
    if part.start_minute <= part.end_minute:
        expected = today in on and part.start_minute <= minute < part.end_minute
    else:
        yesterday = (today - 2) % 7 + 1
        expected = (today in on and minute >= part.start_minute) or (
            yesterday in on and minute < part.end_minute
        )
    assert part.holds(1000 * second) is expected
