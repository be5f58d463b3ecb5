"""Differences between two evenings are told minute by minute and judged by the 95th percentile."""

from __future__ import annotations

import pytest

from benchmarks.evenings import (
    ALL_NODES,
    READY_PODS,
    Difference,
    Evening,
    differences,
    minutes_of,
    missed,
    on_demand_seconds,
)

HEAD = "time_ms,nodes.spot,nodes.on_demand,app.x.available,pods.high.available,pods.low.available\n"


def evening(nodes: list[float], first_on_demand_ms: int | None = None) -> Evening:
    return Evening({ALL_NODES: nodes}, first_on_demand_ms)


def only(rehearsed: list[float], served: list[float]) -> Difference:
    (found,) = differences(evening(rehearsed), evening(served))
    return found


def test_a_minute_is_the_mean_of_its_steps_and_the_last_instant_is_none() -> None:
    rows = ["0,10,0,9,6,1", "30000,12,2,9,8,1", "60000,20,4,9,8,3", "90000,20,4,9,8,5"]
    found = minutes_of((HEAD + "\n".join([*rows, "120000,99,0,9,8,5"]) + "\n").encode())
    assert found["nodes.spot"] == [11, 20]
    assert found[ALL_NODES] == [12, 24]
    assert found[READY_PODS] == [8, 12]
    assert found["pods.ready.low"] == [1, 4]


def test_a_difference_is_relative_to_the_rehearsal_and_of_few_to_ten() -> None:
    found = only([100, 4, 0], [110, 5, 0])
    assert [found.p50, found.most] == pytest.approx([0.1, 0.1])
    assert only([4], [6]).most == pytest.approx(0.2)


def test_one_bad_minute_of_twenty_is_forgiven_and_two_are_not() -> None:
    one, two = [100.0] * 19 + [200], [100.0] * 18 + [200] * 2
    assert only([100] * 20, one).p95 == 0
    assert missed([only([100] * 20, one)], 0) == ()
    (sentence,) = missed([only([100] * 20, two)], 0)
    assert sentence == "nodes: 100.0% at p95, more than 10%"


@pytest.mark.parametrize(
    ("rehearsed", "served", "later", "is_missed"),
    [
        pytest.param(None, None, None, False, id="neither"),
        pytest.param(1_000, 30_000, 29.0, False, id="in-time"),
        pytest.param(1_000, 32_000, 31.0, True, id="late"),
        pytest.param(32_000, 1_000, -31.0, True, id="early"),
        pytest.param(1_000, None, float("inf"), True, id="never"),
        pytest.param(None, 1_000, float("inf"), True, id="for-no-reason"),
    ],
)
def test_the_first_on_demand_request_comes_within_half_a_minute(
    rehearsed: int | None, served: int | None, later: float | None, is_missed: bool
) -> None:
    found = on_demand_seconds(evening([1], rehearsed), evening([1], served))
    assert found == later
    assert bool(missed((), found)) is is_missed


def test_runs_of_two_scenarios_are_not_compared() -> None:
    with pytest.raises(ValueError, match="not of one scenario"):
        differences(evening([1]), Evening({"pods": [1]}, None))
