"""The floor over time: when it moves, and that it says so."""

from __future__ import annotations

import pytest

from kingtide.controllers.prescaling.ramp import (
    Ramp,
    first_step_ms,
    floor_at,
    is_active,
    last_step_ms,
    next_step_ms,
    steps_up,
)
from kingtide.fleet.policies.prescaling import PrescalingPolicy

BEGIN_MS, END_MS = 10_000_000, 10_600_000


def policy(**settings: int) -> PrescalingPolicy:
    known = {"step_seconds": 30, "replicas_per_step": 10, "hand_back_seconds": 60} | settings
    return PrescalingPolicy(**known)  # type: ignore[arg-type]  # numbers by their names


def moves(ramp: Ramp, by: PrescalingPolicy) -> dict[int, int]:
    """The floors by the time from which they hold, found by looking at every second."""
    found: dict[int, int] = {}
    before = None
    for now_ms in range(first_step_ms(ramp, by) - 5_000, last_step_ms(ramp, by), 1_000):
        floor = floor_at(ramp, by, now_ms) if is_active(ramp, by, now_ms) else None
        if floor != before:
            assert floor is not None, "it is active from its first step to its last"
            found[now_ms] = floor
            before = floor
    return found


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="as it is"),
        pytest.param({"replicas_per_step": 100}, id="a single step"),
        pytest.param({"hand_back_steps": 1}, id="back at once"),
        pytest.param({"hand_back_steps": 3, "hand_back_seconds": 90}, id="back in thirds"),
    ],
)
def test_the_floor_moves_exactly_when_it_was_said_to(settings: dict[str, int]) -> None:
    by, ramp = policy(**settings), Ramp(BEGIN_MS, END_MS, base=20, target=60, original=3)
    at_ms: int | None = first_step_ms(ramp, by) - 1
    said: list[int] = []
    while at_ms is not None:
        at_ms = next_step_ms(ramp, by, at_ms)
        said += [] if at_ms is None else [at_ms]
    assert said[-1] == last_step_ms(ramp, by)
    # Where it is handed back, it moves at the very end of the event as well.
    assert list(moves(ramp, by)) == [it for it in said if it < last_step_ms(ramp, by)]


def test_the_floor_is_full_before_the_event_by_the_time_that_nodes_and_pods_take() -> None:
    by, ramp = policy(), Ramp(BEGIN_MS, END_MS, base=20, target=60, original=3)
    full_ms = BEGIN_MS - by.lead_seconds * 1000
    assert floor_at(ramp, by, full_ms) == 60
    assert floor_at(ramp, by, full_ms - 1) == 50
    assert floor_at(ramp, by, BEGIN_MS) == floor_at(ramp, by, END_MS - 1) == 60
    assert first_step_ms(ramp, by) == full_ms - 3 * 30_000


def test_the_floor_falls_in_equal_portions_from_the_end_on() -> None:
    by = policy(hand_back_steps=3, hand_back_seconds=90)
    ramp = Ramp(BEGIN_MS, END_MS, base=20, target=60, original=0)
    floors = [floor_at(ramp, by, END_MS + ms) for ms in (-1, 0, 29_999, 30_000, 59_999, 60_000)]
    assert floors == [60, 40, 40, 20, 20, 0]
    assert last_step_ms(ramp, by) == END_MS + 60_000
    assert not is_active(ramp, by, END_MS + 60_000)


def test_a_hand_back_that_may_take_no_time_is_over_within_milliseconds() -> None:
    by, ramp = policy(hand_back_seconds=0), Ramp(BEGIN_MS, END_MS, base=20, target=60, original=0)
    assert last_step_ms(ramp, by) == END_MS + by.hand_back_steps - 1
    assert floor_at(ramp, by, END_MS + by.hand_back_steps - 1) == 0


@pytest.mark.parametrize(("rise", "steps"), [(0, 1), (1, 1), (10, 1), (11, 2), (40, 4)])
def test_a_rise_takes_one_step_for_each_begun_portion(rise: int, steps: int) -> None:
    assert steps_up(rise, policy()) == steps
