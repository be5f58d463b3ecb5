from __future__ import annotations

import pytest

from kingtide.rehearsal.comparison.ranks import spread


@pytest.mark.parametrize(
    ("values", "p10", "p50", "p90"),
    [
        pytest.param([5], 5, 5, 5, id="one run"),
        pytest.param([4, 2], 2, 2, 4, id="half of two do not exceed the smaller"),
        pytest.param([3, 1, 2], 1, 2, 3, id="the middle of three"),
        pytest.param(list(range(10, 0, -1)), 1, 5, 9, id="ten"),
        pytest.param([1, 2, None, 3], 1, 2, None, id="what never came ranks last"),
        pytest.param([None, 1, None, None], 1, None, None, id="it came in one of four"),
        pytest.param([None, None], None, None, None, id="never"),
    ],
)
def test_percentiles_are_values_that_some_run_had(
    values: list[float | None], p10: float | None, p50: float | None, p90: float | None
) -> None:
    found = spread(values)
    assert (found.p10, found.p50, found.p90) == (p10, p50, p90)
    assert found.at("p90") == p90
    assert found.runs == len(values)
    assert found.arose == len([v for v in values if v is not None])
