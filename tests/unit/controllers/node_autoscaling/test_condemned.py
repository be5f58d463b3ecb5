"""Instances we asked to terminate: for how long that counts."""

from __future__ import annotations

import pytest

from kingtide.controllers.node_autoscaling.upcoming import UNCONFIRMED_MAX_MS, Upcoming, follow
from tests.unit.controllers.node_autoscaling.test_upcoming import INSTANCE, standing


@pytest.mark.parametrize(
    ("since_ms", "counts"), [(UNCONFIRMED_MAX_MS, True), (UNCONFIRMED_MAX_MS + 1, False)]
)
def test_a_termination_that_shows_nothing_counts_for_two_minutes(
    since_ms: int, counts: bool
) -> None:
    asked_ms = 1_000
    before = Upcoming(first_seen_ms={"i-1": 300}, condemned_ms={"i-1": asked_ms})
    after = follow(before, standing(INSTANCE), (), now_ms=asked_ms + since_ms)
    assert after.condemned_ms == ({"i-1": asked_ms} if counts else {})


def test_a_termination_is_forgotten_with_its_instance() -> None:
    before = Upcoming(condemned_ms={"i-1": 1_000})
    assert follow(before, standing(), (), now_ms=1_001).condemned_ms == {}
