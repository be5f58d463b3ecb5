"""What a timetable makes of a week: stretches up and down."""

from itertools import pairwise
from typing import Any

import pytest
from whenever import Instant

from kingtide.controllers.downscaling.dialect import dialect_of
from kingtide.controllers.downscaling.holidays import read_holiday
from kingtide.controllers.downscaling.spec_book import SpecBook
from kingtide.controllers.downscaling.week import stretches
from kingtide.controllers.downscaling.wish import Asking, BadWord
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.kube.scalables import Scalable

# A Monday.
FROM_MS = Instant.from_utc(2026, 11, 23).timestamp(unit="millisecond")
DAY_MS = 24 * 3_600_000


def told(days: int = 7, annotations: dict[str, str] | None = None, **settings: Any) -> list[str]:
    """Return `Mon 08:00 up` for every change."""
    policy = DownscalingPolicy(**settings)
    holidays = tuple(read_holiday(it, "") for it in policy.holidays)
    asking = Asking(FROM_MS, policy, SpecBook(dialect_of(policy)), holidays)
    it = Scalable("Deployment", "shop", "web", size=3, annotations=annotations or {})
    found = stretches(it, None, asking, FROM_MS + days * DAY_MS)
    assert found[0].from_ms == FROM_MS
    assert found[-1].until_ms == FROM_MS + days * DAY_MS
    for one, after in pairwise(found):
        assert one.until_ms == after.from_ms
        assert one.state != after.state
    return [
        f"{['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][local.day_of_week().value - 1]}"
        f" {local.time().format_iso()[:5]} {stretch.state}"
        for stretch in found
        for local in [Instant.from_timestamp(stretch.from_ms, unit="millisecond").to_tz("UTC")]
    ]


def test_a_day_of_work_has_a_night_on_either_side() -> None:
    assert told(2, uptime="Mon-Fri 08:00-18:00 UTC") == [
        "Mon 00:00 down", "Mon 08:00 up", "Mon 18:00 down", "Tue 08:00 up", "Tue 18:00 down",
    ]  # fmt: skip


@pytest.mark.parametrize(("uptime", "state"), [("always", "up"), ("never", "down")])
def test_what_never_changes_is_one_stretch(uptime: str, state: str) -> None:
    assert told(uptime=uptime) == [f"Mon 00:00 {state}"]


def test_periods_hold_until_the_next_one_and_begin_with_what_was_before() -> None:
    periods: dict[str, Any] = {
        "upscale_period": "Mon-Mon 09:00-09:10 UTC",
        "downscale_period": "Fri-Fri 20:00-20:10 UTC",
    }
    assert told(7, None, **periods) == ["Mon 00:00 down", "Mon 09:00 up", "Fri 20:00 down"]


def test_a_wake_up_and_a_holiday_show() -> None:
    assert told(
        2,
        {"kingtide.dev/wake-until": "2026-11-23T20:00:00Z"},
        uptime="Mon-Fri 08:00-18:00 UTC",
        holidays=("2026-11-24",),
    ) == ["Mon 00:00 up", "Mon 20:00 down"]


def test_a_timetable_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadWord, match=r"downscaler/uptime \(workload\): 'nights'"):
        told(annotations={"downscaler/uptime": "nights"})
