from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from kingtide.rehearsal.comparison.outcome import RowOutcome
from kingtide.rehearsal.comparison.ranks import Spread, spread
from kingtide.rehearsal.record import Unit
from kingtide.report.comparison_text import off_by_text, spread_text

ROW = RowOutcome(
    name="row",
    title="a row",
    scenario="a.yaml",
    measured="events",
    unit="seconds",
    statistic="p50",
    published="45 s",
    off_by=Decimal(0),
    variants={"plain": spread([45])},
    source=None,
    note=None,
    expectation=None,
    judged_in="plain",
)


@pytest.mark.parametrize(
    ("values", "unit", "text"),
    [
        ([45], "seconds", "45s"),
        ([41.52], "seconds", "41.5s"),
        ([156, 190], "seconds", "2m36s (3m10s)"),
        ([600], "seconds", "10m"),
        ([5100], "seconds", "1h25m"),
        ([357, 384], "pods", "357 (384)"),
        ([26.61], "percent", "26.6 %"),
        ([None, None], "seconds", "never"),
        ([30, 40, None, None], "seconds", "40s (never), in 2 of 4 runs"),
    ],
)
def test_a_spread_is_as_short_as_five_columns_need(
    values: list[float | None], unit: Unit, text: str
) -> None:
    assert spread_text(spread(values), unit) == text


@pytest.mark.parametrize(
    ("published", "off_by", "text"),
    [
        ("45 s", Decimal(0), "agrees"),
        ("45 s", Decimal(711), "+11m51s"),
        ("45 s", Decimal("-6.5"), "−6.5s"),
        ("45 s", None, "never comes"),
        (None, None, ""),
    ],
)
def test_off_by_says_in_which_direction(
    published: str | None, off_by: Decimal | None, text: str
) -> None:
    row = msgspec.structs.replace(ROW, published=published, off_by=off_by)
    assert off_by_text(row) == text


def test_nothing_is_said_of_runs_where_a_figure_always_arose() -> None:
    assert spread_text(Spread(2, 2, 1.0, 1.0, 2.0), "count") == "1 (2)"
