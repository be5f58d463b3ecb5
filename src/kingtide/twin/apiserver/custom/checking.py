"""An object of a custom kind held against its schema, in the words of Kubernetes.

Source of the words: pkg/apiserver/validation/validation.go of
https://github.com/kubernetes/apiextensions-apiserver/tree/v0.36.0 and pkg/validation of
https://github.com/kubernetes/kube-openapi (release 1.36). Formats are not checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from kingtide.twin.apiserver.causes import Cause, invalid_value, required
from kingtide.twin.apiserver.structural import Structural

_UNSTRUCTURED = ("apiVersion", "kind", "metadata")


def violations(body: Mapping[str, Any], schema: Structural) -> Iterator[Cause]:
    """Yield everything that an object is and may not be."""
    rest = {name: it for name, it in body.items() if name not in _UNSTRUCTURED}
    for name in schema.required:
        if name not in body:
            yield required(name)
    yield from _of_fields(rest, schema, "")
    yield from _of_bounds(rest, schema, "")
    yield from _of_groups(rest, schema, "")


def _of(value: Any, schema: Structural, at: str) -> Iterator[Cause]:
    if value is None and schema.is_nullable:
        return
    if not _is_of_type(value, schema):
        wanted = "integer,string" if schema.is_int_or_string else schema.type
        said = _type_of(value)
        text = f'{at} in body must be of type {wanted}: "{said}"'
        yield Cause(at, f'Invalid value: "{said}": {text}', "FieldValueTypeInvalid")
        return
    if schema.enum and not any(_is_same(value, it) for it in schema.enum):
        supported = ", ".join(f'"{it}"' if isinstance(it, str) else f"{it}" for it in schema.enum)
        said = f'"{value}"' if isinstance(value, str) else f"{value}"
        text = f"Unsupported value: {said}: supported values: {supported}"
        yield Cause(at, text, "FieldValueNotSupported")
    if isinstance(value, dict):
        for name in schema.required:
            if name not in value:
                yield required(f"{at}.{name}")
        yield from _of_fields(value, schema, at)
    elif isinstance(value, list) and schema.items is not None:
        for number, it in enumerate(value):
            yield from _of(it, schema.items, f"{at}[{number}]")
    if isinstance(value, str) and schema.pattern and not schema.pattern.search(value):
        why = f"{at} in body should match '{schema.document['pattern']}'"
        yield invalid_value(at, value, why)
    yield from _of_bounds(value, schema, at)
    yield from _of_groups(value, schema, at)


def _of_fields(value: Mapping[str, Any], schema: Structural, at: str) -> Iterator[Cause]:
    for name, it in value.items():
        known = schema.properties.get(name, schema.additional)
        if known is not None:
            yield from _of(it, known, f"{at}.{name}" if at else name)


# ------------------------------------------------------------ limits


def _of_bounds(value: Any, schema: Structural, at: str) -> Iterator[Cause]:
    for name, limit in schema.bounds.items():
        size = _size(value, name)
        cause = None if size is None else _beyond(value, size, name, limit, schema, at)
        if cause is not None:
            yield cause


def _size(value: Any, name: str) -> int | float | None:
    """Return what a limit of some name is about in a value, None for nothing."""
    if isinstance(value, str):
        return len(value) if name.endswith("Length") else None
    if isinstance(value, list):
        return len(value) if name.endswith("Items") else None
    if isinstance(value, dict):
        return len(value) if name.endswith("Properties") else None
    if isinstance(value, bool) or name not in ("minimum", "maximum", "multipleOf"):
        return None
    return value if isinstance(value, (int, float)) else None


def _beyond(
    value: Any, size: float, name: str, limit: Any, schema: Structural, at: str
) -> Cause | None:
    said = f"{at} in body should"
    match name:
        case "minimum":
            open_end = schema.document.get("exclusiveMinimum") is True
            if size < limit or (open_end and size == limit):
                than = "greater than" if open_end else "greater than or equal to"
                return invalid_value(at, value, f"{said} be {than} {limit}")
        case "maximum":
            open_end = schema.document.get("exclusiveMaximum") is True
            if size > limit or (open_end and size == limit):
                than = "less than" if open_end else "less than or equal to"
                return invalid_value(at, value, f"{said} be {than} {limit}")
        case "multipleOf":
            if limit and Decimal(str(size)) % Decimal(str(limit)):
                return invalid_value(at, value, f"{said} be a multiple of {limit}")
        case "minLength" | "minItems" | "minProperties" if size < limit:
            what = {"minLength": "chars long", "minItems": "items"}.get(name, "properties")
            verb = "be" if name == "minLength" else "have"
            return invalid_value(at, value, f"{said} {verb} at least {limit} {what}")
        case "maxLength" if size > limit:
            text = f"Too long: may not be more than {limit} bytes"
            return Cause(at, text, "FieldValueTooLong")
        case "maxItems" | "maxProperties" if size > limit:
            text = f"Too many: {size}: must have at most {limit} items"
            return Cause(at, text, "FieldValueTooMany")
    return None


# ------------------------------------------------------------ schemas of schemas


def _of_groups(value: Any, schema: Structural, at: str) -> Iterator[Cause]:
    for each in schema.groups.get("allOf", ()):
        yield from _of(value, each, at)
    said = f'"{at}" must'
    any_of = schema.groups.get("anyOf", ())
    if any_of and not any(_holds(value, it, at) for it in any_of):
        yield invalid_value(at, "", f"{said} validate at least one schema (anyOf)")
    one_of = schema.groups.get("oneOf", ())
    count = sum(_holds(value, it, at) for it in one_of)
    if one_of and count != 1:
        found = "Found none valid" if count == 0 else f"Found {count} valid alternatives"
        why = f"{said} validate one and only one schema (oneOf). {found}"
        yield invalid_value(at, "", why)
    if schema.excluded is not None and _holds(value, schema.excluded, at):
        yield invalid_value(at, "", f"{said} not validate the schema (not)")


def _holds(value: Any, schema: Structural, at: str) -> bool:
    return next(_of(value, schema, at), None) is None


# ------------------------------------------------------------ types


def _is_of_type(value: Any, schema: Structural) -> bool:
    if schema.is_int_or_string:
        return isinstance(value, (int, str)) and not isinstance(value, bool)
    if not schema.type:
        return True
    said = _type_of(value)
    if said == "number" and schema.type == "integer":
        return bool(value == int(value))  # 1.0 is one
    return said == schema.type or (said == "integer" and schema.type == "number")


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _is_same(a: Any, b: Any) -> bool:
    """Return whether two JSON values are equal: True is not 1 there."""
    return a == b and isinstance(a, bool) is isinstance(b, bool)
