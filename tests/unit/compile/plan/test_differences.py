from __future__ import annotations

from decimal import Decimal

import pytest

from kingtide.compile.plan.differences import Difference, differences
from kingtide.fleet.documents.tree import Plain


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param({"a": 1}, {"a": 1}, (), id="the same"),
        pytest.param({"a": 1}, {"a": 2}, (Difference(("a",), "1", "2"),), id="a value"),
        pytest.param({"a": True}, {"a": 1}, (Difference(("a",), "true", "1"),), id="true is not 1"),
        pytest.param({}, {"a": None}, (Difference(("a",), None, "null"),), id="null is something"),
        pytest.param({"a": {"b": 1}}, {}, (Difference(("a",), '{"b": 1}', None),), id="removed"),
        pytest.param(
            {"a": [1, 2]}, {"a": [2, 1]}, (Difference(("a",), "[1, 2]", "[2, 1]"),), id="order"
        ),
        pytest.param(
            {"s": [{"name": "x", "v": 1}, {"name": "y", "v": 1}]},
            {"s": [{"name": "x", "v": 1}, {"name": "y", "v": 2}]},
            (Difference(("s", "y", "v"), "1", "2"),),
            id="items by name",
        ),
        pytest.param(
            {"s": [{"name": "x"}]},
            {"s": [{"name": "y"}]},
            (Difference(("s",), '[{"name": "x"}]', '[{"name": "y"}]'),),
            id="other names",
        ),
        pytest.param(
            {"a": Decimal("0.50")},
            {"a": Decimal("0.6")},
            (Difference(("a",), '"0.50"', '"0.6"'),),
            id="exact fractions",
        ),
    ],
)
def test_fields_that_differ(before: Plain, after: Plain, found: tuple[Difference, ...]) -> None:
    assert tuple(differences(before, after)) == found


def test_fields_come_in_one_order_however_they_were_written() -> None:
    one: Plain = {"b": 1, "a": 1, "c": 1}
    other: Plain = {"c": 2, "a": 2, "d": 2}
    paths = [it.path for it in differences(one, other)]
    assert paths == [("a",), ("b",), ("c",), ("d",)]
