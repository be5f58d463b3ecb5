"""Ready pods that demand lacks."""

from __future__ import annotations

from kingtide.rehearsal.derived_series import below_demand, longest_above_zero
from tests.twin.worlds import application


def test_pods_are_needed_for_demand_at_one_request_each() -> None:
    api = application("api", 3, 1_500, demand=[(0, 1)])
    series = {"app.api.demand": [0.0, 3.0, 3.001, 9.0], "app.api.available": [3.0, 2.0, 2.0, 3.0]}
    assert below_demand((api,), series) == {"app.api.below_demand": [0.0, 0.0, 1.0, 3.0]}


def test_applications_without_demand_lack_nobody() -> None:
    assert below_demand((application("worker", 3),), {}) == {}


def test_pods_that_request_no_cpu_lack_nobody() -> None:
    api = application("api", 3, 0, demand=[(0, 1)])
    series = {"app.api.demand": [9.0], "app.api.available": [0.0]}
    assert below_demand((api,), series) == {"app.api.below_demand": [0.0]}


def test_the_longest_time_above_zero_counts_steps_in_a_row() -> None:
    assert longest_above_zero([0, 1, 2, 0, 1, 1, 1], 5) == 15
    assert longest_above_zero([0, 0], 5) == 0
    assert longest_above_zero([], 5) == 0
