from __future__ import annotations

from decimal import Decimal

import pytest

from kingtide.rehearsal.expectations import (
    Expectation,
    check_expectation,
    evaluate,
    parse_expectation,
    told,
)
from kingtide.rehearsal.record import Figure, Unit

UNITS: dict[str, Unit] = {
    "unavailable.high.max_seconds": "seconds",
    "cost.total_usd": "usd",
    "nodes.max.spot": "nodes",
}


@pytest.mark.parametrize(
    ("text", "figure", "operator", "wanted", "unit"),
    [
        ("a.b <= 15", "a.b", "<=", Decimal(15), None),
        ("a.b<=15s", "a.b", "<=", Decimal(15), "seconds"),
        ("a.b < 4min", "a.b", "<", Decimal(240), "seconds"),
        ("a.b > 250 ms", "a.b", ">", Decimal("0.25"), "seconds"),
        ("a-b.c >= 40 %", "a-b.c", ">=", Decimal(40), "percent"),
        ("cost == 1.5$", "cost", "==", Decimal("1.5"), "usd"),
        ("x != -1", "x", "!=", Decimal(-1), None),
    ],
)
def test_expectations_are_figure_operator_number_and_unit(
    text: str, figure: str, operator: str, wanted: Decimal, unit: Unit | None
) -> None:
    assert parse_expectation(text) == Expectation(text, figure, operator, wanted, unit)


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b = 3", "a.b <= ", "<= 3", "a.b <= 3 <= 4", "a <= x"]
)
def test_what_is_no_expectation_is_told_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="; write for example unavailable"):
        parse_expectation(text)


def test_an_unknown_unit_is_told() -> None:
    with pytest.raises(ValueError, match="'secs' is no unit; known units are"):
        parse_expectation("a.b <= 3 secs")


def test_an_unknown_figure_is_told_with_the_nearest() -> None:
    expectation = parse_expectation("unavailable.hihg.max_seconds <= 15")
    with pytest.raises(ValueError, match=r"did you mean 'unavailable\.high\.max_seconds'"):
        check_expectation(expectation, UNITS)


def test_a_unit_of_another_kind_is_told() -> None:
    with pytest.raises(ValueError, match="is in nodes, not in seconds; write the number in nodes"):
        check_expectation(parse_expectation("nodes.max.spot <= 3min"), UNITS)


@pytest.mark.parametrize(
    ("operator", "actual", "passed"),
    [
        ("<=", 15.0, True),
        ("<=", 15.001, False),
        ("<", 15.0, False),
        (">=", 15.0, True),
        (">", 15.0, False),
        ("==", 15.0, True),
        ("!=", 15.0, False),
        ("<=", None, False),
        ("!=", None, False),
    ],
)
def test_figures_meet_expectations_or_not(
    operator: str, actual: float | None, passed: bool
) -> None:
    name = "unavailable.high.max_seconds"
    figures = {name: Figure(actual, "seconds", "longest time")}
    (result,) = evaluate([parse_expectation(f"{name} {operator} 15s")], figures)
    assert (result.actual, result.passed) == (actual, passed)


def test_decimal_fractions_compare_as_written() -> None:
    (result,) = evaluate([parse_expectation("a == 0.1")], {"a": Figure(0.1, "count", "")})
    assert result.passed


def test_a_failed_expectation_is_told_with_both_figures() -> None:
    name = "unavailable.high.max_seconds"
    figures = {name: Figure(42.5, "seconds", "priority high: longest time with pods unavailable")}
    (result,) = evaluate([parse_expectation(f"{name} <= 15s")], figures)
    assert told(result, figures) == (
        f"expected {name} <= 15s, but {name} is 42.5 s"
        " (priority high: longest time with pods unavailable)"
    )


def test_an_expectation_of_what_never_arose_says_so() -> None:
    figures = {"ready.api.p90_seconds": Figure(None, "seconds", "api: from creation to ready")}
    (result,) = evaluate([parse_expectation("ready.api.p90_seconds <= 45s")], figures)
    assert "never arose" in told(result, figures)
