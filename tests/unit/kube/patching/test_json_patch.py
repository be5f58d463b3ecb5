"""Operations by the cases of RFC 6902's appendix A, and what goes wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from kingtide.kube.patching.json_patch import Operation, OperationFailed, json_patched


def done(document: Any, *operations: dict[str, Any]) -> Any:
    return json_patched(document, [msgspec.convert(it, Operation) for it in operations])


@pytest.mark.parametrize(
    ("document", "operation", "expected"),
    [
        (
            {"foo": "bar"},
            {"op": "add", "path": "/baz", "value": "qux"},
            {"baz": "qux", "foo": "bar"},
        ),
        (
            {"foo": ["a", "b"]},
            {"op": "add", "path": "/foo/1", "value": "q"},
            {"foo": ["a", "q", "b"]},
        ),
        ({"baz": 1, "foo": 2}, {"op": "remove", "path": "/baz"}, {"foo": 2}),
        ({"foo": ["a", "b", "c"]}, {"op": "remove", "path": "/foo/1"}, {"foo": ["a", "c"]}),
        ({"baz": 1}, {"op": "replace", "path": "/baz", "value": 2}, {"baz": 2}),
        (
            {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
            {"op": "move", "from": "/foo/waldo", "path": "/qux/thud"},
            {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
        ),
        (
            {"foo": ["all", "grass", "cows", "eat"]},
            {"op": "move", "from": "/foo/1", "path": "/foo/3"},
            {"foo": ["all", "cows", "eat", "grass"]},
        ),
        (
            {"foo": 1},
            {"op": "add", "path": "/child", "value": {"a": {}}},
            {"foo": 1, "child": {"a": {}}},
        ),
        ({"foo": ["b"]}, {"op": "add", "path": "/foo/-", "value": ["a"]}, {"foo": ["b", ["a"]]}),
        ({"/": 9, "~1": 10}, {"op": "replace", "path": "/~01", "value": 8}, {"/": 9, "~1": 8}),
        ({"/": 9}, {"op": "replace", "path": "/~1", "value": 8}, {"/": 8}),
        ({"a": 1}, {"op": "replace", "path": "", "value": {"b": 2}}, {"b": 2}),
        (
            {"a": {"b": [1]}},
            {"op": "copy", "from": "/a/b", "path": "/c"},
            {"a": {"b": [1]}, "c": [1]},
        ),
        ({"a": 1}, {"op": "add", "path": "/a", "value": None}, {"a": None}),
        ({"a": 1}, {"op": "move", "from": "/a", "path": "/a"}, {"a": 1}),
    ],
)
def test_an_operation_changes_what_its_path_says(
    document: Any, operation: dict[str, Any], expected: Any
) -> None:
    assert done(document, operation) == expected


@pytest.mark.parametrize(
    ("value", "tested", "same"),
    [
        (1, Decimal("1.0"), True),
        (1, True, False),
        ("1", 1, False),
        (None, None, True),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, True),
        ([1, 2], [2, 1], False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
    ],
    ids=repr,
)
def test_a_test_compares_as_json_does(value: Any, tested: Any, *, same: bool) -> None:
    operation = {"op": "test", "path": "/v", "value": tested}
    if same:
        assert done({"v": value}, operation) == {"v": value}
        return
    with pytest.raises(OperationFailed, match="is not what the test expects"):
        done({"v": value}, operation)


@pytest.mark.parametrize(
    ("operation", "wrong"),
    [
        ({"op": "remove", "path": "/lits"}, "there is no 'lits'"),
        ({"op": "replace", "path": "/other", "value": 1}, "there is no 'other'"),
        ({"op": "add", "path": "/other/a", "value": 1}, "there is no 'other'"),
        ({"op": "add", "path": "/list/3", "value": 1}, "a list of 2 has no item '3'"),
        ({"op": "replace", "path": "/list/2", "value": 1}, "a list of 2 has no item '2'"),
        ({"op": "add", "path": "/list/01", "value": 1}, "a list of 2 has no item '01'"),
        ({"op": "remove", "path": "/list/-"}, "a list of 2 has no item '-'"),
        ({"op": "add", "path": "/one/a", "value": 1}, "nothing can be added below"),
        ({"op": "remove", "path": "/one/a"}, "nothing stands below a single value"),
        ({"op": "remove", "path": ""}, "a document cannot be removed"),
        ({"op": "add", "path": "list", "value": 1}, "'list' is not a path"),
        ({"op": "add", "path": "/a~2", "value": 1}, "holds a ~ by itself"),
        ({"op": "add", "path": "/a"}, "has no value"),
        ({"op": "copy", "path": "/a"}, "has no from"),
        ({"op": "move", "path": "/map/in/deep", "from": "/map"}, "cannot be moved into itself"),
    ],
    ids=lambda it: it if isinstance(it, str) else f"{it['op']} {it['path']}",
)
def test_what_cannot_be_done_is_told(operation: dict[str, Any], wrong: str) -> None:
    document: Any = {"list": [1, 2], "one": 1, "map": {"in": {}}}
    with pytest.raises(OperationFailed, match=wrong):
        done(document, operation)


def test_a_failure_names_its_operation_and_leaves_the_document_as_it_was() -> None:
    document: Any = {"a": [1]}
    with pytest.raises(OperationFailed) as caught:
        done(document, {"op": "add", "path": "/a/-", "value": 2}, {"op": "remove", "path": "/b"})
    assert caught.value.index == 1
    assert document == {"a": [1]}


def test_a_value_that_stands_twice_in_the_document_is_changed_once() -> None:
    shared: Any = {"cpu": "1"}
    document: Any = {"limits": shared, "requests": shared}
    changed = done(document, {"op": "replace", "path": "/limits/cpu", "value": "2"})
    assert changed == {"limits": {"cpu": "2"}, "requests": {"cpu": "1"}}
