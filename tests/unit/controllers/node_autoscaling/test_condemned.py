"""Instances we asked to terminate: for how long that counts."""

from __future__ import annotations

import pytest

from kingtide.control.action import TerminateInstance
from kingtide.control.outcome import Outcome
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


@pytest.mark.parametrize(
    ("code", "first_seen_ms", "condemned_ms"),
    [
        pytest.param("NodeExists", 2_000, {}, id="it is a node that the watch does not show"),
        pytest.param("Throttling", 300, {"i-1": 1_000}, id="nothing is known of it"),
    ],
)
def test_an_instance_that_turns_out_to_be_a_node_is_waited_for_anew(
    code: str, first_seen_ms: int, condemned_ms: dict[str, int]
) -> None:
    before = Upcoming(first_seen_ms={"i-1": 300}, condemned_ms={"i-1": 1_000})
    asked = TerminateInstance(reason="r", group="g", instance_id="i-1", node="")
    outcome = Outcome(asked, "precondition_failed", 1_000, code)
    after = follow(before, standing(INSTANCE), (outcome,), now_ms=2_000)
    assert after.first_seen_ms == {"i-1": first_seen_ms}
    assert after.condemned_ms == condemned_ms
