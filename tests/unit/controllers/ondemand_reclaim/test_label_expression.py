"""Label expressions: what is true, and where a mistake stands."""

from __future__ import annotations

import pytest

from kingtide.controllers.ondemand_reclaim.label_expression import (
    MAX_DEPTH,
    MAX_LENGTH,
    ExpressionError,
    holds,
    parse_expression,
)
from kingtide.controllers.ondemand_reclaim.node_filter import expression_of, selection_of

LABELS = {"a": "1", "team": "api", "example.com/pool": "x y", "empty": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("   ", True),
        ("metadata.labels.a == '1'", True),
        ('metadata.labels.a == "2"', False),
        ("metadata.labels.a != '2'", True),
        ("'1' == metadata.labels.a", True),
        ("metadata.labels['example.com/pool'] == 'x y'", True),
        ("metadata.labels.missing == ''", True),
        ("metadata.labels.missing != ''", False),
        ("'missing' in metadata.labels", False),
        ("'empty' in metadata.labels", True),
        ("'missing' not in metadata.labels", True),
        ("metadata.labels.a in ['0', '1']", True),
        ("metadata.labels.a not in ['0', '1']", False),
        ("metadata.labels.a in []", False),
        ("!(metadata.labels.a == '1')", False),
        ("not (metadata.labels.a == '2')", True),
        ("!true || true", True),
        ("true || false && false", True),
        ("(true || false) && false", False),
        ("true and not false or false", True),
        ("metadata.labels.a == '1' && (false || 'team' in metadata.labels)", True),
        ("metadata.labels.a == metadata.labels['a']", True),
        (r"metadata.labels.a == 'it\'s'", False),
    ],
)  # fmt: skip
def test_an_expression_is_true_of_labels_or_not(text: str, expected: bool) -> None:
    assert holds(parse_expression(text), LABELS) is expected


@pytest.mark.parametrize(
    ("text", "column"),
    [
        pytest.param("metadata.labels.a", 18, id="a-text-is-not-true-or-false"),
        pytest.param("metadata.labels.a ==", 21, id="nothing-to-compare-with"),
        pytest.param("metadata.labels.a = '1'", 19, id="one-equals-sign"),
        pytest.param("metadata.name == 'x'", 10, id="no-label"),
        pytest.param("(true", 6, id="not-closed"),
        pytest.param("true true", 6, id="not-joined"),
        pytest.param("!metadata.labels.a == '1'", 20, id="negates-a-text"),
        pytest.param("metadata.labels.a in '1'", 22, id="in-a-text"),
        pytest.param("metadata.labels.a == 'x", 22, id="quote-not-closed"),
        pytest.param("labels.a == 'x'", 1, id="no-metadata"),
        pytest.param("(" * 40 + "true" + ")" * 40, 33, id="too-deep"),
    ],
)
def test_a_mistake_is_told_with_its_column(text: str, column: int) -> None:
    with pytest.raises(ExpressionError, match=rf"^column {column}: "):
        parse_expression(text)


def test_an_expression_has_a_longest_length() -> None:
    with pytest.raises(ExpressionError, match="too many"):
        parse_expression("true || " * (MAX_LENGTH // 8) + "true")
    longest = "true".ljust(MAX_LENGTH)
    assert holds(parse_expression(longest), {})
    with pytest.raises(ExpressionError, match="too many"):
        parse_expression(longest + " ")


def test_a_list_of_labels_becomes_an_expression_that_means_the_same() -> None:
    term = selection_of(("it's=a\\b", "x="), "")
    assert holds(term, {"it's": "a\\b"})
    assert not holds(term, {"it's": "a"})


@pytest.mark.parametrize("required", [("a",), ("=x",), ("a=1", "a=2")])
def test_a_list_of_labels_that_makes_no_sense_is_refused(required: tuple[str, ...]) -> None:
    with pytest.raises(ExpressionError):
        expression_of(required)


def test_a_list_and_an_expression_together_are_refused() -> None:
    with pytest.raises(ExpressionError, match="only one"):
        selection_of(("a=1",), "true")


def test_only_parentheses_within_each_other_are_bounded_not_how_many_there_are() -> None:
    many = " && ".join(["!('b' in metadata.labels)"] * (2 * MAX_DEPTH))
    assert holds(parse_expression(many), LABELS)
