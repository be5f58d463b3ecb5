"""Which failed launches explain what a group lacks."""

from __future__ import annotations

import pytest

from kingtide.aws.autoscaling import ActivityStatus, ScalingActivity
from kingtide.controllers.node_autoscaling.capacity_failure import Shortage, shortage

RESIZED_MS = 5_000


def _shortage(status: ActivityStatus, start_ms: int) -> Shortage:
    activity = ScalingActivity("a-1", "spot", status, start_ms, None, "", "no capacity")
    return shortage(3, 1, [activity], RESIZED_MS)


@pytest.mark.parametrize(
    ("status", "start_ms", "is_explained"),
    [
        pytest.param("Failed", RESIZED_MS, True, id="a failure at the very moment"),
        pytest.param("Failed", RESIZED_MS - 1, False, id="a failure before the resize"),
        pytest.param("Successful", RESIZED_MS + 1, False, id="a launch that went well"),
    ],
)
def test_a_failure_since_the_resize_explains_what_is_missing(
    status: ActivityStatus, start_ms: int, is_explained: bool
) -> None:
    found = _shortage(status, start_ms)
    assert found == Shortage(2, is_explained, "no capacity" if is_explained else "")
