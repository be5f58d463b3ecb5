"""Reads the schema that a definition has for the objects of its kind.

Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
#specifying-a-structural-schema, and pkg/apiserver/schema of
https://github.com/kubernetes/apiextensions-apiserver/tree/v0.36.0. Rules in CEL
(x-kubernetes-validations) are kept and not followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import re2

from kingtide.twin.apiserver.causes import Cause, invalid_value, required
from kingtide.twin.apiserver.structural import Structural

MAX_DEPTH = 60
"""How deep a schema may be; the deepest of a well-known operator's has about 25 levels."""
TYPES = ("array", "boolean", "integer", "number", "object", "string")
_BOUNDS = (
    "minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems",
    "minProperties", "maxProperties",
)  # fmt: skip
_GROUPS = ("allOf", "anyOf", "oneOf")


def read(written: Any, at: str) -> Structural:
    """Return a schema that was written at a place of its definition.

    Raises:
        NotStructural: it is none, with everything that is wrong.
    """
    wrong: list[Cause] = []
    found = _read(written, at, wrong, 0, is_value=True)
    if isinstance(written, dict) and written.get("type") != "object":
        wrong.append(invalid_value(f"{at}.type", written.get("type", ""), "must be object"))
    if wrong:
        raise NotStructural(wrong)
    return found


class NotStructural(Exception):
    """A schema cannot be one of a custom kind."""

    def __init__(self, causes: list[Cause]) -> None:
        super().__init__(causes[0].message)
        self.causes = causes


def _read(written: Any, at: str, wrong: list[Cause], depth: int, *, is_value: bool) -> Structural:
    """Return a schema; one that is no value's own (of allOf and its like) need not say a type."""
    if not isinstance(written, dict) or depth > MAX_DEPTH:
        why = "must be a schema" if depth <= MAX_DEPTH else f"is deeper than {MAX_DEPTH} levels"
        wrong.append(invalid_value(at, None, why))
        return Structural("", {}, {})
    wrong.extend(_wrong(written, at, is_value=is_value))

    def below(part: Any, place: str, *, own: bool = is_value) -> Structural:
        return _read(part, f"{at}.{place}", wrong, depth + 1, is_value=own)

    properties, additional = written.get("properties"), written.get("additionalProperties")
    items, excluded = written.get("items"), written.get("not")
    return Structural(
        type=_text(written.get("type")),
        document=written,
        properties={
            name: below(it, f"properties[{name}]")
            for name, it in (properties if isinstance(properties, dict) else {}).items()
        },
        additional=below(additional, "additionalProperties")
        if isinstance(additional, dict)
        else None,
        items=None if items is None else below(items, "items"),
        required=tuple(it for it in _list(written.get("required")) if isinstance(it, str)),
        enum=tuple(_list(written.get("enum"))),
        bounds={name: written[name] for name in _BOUNDS if _is_number(written.get(name))},
        pattern=_pattern(written.get("pattern"), at, wrong),
        groups={
            group: tuple(
                below(it, f"{group}[{number}]", own=False)
                for number, it in enumerate(_list(written[group]))
            )
            for group in _GROUPS
            if written.get(group)
        },
        excluded=None if excluded is None else below(excluded, "not", own=False),
        is_nullable=written.get("nullable") is True,
        is_int_or_string=written.get("x-kubernetes-int-or-string") is True,
        keeps_unknown=written.get("x-kubernetes-preserve-unknown-fields") is True
        or additional is True,
        is_embedded=written.get("x-kubernetes-embedded-resource") is True,
    )


def _wrong(written: Mapping[str, Any], at: str, *, is_value: bool) -> Iterator[Cause]:
    kind = written.get("type", "")
    free = ("x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields")
    if not kind and is_value and not any(written.get(it) for it in free):
        yield required(f"{at}.type", "must not be empty for specified object fields")
    elif kind and kind not in TYPES:
        supported = ", ".join(f'"{it}"' for it in TYPES)
        text = f'Unsupported value: "{kind}": supported values: {supported}'
        yield Cause(f"{at}.type", text, "FieldValueNotSupported")
    if kind == "array" and is_value and not written.get("items"):
        yield required(f"{at}.items", "must be specified")
    if written.get("properties") and written.get("additionalProperties") is not None:
        why = "additionalProperties and properties are mutual exclusive"
        yield Cause(f"{at}.additionalProperties", f"Forbidden: {why}", "FieldValueForbidden")
    if "$ref" in written:
        yield Cause(f"{at}.$ref", "Forbidden: $ref is not supported", "FieldValueForbidden")


def _pattern(written: Any, at: str, wrong: list[Cause]) -> Any:
    if not written:
        return None
    try:
        return re2.compile(written)
    except (re2.error, TypeError) as error:
        wrong.append(
            invalid_value(f"{at}.pattern", written, f"must be a valid regular expression: {error}")
        )
        return None


def _list(written: Any) -> list[Any]:
    return written if isinstance(written, list) else []


def _text(written: Any) -> str:
    return written if isinstance(written, str) else ""


def _is_number(written: Any) -> bool:
    return isinstance(written, (int, float)) and not isinstance(written, bool)
