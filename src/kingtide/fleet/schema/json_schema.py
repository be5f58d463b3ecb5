"""JSON Schema (draft 2020-12) of a kind of document, so that editors complete and check it.

It says what can be said of one file: fields, types, patterns, texts. What needs other files, or
two fields at once, only `kingtide check` knows.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from kingtide.aws.instance_types import INSTANCE_TYPES
from kingtide.fleet.documents.field_texts import field_text
from kingtide.fleet.schema.kinds import Kind

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NULL = {"type": "null"}

Schema = dict[str, Any]


def kind_schema(name: str, kind: Kind) -> Schema:
    """Return the schema of a kind's documents."""
    written = kind.model.model_json_schema(by_alias=True, schema_generator=Documented)
    written = _each(_each(written, _without_foreign_defaults), _named_keys)
    found: Schema = {"$schema": DIALECT, **written, "title": name}
    if kind.overlay or kind.partial:
        # Which layer says a value is for the one who writes to choose, but not which document
        # this is.
        found["$defs"] = {
            key: it if key in ("Metadata", "Waiver") else _each(it, _nullable)
            for key, it in found["$defs"].items()
        }
    if kind.partial:
        found["$defs"] = {
            key: it if key in ("Metadata", "Waiver") else _each(it, _incomplete)
            for key, it in found["$defs"].items()
        }
    return found


def instance_types_schema() -> Schema:
    """Return the schema of a list of instance types."""
    return {
        "$schema": DIALECT,
        "title": "InstanceTypes",
        "description": "EC2 instance types that several groups share, in the order that Auto"
        " Scaling's overrides shall have: the one with the least memory first.",
        "type": "array",
        "minItems": 1,
        "uniqueItems": True,
        "items": {"type": "string", "enum": sorted(INSTANCE_TYPES)},
    }


class Documented(GenerateJsonSchema):
    """Pydantic's generator, with the texts of models and fields, and no title on every field."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return False: the name of a field is its title."""
        del schema
        return False

    def model_schema(self, schema: Any) -> Schema:
        """Return a model's schema, with its text as one paragraph and those of its fields."""
        found = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        found["description"] = inspect.cleandoc(model.__doc__ or "")
        for name, field in model.model_fields.items():
            if text := field_text(model, name):
                found["properties"][field.alias or name]["description"] = text
        return found


def _each(schema: Any, change: Callable[[Schema], Schema]) -> Any:
    """Return a schema with every map within it changed, those below first."""
    if isinstance(schema, list):
        return [_each(item, change) for item in schema]
    if not isinstance(schema, dict):
        return schema
    below = {
        key: {name: _each(it, change) for name, it in value.items()}
        if key in ("properties", "patternProperties", "$defs")
        else value
        if key in ("default", "examples", "const", "enum", "required")
        else _each(value, change)
        for key, value in schema.items()
    }
    return change(below)


def _without_foreign_defaults(schema: Schema) -> Schema:
    """Leave out a default that is not in the form in which a user writes the field.

    Defaults are told by pydantic in the program's units (milliseconds); maps and lists that are
    empty, or hold defaults of their own, say nothing.
    """
    default = schema.get("default")
    kept = isinstance(default, bool | str) or (
        isinstance(default, int) and "integer" in schema.get("type", "")
    )
    found = schema if kept else {k: v for k, v in schema.items() if k != "default"}
    if "description" in found:
        found = {**found, "description": " ".join(str(found["description"]).split())}
    return found


def _named_keys(schema: Schema) -> Schema:
    """Say the pattern of a map's keys as such: a key that is none is then told as that."""
    patterns: Mapping[str, Any] = schema.get("patternProperties", {})
    if len(patterns) != 1:
        return schema
    ((pattern, value),) = patterns.items()
    rest = {k: v for k, v in schema.items() if k != "patternProperties"}
    return {**rest, "propertyNames": {"pattern": pattern}, "additionalProperties": value}


def _nullable(schema: Schema) -> Schema:
    """Let null take away every field and every named entry."""
    found = dict(schema)
    if "properties" in found:
        found["properties"] = {name: _or_null(it) for name, it in found["properties"].items()}
    if isinstance(found.get("additionalProperties"), dict):
        found["additionalProperties"] = _or_null(found["additionalProperties"])
    return found


def _or_null(schema: Schema) -> Schema:
    forms = schema.get("anyOf", ())
    if not schema or _NULL in forms:
        return schema
    if forms:
        return {**schema, "anyOf": [*forms, _NULL]}
    told: Schema = {k: schema[k] for k in ("description", "default", "examples") if k in schema}
    rest = {k: v for k, v in schema.items() if k not in told}
    return {"anyOf": [rest, _NULL], **told}


def _incomplete(schema: Schema) -> Schema:
    """Let a document leave out what others say."""
    return {key: value for key, value in schema.items() if key != "required"}
