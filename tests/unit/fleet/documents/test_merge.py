from __future__ import annotations

import pytest

from kingtide.fleet.documents.merge import laid_over, merged
from kingtide.fleet.documents.tree import place_of, plain
from kingtide.fleet.documents.yaml_tree import parse_yaml


@pytest.mark.parametrize(
    ("lower", "upper", "result"),
    [
        pytest.param("{a: 1}", "{b: 2}", {"a": 1, "b": 2}, id="maps merge"),
        pytest.param("{a: {b: 1}}", "{a: {c: 2}}", {"a": {"b": 1, "c": 2}}, id="at every depth"),
        pytest.param("{a: [1, 2]}", "{a: [3]}", {"a": [3]}, id="lists replace"),
        pytest.param("{a: 1}", "{a: {b: 2}}", {"a": {"b": 2}}, id="a map replaces a value"),
        pytest.param("{a: {b: 2}}", "{a: 1}", {"a": 1}, id="a value replaces a map"),
        pytest.param("{a: 1, b: 2}", "{a: null}", {"b": 2}, id="null removes"),
        pytest.param("{b: 2}", "{a: null}", {"b": 2}, id="null of nothing is nothing"),
    ],
)
def test_the_one_merge_rule(lower: str, upper: str, result: object) -> None:
    tree = merged(parse_yaml(lower.encode(), "lower"), parse_yaml(upper.encode(), "upper"))
    assert plain(tree) == result


def test_every_value_keeps_the_place_it_comes_from() -> None:
    lower, upper = parse_yaml(b"{a: {b: 1, c: 2}}", "lower"), parse_yaml(b"{a: {c: 3}}", "upper")
    tree = merged(lower, upper)
    assert place_of(tree, ("a", "b")).file == "lower"
    assert place_of(tree, ("a", "c")).file == "upper"


def test_layers_that_are_not_there_do_not_count() -> None:
    assert plain(laid_over(None, parse_yaml(b"{a: 1}", "f"), None)) == {"a": 1}
    assert plain(laid_over()) == {}
