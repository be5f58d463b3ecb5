"""What marks tell of a run."""

from __future__ import annotations

import ast
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from mutations.reach import Marking, Marks

SOURCE = """
def judge(a, b):
    "A text."
    if a < b:
        return "less"
    for each in (1, 2):
        match a:
            case 3 if b:
                return each
    return [it >= b for it in (a,)]
"""


def run(marks: Marks, a: Any, b: Any) -> Any:
    module = ModuleType("judge")
    tree = ast.fix_missing_locations(Marking("judge.py", marks).visit(ast.parse(SOURCE)))
    marks.into(module)
    exec(compile(tree, "judge.py", "exec"), module.__dict__)
    marks.take()
    return module.__dict__["judge"](a, b)


@pytest.mark.parametrize(
    ("a", "b", "answer", "lines", "edges"),
    [
        pytest.param(1, 2, "less", [4, 5], [], id="less"),
        pytest.param(3, 2, 1, [4, 6, 7, 9], [], id="a case with a guard"),
        pytest.param(5, 5, [True], [4, 6, 7, 10], [(4, 7), (10, 12)], id="equal sides"),
        pytest.param(5, 4, [True], [4, 6, 7, 10], [], id="more"),
    ],
)
def test_a_run_tells_statements_and_equal_sides(
    a: int, b: int, answer: Any, lines: list[int], edges: list[tuple[int, int]]
) -> None:
    marks = Marks()
    assert run(marks, a, b) == answer
    met = marks.take()
    assert sorted(line for _, line, column in met if column < 0) == lines
    assert sorted((line, column) for _, line, column in met if column >= 0) == edges


def test_what_was_taken_is_not_told_again() -> None:
    marks = Marks()
    run(marks, 1, 2)
    assert marks.take()
    assert marks.take() == []


def test_arrays_with_one_equal_place_are_equal_sides() -> None:
    marks = Marks()
    with pytest.raises(ValueError, match="truth value"):
        run(marks, np.array([1, 2]), np.array([1, 3]))
    assert ("judge.py", 4, 7) in marks.take()
