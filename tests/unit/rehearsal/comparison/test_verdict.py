from __future__ import annotations

from decimal import Decimal

import pytest

from kingtide.rehearsal.comparison.model import Published
from kingtide.rehearsal.comparison.verdict import band


@pytest.mark.parametrize(
    ("written", "value", "off_by"),
    [
        pytest.param({"value": 357, "tolerance": 11}, 368.0, 0, id="at the edge of its tolerance"),
        pytest.param({"value": 357, "tolerance": 11}, 370.0, 2, id="above it"),
        pytest.param({"value": 357}, 350.5, "-6.5", id="below it"),
        pytest.param({"atMost": "4m"}, 3.0, 0, id="anything below a bound agrees"),
        pytest.param({"atMost": "4m"}, 240.1, "0.1", id="above a bound"),
        pytest.param({"from": "8m", "to": "10m"}, 500.0, 0, id="within a range"),
        pytest.param({"from": "8m", "to": "10m"}, 400.0, -80, id="below a range"),
    ],
)
def test_off_by_counts_from_the_nearest_agreeing_value(
    written: dict[str, object], value: float, off_by: int | str
) -> None:
    assert band(Published.model_validate(written)).off_by(value) == Decimal(off_by)
