from __future__ import annotations

import pytest

from kingtide.compile.plan.model import GroupChange
from kingtide.compile.plan.pace import Span
from kingtide.compile.plan.prices import Price
from kingtide.report.plan.wording import change_of, dollars, duration, span, strategy, value


@pytest.mark.parametrize(
    ("micro_usd", "shown"),
    [
        pytest.param(0, "$0.00", id="nothing"),
        pytest.param(4_999, "$0.00", id="less than half a cent"),
        pytest.param(5_000, "$0.01", id="half a cent"),
        pytest.param(1_234_567_890, "$1,234.57", id="thousands"),
        pytest.param(-4_000, "$0.00", id="no cents are not less than nothing"),
        pytest.param(-1_500_000, "-$1.50", id="less"),
    ],
)
def test_money(micro_usd: int, shown: str) -> None:
    assert dollars(micro_usd) == shown


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        pytest.param(2_000_000, 2_000_000, "$2.00", id="the same"),
        pytest.param(2_000_000, 2_500_000, "$2.00 → $2.50 (+25 %)", id="more"),
        pytest.param(2_000_000, 1_000_000, "$2.00 → $1.00 (-50 %)", id="less"),
        pytest.param(0, 1_000_000, "$0.00 → $1.00", id="from nothing"),
    ],
)
def test_a_change_of_price(before: int, after: int, shown: str) -> None:
    assert change_of(Price(before), Price(0, after)) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0s"), (119, "119s"), (120, "2m"), (3_569, "59m"), (3_570, "1h00m"), (7_265, "2h01m")],
)
def test_a_time(seconds: int, shown: str) -> None:
    assert duration(seconds) == shown


def test_a_span_of_one_time_is_that_time() -> None:
    assert span(Span(30, 30)) == "30s"
    assert span(Span(30, 600)) == "30s to 10m"


@pytest.mark.parametrize(
    ("surge", "unavailable", "shown"),
    [
        (2, 0, "2 more at a time"),
        (0, 1, "1 fewer at a time"),
        (2, 1, "2 more, 1 fewer at a time"),
    ],
)
def test_a_strategy(surge: int, unavailable: int, shown: str) -> None:
    group = GroupChange("a", "node", "rolls", surge=surge, unavailable=unavailable)
    assert strategy(group) == shown


def test_a_long_value_is_cut() -> None:
    assert value("x" * 100) == "x" * 100
    assert value("x" * 101) == "x" * 99 + "…"
    assert value(None) == "nothing"
