"""Expectations: `figure operator number[unit]`, held against a run's figures.

A figure that never arose (no pod became ready, no node was waited for) meets no expectation: a gate
that has nothing to look at must not open.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

import msgspec

from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.rehearsal.record import ExpectationResult, Figure, Unit

_OPERATORS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_EXPRESSION = re.compile(
    r"\s*(?P<figure>[A-Za-z0-9_.\-]+)\s*(?P<operator><=|>=|==|!=|<|>)\s*"
    r"(?P<number>-?\d{1,15}(?:\.\d{1,9})?)\s*(?P<unit>[A-Za-z%$_]*)\s*"
)
_UNITS: Mapping[str, tuple[Unit, Decimal]] = {
    "ms": ("seconds", Decimal("0.001")),
    "s": ("seconds", Decimal(1)),
    "m": ("seconds", Decimal(60)),
    "min": ("seconds", Decimal(60)),
    "h": ("seconds", Decimal(3600)),
    "%": ("percent", Decimal(1)),
    "usd": ("usd", Decimal(1)),
    "$": ("usd", Decimal(1)),
    "pods": ("pods", Decimal(1)),
    "nodes": ("nodes", Decimal(1)),
    "cores": ("cores", Decimal(1)),
}
"""What may stand behind a number: the unit of figures it goes with, and how many of those it is."""

_SYMBOLS: Mapping[Unit, str] = {"seconds": " s", "percent": " %", "usd": " USD", "count": ""}


class Expectation(msgspec.Struct, frozen=True):
    """What a figure must come out as; `unit` is empty where only a number was written."""

    expression: str
    figure: str
    operator: str
    wanted: Decimal
    unit: Unit | None


def parse_expectation(text: str) -> Expectation:
    """Return an expectation of its text.

    Raises:
        ValueError: it is none.
    """
    match = _EXPRESSION.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is not `figure operator number`; write for example"
            " unavailable.high.max_seconds <= 15s"
        )
    name = match["unit"]
    unit, factor = _UNITS.get(name, (None, Decimal(1)))
    if name and unit is None:
        raise ValueError(f"{name!r} is no unit; {did_you_mean(name, _UNITS, what='units')}")
    wanted = Decimal(match["number"]) * factor
    return Expectation(text.strip(), match["figure"], match["operator"], wanted, unit)


def check_expectation(expectation: Expectation, figures: Mapping[str, Unit]) -> None:
    """Check that an expectation's figure exists and has its unit; `figures` are names with units.

    Raises:
        ValueError: it does not, with the nearest that does.
    """
    unit = figures.get(expectation.figure)
    if unit is None:
        advice = did_you_mean(expectation.figure, figures, what="figures")
        raise ValueError(f"there is no figure {expectation.figure!r}; {advice}")
    if expectation.unit is not None and expectation.unit != unit:
        raise ValueError(
            f"{expectation.figure} is in {unit}, not in {expectation.unit};"
            f" write the number in {unit}"
        )


def evaluate(
    expectations: Iterable[Expectation], figures: Mapping[str, Figure]
) -> tuple[ExpectationResult, ...]:
    """Return what became of every expectation."""
    results = []
    for expectation in expectations:
        figure = figures.get(expectation.figure)
        actual = None if figure is None else figure.value
        # Figures are decimal numbers of at most three places; comparing their text keeps 0.1 what
        # it says.
        passed = actual is not None and _OPERATORS[expectation.operator](
            Decimal(str(actual)), expectation.wanted
        )
        results.append(
            ExpectationResult(expectation.expression, expectation.figure, actual, passed)
        )
    return tuple(results)


def told(result: ExpectationResult, figures: Mapping[str, Figure]) -> str:
    """Return a failed expectation as a sentence with both figures."""
    figure = figures.get(result.figure)
    if result.actual is None or figure is None:
        why = f"{figure.title}: it never arose" if figure is not None else "it never arose"
        return f"{result.expression}: there is no such figure in this run ({why}), so it is not met"
    shown = f"{result.actual:g}{_SYMBOLS.get(figure.unit, f' {figure.unit}')}"
    return f"expected {result.expression}, but {result.figure} is {shown} ({figure.title})"
