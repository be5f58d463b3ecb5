"""When the other asked for nodes, as activities tell it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from kingtide.aws.autoscaling import AutoScalingGroup, ScalingActivity
from kingtide.control.index import ClusterIndex
from kingtide.operate.shadowing.deciding.sight import sighting_of

NOW_MS = 1_602_103_920_000  # 2020-10-07T20:52:00Z
ASKED = "At {} a user request explicitly set group desired capacity changing it from 2 to 3."
GROUP = AutoScalingGroup("spot", 0, 9, 2, ("m5.large",), ("a",), {})


class Cloud:
    """One group with one activity that begins nine seconds before now."""

    def __init__(self, desired: int, cause: str | None) -> None:
        self.groups = {"spot": replace(GROUP, desired_capacity=desired)}
        it = ScalingActivity("a", "spot", "InProgress", NOW_MS - 9_000, None, cause or "")
        self._activities = () if cause is None else (it,)

    def activities_since(self, group: str, since_ms: int) -> Sequence[ScalingActivity]:
        return [it for it in self._activities if it.start_ms >= since_ms]


@pytest.mark.parametrize(
    ("cause", "before_now_ms"),
    [
        (ASKED.format("2020-10-07T20:51:42Z"), 18_000),
        (ASKED.format("2020-10-07T20:40:00Z"), 9_000),
        (ASKED.format("yesterday"), 9_000),
        ("At 2020-10-07T20:51:51Z an instance was started.", 9_000),
        (None, None),
    ],
    ids=["told", "another try of an old request", "no time", "no request", "no activity"],
)
def test_a_raise_is_dated_by_its_cause_else_by_its_launch_else_not(
    cause: str | None, before_now_ms: int | None
) -> None:
    cluster = ClusterIndex()
    before = sighting_of(cluster, Cloud(2, None), lambda _: None, None, NOW_MS - 5_000)
    seen = sighting_of(cluster, Cloud(3, cause), lambda _: None, before, NOW_MS)
    asked_ms = None if before_now_ms is None else NOW_MS - before_now_ms
    assert seen.groups["spot"].asked_ms == asked_ms


def test_what_was_not_raised_was_not_asked_for() -> None:
    cluster = ClusterIndex()
    before = sighting_of(cluster, Cloud(2, None), lambda _: None, None, NOW_MS - 5_000)
    cause = ASKED.format("2020-10-07T20:51:42Z")
    seen = sighting_of(cluster, Cloud(2, cause), lambda _: None, before, NOW_MS)
    assert seen.groups["spot"].asked_ms is None
    assert seen.groups["spot"].newest_ms == NOW_MS - 9_000
