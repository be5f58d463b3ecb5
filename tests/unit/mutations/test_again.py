"""Survivors of the kept result once more: which mutants they are now, and what is left of them."""

from __future__ import annotations

import pytest

from mutations.again import present, updated
from mutations.explanations import Explanation
from mutations.mutants import Mutant
from mutations.report import Count, Result, Survivor

FILE = "control/queue.py"
SOURCE = "def takes(a, b):\n    return a < 5 or b < 5\n"


def survivor(mutation: str, line: int = 2, function: str = "takes") -> Survivor:
    return Survivor(f"{FILE}:{line}", function, mutation, "a test is missing", "")


def found(*survivors: Survivor, source: str = SOURCE) -> dict[int, Mutant]:
    return present(survivors, {f"src/kingtide/{FILE}": source})


@pytest.mark.parametrize("line", [2, 9])
def test_a_survivor_is_found_by_its_function_and_text_wherever_it_stands_now(line: int) -> None:
    (mutant,) = found(survivor("a < 5 → a <= 5", line)).values()
    assert (mutant.original, mutant.mutated, mutant.line) == ("a < 5", "a <= 5", 2)


def test_of_several_alike_the_one_on_its_line_is_meant() -> None:
    source = "def takes(a, b):\n    b = a < 5\n    return b or a < 5\n"
    (mutant,) = found(survivor("a < 5 → a <= 5", 3), source=source).values()
    assert mutant.line == 3
    assert found(survivor("a < 5 → a <= 5", 4), source=source) == {}


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(survivor("5 → 6"), id="two alike on one line"),
        pytest.param(survivor("a < 9 → a <= 9"), id="its text is gone"),
        pytest.param(survivor("a < 5 → a <= 5", function="gives"), id="its function is gone"),
    ],
)
def test_of_what_cannot_be_told_apart_or_is_gone_nothing_is_said(one: Survivor) -> None:
    assert found(one) == {}


def test_what_is_noticed_now_is_no_survivor_and_the_others_may_be_explained() -> None:
    first, second = survivor("a < 5 → a <= 5"), survivor("5 → 6")
    before = Result(
        "2026-11-22", "abc", 24, 12, 13,
        (Count("control", 3, 1),),
        (Count("bound", 1, 0), Count("boundary", 2, 1)),
        (first, second),
    )  # fmt: skip
    why = Explanation(FILE, "speed", "Asks once more.", function="takes", mutation="5 → 6")
    after = updated(before, found(first), [why], "def")
    assert (after.total.mutants, after.total.caught) == (3, 2)
    assert after.kinds == (Count("bound", 1, 0), Count("boundary", 2, 2))
    assert [(it.mutation, it.why) for it in after.survivors] == [("5 → 6", "speed")]
    assert (after.commit, after.again_at_commit) == ("abc", "def")
