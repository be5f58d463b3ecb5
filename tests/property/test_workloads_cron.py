"""The next run is the first minute at which clocks show a matching time: none is passed over."""

from hypothesis import given
from hypothesis import strategies as st
from whenever import Instant

from kingtide.controlplane.workloads.cron.fields import CronSchedule, parse_schedule
from kingtide.controlplane.workloads.cron.schedule import next_run_ms

MINUTE_MS = 60_000
# Around changes of the clocks, two of them not at a full hour or not by one.
NEAR_MS = {
    "America/New_York": 1_352_008_800_000,  # 2012-11-04 06:00 UTC, back
    "Europe/Paris": 1_774_746_000_000,  # 2026-03-29 01:00 UTC, forward
    "Australia/Lord_Howe": 1_775_314_800_000,  # 2026-04-04 15:00 UTC, back by 30 minutes
    "UTC": 1_709_164_800_000,  # 2024-02-29
}


def field(low: int, high: int) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high)
    return st.one_of(
        st.just("*"),
        numbers.map(str),
        st.integers(1, 20).map(lambda step: f"*/{step}"),
        st.tuples(numbers, numbers).map(lambda ends: f"{min(ends)}-{max(ends)}"),
        st.lists(numbers, min_size=1, max_size=4).map(lambda all_: ",".join(map(str, all_))),
    )


SCHEDULES = st.tuples(field(0, 59), field(0, 23), field(1, 31), st.just("*"), field(0, 6)).map(
    " ".join
)


def matches(schedule: CronSchedule, at_ms: int, zone: str) -> bool:
    shown = Instant.from_timestamp(at_ms, unit="millisecond").to_tz(zone)
    weekday = shown.date().day_of_week().value % 7
    return (
        schedule.has_day(shown.month, shown.day, weekday)
        and shown.hour in schedule.hours.values
        and shown.minute in schedule.minutes.values
    )


@given(
    text=SCHEDULES,
    zone=st.sampled_from(sorted(NEAR_MS)),
    minutes=st.integers(-600, 600),
    odd_ms=st.integers(0, MINUTE_MS - 1),
)
def test_the_next_run_is_the_first_minute_that_matches(
    text: str, zone: str, minutes: int, odd_ms: int
) -> None:
    schedule = parse_schedule(text)
    after_ms = NEAR_MS[zone] + minutes * MINUTE_MS + odd_ms
    found = next_run_ms(schedule, after_ms, zone)
    first_ms = (after_ms // MINUTE_MS + 1) * MINUTE_MS
    looked_at = range(first_ms, first_ms + 1_500 * MINUTE_MS, MINUTE_MS)
    expected = next((at for at in looked_at if matches(schedule, at, zone)), None)
    if expected is None:
        assert found is None or found >= looked_at.stop
    else:
        assert found == expected
