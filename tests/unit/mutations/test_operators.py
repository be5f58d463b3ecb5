"""What is changed in an expression."""

from __future__ import annotations

import ast

import pytest

from mutations.operators import changes_of, condition_change


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a < b", ["boundary: a <= b", "comparison: a >= b"], id="less"),
        pytest.param("a <= b", ["boundary: a < b", "comparison: a > b"], id="at most"),
        pytest.param("a > b", ["boundary: a >= b", "comparison: a <= b"], id="more"),
        pytest.param("a >= b", ["boundary: a > b", "comparison: a < b"], id="at least"),
        pytest.param("a == b", ["comparison: a != b"], id="equal"),
        pytest.param("a is not b", ["comparison: a is b"], id="identity"),
        pytest.param("a not in b", ["comparison: a in b"], id="membership"),
        pytest.param(
            "a < b == c",
            ["boundary: a <= b == c", "comparison: a >= b == c", "comparison: a < b != c"],
            id="chain",
        ),
        pytest.param("7", ["bound: 8", "bound: 6"], id="number"),
        pytest.param("True", [], id="a truth is no number"),
        pytest.param("1.5", [], id="a fraction is no bound"),
        pytest.param(
            "a and not b", ["guard: a or not b", "guard: not a and (not b)", "guard: a and b"],
            id="and",
        ),
        pytest.param("a or 5", ["guard: a and 5", "guard: not a or 5"], id="a default stays"),
        pytest.param(
            "a or b < c", ["guard: a and b < c", "guard: not a or b < c"],
            id="a comparison is turned once",
        ),
    ],
)  # fmt: skip
def test_an_expression_has_these_mutants(text: str, expected: list[str]) -> None:
    found = [f"{it.kind}: {ast.unparse(it.instead)}" for it in changes_of(expression(text))]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a", ["not a"], id="a name"),
        pytest.param("not a", ["a"], id="a negation"),
        pytest.param("a and b", ["not (a and b)"], id="several"),
        pytest.param("a < b", [], id="its comparison does it"),
    ],
)
def test_a_condition_is_negated_once(text: str, expected: list[str]) -> None:
    assert [ast.unparse(it.instead) for it in condition_change(expression(text))] == expected
