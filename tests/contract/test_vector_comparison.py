"""What counts as a difference between an expectation and an answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vectors.comparison import Leniency, differences

EXACT = Leniency()


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        pytest.param({"a": 1}, {"a": 1, "b": 2}, id="more at the top level"),
        pytest.param({"a": 1}, {"a": 1.0}, id="an integer as a double"),
        pytest.param({"a": [1, 2]}, {"a": (1, 2)}, id="a tuple for a list"),
        pytest.param({"a": None}, {"a": None}, id="null"),
    ],
)
def test_equal(expected: dict[str, Any], answer: dict[str, Any]) -> None:
    assert list(differences(expected, answer, EXACT)) == []


@pytest.mark.parametrize(
    ("expected", "answer", "path"),
    [
        pytest.param({"a": 1}, {}, "expected.a:", id="a key is missing"),
        pytest.param({"a": None}, {}, "expected.a:", id="a key whose value is null is missing"),
        pytest.param({"a": {}}, {"a": {"b": 1}}, "expected.a.b:", id="more below the top level"),
        pytest.param({"a": True}, {"a": 1}, "expected.a:", id="one is not true"),
        pytest.param({"a": [1, 2]}, {"a": [2, 1]}, "expected.a[0]:", id="another order"),
        pytest.param({"a": [1]}, {"a": [1, 1]}, "expected.a:", id="another length"),
        pytest.param({"a": "1"}, {"a": 1}, "expected.a:", id="text is not a number"),
        pytest.param({"a": {}}, {"a": None}, "expected.a:", id="nothing for a mapping"),
    ],
)
def test_different(expected: dict[str, Any], answer: dict[str, Any], path: str) -> None:
    report = list(differences(expected, answer, EXACT))
    assert report
    assert report[0].startswith(path)


def test_an_unordered_list_is_compared_as_a_bag() -> None:
    leniency = Leniency(unordered=("rows.*.names",))
    expected = {"rows": [{"names": ["a", "b"]}]}
    assert list(differences(expected, {"rows": [{"names": ["b", "a"]}]}, leniency)) == []
    assert list(differences(expected, {"rows": [{"names": ["b", "b"]}]}, leniency)) != []


def test_a_mapping_said_to_be_partial_may_hold_more_but_not_less() -> None:
    leniency = Leniency(partial=("allowed",))
    expected = {"allowed": {"Empty": 1}}
    assert list(differences(expected, {"allowed": {"Empty": 1, "Old": 2}}, leniency)) == []
    assert len(list(differences(expected, {"allowed": {"Empty": 2, "Old": 2}}, leniency))) == 1
    assert len(list(differences(expected, {"allowed": {"Old": 2}}, leniency))) == 1


def test_a_waived_key_is_not_compared_and_its_neighbours_are() -> None:
    leniency = Leniency(waived={"conditions.*.message": "wording"})
    expected = {"conditions": {"Ready": {"message": "x", "reason": "r"}}}
    assert list(differences(expected, {"conditions": {"Ready": {"reason": "r"}}}, leniency)) == []
    wrong = {"conditions": {"Ready": {"reason": "s", "message": "y"}}}
    assert len(list(differences(expected, wrong, leniency))) == 1
