from __future__ import annotations

from itertools import pairwise

from disturbances.plan import SECONDS, WEIGHTS, plan


def test_one_seed_draws_the_same_disturbances() -> None:
    assert plan(3, 10) == plan(3, 10)
    assert plan(3, 10) != plan(4, 10)


def test_ten_minutes_have_disturbances_of_every_kind_one_after_another() -> None:
    drawn = plan(1, 30)
    assert {it.kind for it in drawn} == set(WEIGHTS)
    for before, after in pairwise(drawn):
        assert after.at_seconds >= before.at_seconds + before.seconds


def test_what_is_held_back_is_held_for_less_than_a_call_waits() -> None:
    assert SECONDS["delay"][1] < 5


def test_stops_lie_on_both_sides_of_the_time_after_which_another_leads() -> None:
    stops = [it.seconds for it in plan(1, 60) if it.kind in ("stop", "stop-in-action")]
    assert min(stops) < 10
    assert max(stops) > 15
