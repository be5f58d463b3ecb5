"""Words and verdicts are those of apiextensions-apiserver v0.36, written down by hand."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.twin.apiserver.custom.checking import violations
from kingtide.twin.apiserver.custom.reading import NotStructural, read

AT = "spec.versions[0].schema.openAPIV3Schema"


def told(value: Any, **schema: Any) -> list[str]:
    """Return what is said of a `spec.it` whose schema is this."""
    spec = {"type": "object", "properties": {"it": schema}}
    found = read({"type": "object", "properties": {"spec": spec}}, AT)
    return [f"{it.field}: {it.message}" for it in violations({"spec": {"it": value}}, found)]


@pytest.mark.parametrize(
    ("value", "schema", "said"),
    [
        pytest.param(
            "x", {"type": "integer"},
            'spec.it: Invalid value: "string": spec.it in body must be of type integer: "string"',
            id="a text for a number",
        ),
        pytest.param(
            True, {"type": "integer"},
            'spec.it: Invalid value: "boolean": spec.it in body must be of type integer: "boolean"',
            id="true is no number",
        ),
        pytest.param(
            None, {"type": "string"},
            'spec.it: Invalid value: "null": spec.it in body must be of type string: "null"',
            id="null",
        ),
        pytest.param(
            1.5, {"x-kubernetes-int-or-string": True},
            'spec.it: Invalid value: "number": spec.it in body must be of type integer,string:'
            ' "number"',
            id="neither number nor text",
        ),
        pytest.param(
            "c", {"type": "string", "enum": ["a", "b"]},
            'spec.it: Unsupported value: "c": supported values: "a", "b"',
            id="none of an enum",
        ),
        pytest.param(
            True, {"type": "boolean", "enum": [1]},
            "spec.it: Unsupported value: True: supported values: 1",
            id="true is not 1",
        ),
        pytest.param(
            0, {"type": "integer", "minimum": 1},
            "spec.it: Invalid value: 0: spec.it in body should be greater than or equal to 1",
            id="too small",
        ),
        pytest.param(
            10, {"type": "integer", "maximum": 10, "exclusiveMaximum": True},
            "spec.it: Invalid value: 10: spec.it in body should be less than 10",
            id="just too large",
        ),
        pytest.param(
            7, {"type": "integer", "multipleOf": 2},
            "spec.it: Invalid value: 7: spec.it in body should be a multiple of 2",
            id="no multiple",
        ),
        pytest.param(
            "ab1", {"type": "string", "pattern": "^[a-z]+$"},
            "spec.it: Invalid value: \"ab1\": spec.it in body should match '^[a-z]+$'",
            id="another pattern",
        ),
        pytest.param(
            "", {"type": "string", "minLength": 1},
            'spec.it: Invalid value: "": spec.it in body should be at least 1 chars long',
            id="too short",
        ),
        pytest.param(
            "abc", {"type": "string", "maxLength": 2},
            "spec.it: Too long: may not be more than 2 bytes",
            id="too long",
        ),
        pytest.param(
            [1, 2], {"type": "array", "items": {"type": "integer"}, "maxItems": 1},
            "spec.it: Too many: 2: must have at most 1 items",
            id="too many",
        ),
        pytest.param(
            [1, "b"], {"type": "array", "items": {"type": "integer"}},
            'spec.it[1]: Invalid value: "string": spec.it[1] in body must be of type integer:'
            ' "string"',
            id="an element",
        ),
        pytest.param(
            {"a": {}}, {
                "type": "object",
                "additionalProperties": {"type": "object", "required": ["b"]},
            },
            "spec.it.a.b: Required value",
            id="a field that a map's value lacks",
        ),
        pytest.param(
            {}, {"type": "object", "minProperties": 1},
            "spec.it: Invalid value: {}: spec.it in body should have at least 1 properties",
            id="too few fields",
        ),
        pytest.param(
            {"a": 1, "b": 1}, {
                "type": "object", "x-kubernetes-preserve-unknown-fields": True,
                "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
            },
            'spec.it: Invalid value: "": "spec.it" must validate one and only one schema (oneOf).'
            " Found 2 valid alternatives",
            id="two of one",
        ),
        pytest.param(
            {}, {"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
            'spec.it: Invalid value: "": "spec.it" must validate at least one schema (anyOf)',
            id="none of any",
        ),
        pytest.param(
            "a", {"type": "string", "not": {"enum": ["a"]}},
            'spec.it: Invalid value: "": "spec.it" must not validate the schema (not)',
            id="what is excluded",
        ),
    ],
)  # fmt: skip
def test_a_value_that_may_not_be_so_is_told(value: Any, schema: dict[str, Any], said: str) -> None:
    assert told(value, **schema) == [said]


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        pytest.param(None, {"type": "string", "nullable": True}, id="null that may be"),
        pytest.param(2.0, {"type": "integer"}, id="a whole double"),
        pytest.param(2, {"type": "number"}, id="a whole number"),
        pytest.param("10%", {"x-kubernetes-int-or-string": True}, id="a share"),
        pytest.param("xay", {"type": "string", "pattern": "a"}, id="a pattern within"),
        pytest.param({"any": [1]}, {"x-kubernetes-preserve-unknown-fields": True}, id="anything"),
    ],
)
def test_a_value_that_may_be_so_is_not_told(value: Any, schema: dict[str, Any]) -> None:
    assert told(value, **schema) == []


def test_a_field_that_an_object_lacks_is_told_from_its_top() -> None:
    schema = read(
        {
            "type": "object",
            "required": ["spec"],
            "properties": {"spec": {"type": "object"}},
        },
        AT,
    )
    assert [it.field for it in violations({"metadata": {"name": "a"}}, schema)] == ["spec"]


@pytest.mark.parametrize(
    ("schema", "field", "said"),
    [
        pytest.param({}, AT, "must be object", id="nothing"),
        pytest.param({"type": "string"}, f"{AT}.type", "must be object", id="no object"),
        pytest.param(
            {"type": "object", "properties": {"a": {}}}, f"{AT}.properties[a].type",
            "must not be empty for specified object fields", id="a field without a type",
        ),
        pytest.param(
            {"type": "object", "properties": {"a": {"type": "text"}}}, f"{AT}.properties[a].type",
            'Unsupported value: "text"', id="no type",
        ),
        pytest.param(
            {"type": "object", "properties": {"a": {"type": "string", "pattern": "(?=x)"}}},
            f"{AT}.properties[a].pattern", "must be a valid regular expression",
            id="a pattern that Go has not",
        ),
        pytest.param(
            {"type": "object", "properties": {"a": {"$ref": "#/b"}}}, f"{AT}.properties[a].$ref",
            "$ref is not supported", id="a reference",
        ),
    ],
)  # fmt: skip
def test_a_schema_that_is_not_structural_is_told(
    schema: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(NotStructural) as refused:
        read(schema, AT)
    assert any(it.field.startswith(field) and said in it.message for it in refused.value.causes)
