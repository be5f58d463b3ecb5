"""The reference page of the fleet's documents: every kind, field, type, default and text.

Made from the JSON Schemas, so that the page and an editor say the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from kingtide.fleet.fields import DURATION_FORMS, FACTOR_SCHEMA, PERCENT_SCHEMA, QUANTITY_SCHEMA
from kingtide.fleet.schema.json_schema import Schema, kind_schema
from kingtide.fleet.schema.kinds import FLEET_KINDS, Kind

HEAD = """\
# The fleet's documents

<!-- Made by `python -m kingtide.fleet.schema.reference_page`: change the models' own texts in
     src/kingtide/fleet/models and src/kingtide/fleet/policies, not this page. -->

Every kind of document of a fleet's folder, with every field. A document has `apiVersion:
fleet.kingtide.dev/v1alpha1`, its `kind`, `metadata` and `spec`; fields that are not here are
refused. What a cluster says lies over its class, that over its stage, that over the fleet: maps
merge, everything else replaces, null takes away. `kingtide explain CLUSTER FIELD` says which file
set a value; `kingtide schema` gives these tables to an editor. The guide is
[The fleet as code](../guides/fleet-as-code.md).

A *duration* is written as `90s`, `5m` or `1h30m`; a *quantity* as Kubernetes does, `500m` of CPU
or `4Gi` of memory; a *share* as `0.7` or `70%`; a *factor* as `1.03` or `103%`; a *name* has up to
63 lower-case letters, digits and dashes.
"""

_DURATION_PATTERN = DURATION_FORMS[0]["pattern"]
_WORDS: Mapping[str, str] = {
    _DURATION_PATTERN: "duration",
    QUANTITY_SCHEMA["pattern"]: "quantity",
    PERCENT_SCHEMA["pattern"]: "share",
    FACTOR_SCHEMA["pattern"]: "factor",
}
_MANY = {"name": "names", "text": "texts", "whole number": "whole numbers"}
_NAME_PATTERN = "^[a-z0-9]"


def page() -> str:
    """Return the page's text."""
    lines = [HEAD]
    told: set[str] = set()
    for name, kind in FLEET_KINDS.items():
        lines += _of_kind(name, kind, told)
    return "\n".join(lines)


def _of_kind(name: str, kind: Kind, told: set[str]) -> Iterator[str]:
    schema = kind_schema(name, msgspec.structs.replace(kind, overlay=False))
    yield f"## {name}\n"
    yield f"{_sentence(schema)} It stands in `{kind.files}`.\n"
    for model in _models(schema):
        if model in told:
            continue
        told.add(model)
        described = schema["$defs"][model]
        yield f"### {_heading(model)}\n"
        yield f"{_sentence(described)}\n"
        yield "| field | type | default | what it says |"
        yield "|---|---|---|---|"
        required = described.get("required", ())
        for field, value in described.get("properties", {}).items():
            # A field that is as its model says has no text of its own.
            told_elsewhere = _sentence(schema["$defs"][_target(value)]) if "$ref" in value else ""
            yield _row(field, value, told_elsewhere, required=field in required)
        yield ""


def _models(schema: Schema) -> list[str]:
    """Return the names of models in the order in which a reader meets them."""
    found: dict[str, None] = {}
    waiting = [_referred(schema["properties"][part]) for part in ("spec", "metadata")]
    while waiting:
        names = waiting.pop(0)
        for name in names:
            if name in found:
                continue
            found[name] = None
            waiting.insert(0, _referred(schema["$defs"][name].get("properties", {})))
    return list(found)


def _referred(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for item in schema for name in _referred(item)]
    if not isinstance(schema, dict):
        return []
    own = [_target(schema)] if "$ref" in schema else []
    return own + [name for value in schema.values() for name in _referred(value)]


def _target(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _heading(model: str) -> str:
    return model.removeprefix("Written")


def _sentence(schema: Schema) -> str:
    return str(schema.get("description", ""))


def _row(field: str, schema: Schema, told_elsewhere: str, *, required: bool) -> str:
    text, default = _sentence(schema) or told_elsewhere, schema.get("default")
    if " Default: " in text:
        # Controllers' settings tell their defaults at the end of their texts.
        text, _, shown = text.rpartition(" Default: ")
        shown = f"`{shown.removesuffix('.')}`"
    elif required:
        shown = "required"
    else:
        shown = "none" if default in (None, "") else f"`{_json(default)}`"
    cells = [f"`{field}`", _type(schema), shown, text.replace("|", "\\|")]
    return f"| {' | '.join(cells)} |"


def _json(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _type(schema: Schema) -> str:
    """Return a field's type in words, with a link where a table of its own says what is in it."""
    if "anyOf" in schema:
        forms = [form for form in schema["anyOf"] if form not in ({"type": "null"}, {"const": 0})]
        return " or ".join(dict.fromkeys(_type(form) for form in forms))
    if "allOf" in schema:
        return _type(schema["allOf"][0])
    if "$ref" in schema:
        heading = _heading(_target(schema))
        return f"[{heading}](#{heading.lower()})"
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return ", ".join(f"`{_json(value)}`" for value in values)
    return _plain_type(schema)


def _plain_type(schema: Schema) -> str:
    pattern = schema.get("pattern", "")
    if pattern in _WORDS:
        return _WORDS[pattern]
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            return f"`[`{', '.join(_type(item) for item in schema['prefixItems'])}`]`"
        case "array":
            item = _type(schema.get("items", {}))
            return f"list of {_MANY.get(item, item)}"
        case "object":
            value = schema.get("additionalProperties")
            return f"{_type(value)} by name" if isinstance(value, dict) else "map"
        case ["integer", "string"]:
            return "number or percentage"
        case "integer" | "number" as kind:
            return _number(kind, schema)
        case "boolean":
            return "`true` or `false`"
        case "string" if schema.get("format") == "date":
            return "date"
        case "string":
            return "name" if pattern.startswith(_NAME_PATTERN) else "text"
    return "anything"


def _number(kind: str, schema: Schema) -> str:
    word = "whole number" if kind == "integer" else "number"
    lowest, highest = schema.get("minimum"), schema.get("maximum")
    if lowest is not None and highest is not None:
        return f"{word}, {lowest} to {highest}"
    if lowest is not None:
        return f"{word}, {lowest} or more"
    return word


if __name__ == "__main__":
    sys.stdout.write(page())
