"""What is dropped of an object of a custom kind, and what is put in."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.twin.apiserver.custom.pruning import defaulted, pruned
from kingtide.twin.apiserver.custom.reading import read
from kingtide.twin.apiserver.structural import Structural

TEXT = {"type": "string"}
HEAD = {"apiVersion": "example.com/v1", "kind": "Tide", "metadata": {"name": "t"}}


def schema_of(spec: dict[str, Any]) -> Structural:
    return read({"type": "object", "properties": {"spec": spec}}, "schema")


@pytest.mark.parametrize(
    ("spec", "value", "kept", "dropped"),
    [
        pytest.param(
            {"type": "object", "properties": {"a": TEXT}}, {"a": "1", "b": 2},
            {"a": "1"}, ["spec.b"], id="a field nobody knows",
        ),
        pytest.param(
            {"type": "object", "properties": {"a": TEXT},
             "x-kubernetes-preserve-unknown-fields": True},
            {"a": "1", "b": {"c": 3}}, {"a": "1", "b": {"c": 3}}, [], id="what is kept",
        ),
        pytest.param(
            {"type": "array", "items": {"type": "object", "properties": {"a": TEXT}}},
            [{"a": "1"}, {"b": 2}], [{"a": "1"}, {}], ["spec[1].b"], id="in a list",
        ),
        pytest.param(
            {"type": "object", "additionalProperties": {"type": "object"}},
            {"any": {"b": 2}}, {"any": {}}, ["spec.any.b"], id="in a map",
        ),
        pytest.param(
            {"type": "object", "additionalProperties": True}, {"a": [1]}, {"a": [1]}, [],
            id="a map of anything",
        ),
        pytest.param(
            {"type": "object", "x-kubernetes-embedded-resource": True,
             "properties": {"spec": {"type": "object"}}},
            {**HEAD, "more": 1}, HEAD, ["spec.more"], id="an object within",
        ),
    ],
)  # fmt: skip
def test_what_a_schema_does_not_know_is_dropped_and_told(
    spec: dict[str, Any], value: Any, kept: Any, dropped: list[str]
) -> None:
    found, unknown = pruned({**HEAD, "spec": value}, schema_of(spec))

    assert found == {**HEAD, "spec": kept}
    assert unknown == dropped


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        pytest.param({}, {"a": "x"}, id="unsaid"),
        pytest.param({"a": None}, {"a": "x"}, id="null"),
        pytest.param({"a": "y"}, {"a": "y"}, id="said"),
        pytest.param({"b": [{}]}, {"a": "x", "b": [{"c": 1}]}, id="in a list"),
    ],
)
def test_a_default_stands_where_nobody_wrote(value: Any, filled: Any) -> None:
    element = {"type": "object", "properties": {"c": {"type": "integer", "default": 1}}}
    spec = {
        "type": "object",
        "properties": {"a": TEXT | {"default": "x"}, "b": {"type": "array", "items": element}},
    }
    assert defaulted({**HEAD, "spec": value}, schema_of(spec)) == {**HEAD, "spec": filled}
