"""Checks a document against a JSON Schema, as far as our schemas go.

No JSON Schema library is among our dependencies. These are the keywords that our schemas use, after
https://json-schema.org/draft/2020-12/json-schema-validation; any other one is refused, so that
nothing stays unchecked in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

ANNOTATIONS = {"$schema", "$defs", "title", "description", "default", "examples", "format"}
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float, Decimal),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


class Here(NamedTuple):
    """A value with its path, what is asked of it, and where definitions are."""

    value: Any
    at: str
    schema: Any
    root: Any

    def below(self, schema: Any, value: Any, step: str = "") -> Iterator[str]:
        return faults(schema, value, self.root, f"{self.at}{step}")

    @property
    def entries(self) -> dict[str, Any]:
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Any]:
        return self.value if isinstance(self.value, list) else []


def faults(schema: Any, value: Any, root: Any = None, at: str = "") -> Iterator[str]:
    """Yield what a value has wrong, as `path: what`."""
    here = Here(value, at, schema, schema if root is None else root)
    for keyword, wanted in schema.items():
        if keyword not in ANNOTATIONS:
            yield from KEYWORDS[keyword](wanted, here)


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, TYPES[kind])


def _any_of(wanted: Any, here: Here) -> Iterator[str]:
    tried = [list(here.below(form, here.value)) for form in wanted]
    if all(tried):
        # What got furthest is most likely what was meant.
        yield from max(tried, key=lambda found: found[0].partition(":")[0].count("."))


def _type(wanted: Any, here: Here) -> Iterator[str]:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if not any(_is(here.value, kind) for kind in kinds):
        yield f"{here.at}: is no {' or '.join(kinds)}"


def _const(wanted: Any, here: Here) -> Iterator[str]:
    if here.value != wanted or isinstance(here.value, bool) is not isinstance(wanted, bool):
        yield f"{here.at}: is not {wanted}"


def _pattern(wanted: Any, here: Here) -> Iterator[str]:
    if isinstance(here.value, str) and not re.search(wanted, here.value, re.ASCII):
        yield f"{here.at}: does not match {wanted}"


def _minimum(wanted: Any, here: Here) -> Iterator[str]:
    if _is(here.value, "number") and here.value < wanted:
        yield f"{here.at}: is below {wanted}"


def _maximum(wanted: Any, here: Here) -> Iterator[str]:
    if _is(here.value, "number") and here.value > wanted:
        yield f"{here.at}: is above {wanted}"


def _properties(wanted: Any, here: Here) -> Iterator[str]:
    for name, value in here.entries.items():
        if name in wanted:
            yield from here.below(wanted[name], value, f".{name}")


def _additional(wanted: Any, here: Here) -> Iterator[str]:
    for name, value in here.entries.items():
        if name in here.schema.get("properties", ()) or wanted is True:
            continue
        if wanted is False:
            yield f"{here.at}.{name}: unknown field"
        else:
            yield from here.below(wanted, value, f".{name}")


def _items(wanted: Any, here: Here) -> Iterator[str]:
    first = len(here.schema.get("prefixItems", ()))
    for index, item in enumerate(here.items[first:], start=first):
        yield from here.below(wanted, item, f"[{index}]")


def _prefix_items(wanted: Any, here: Here) -> Iterator[str]:
    for index, (form, item) in enumerate(zip(wanted, here.items, strict=False)):
        yield from here.below(form, item, f"[{index}]")


def _required(wanted: Any, here: Here) -> Iterator[str]:
    missing = [name for name in wanted if name not in here.entries]
    if isinstance(here.value, dict):
        yield from (f"{here.at}.{name}: is missing" for name in missing)


def _min_items(wanted: Any, here: Here) -> Iterator[str]:
    if isinstance(here.value, list) and len(here.items) < wanted:
        yield f"{here.at}: has {len(here.items)} items, fewer than {wanted}"


def _max_items(wanted: Any, here: Here) -> Iterator[str]:
    if len(here.items) > wanted:
        yield f"{here.at}: has {len(here.items)} items, more than {wanted}"


def _unique_items(wanted: Any, here: Here) -> Iterator[str]:
    if wanted and any(item in here.items[:index] for index, item in enumerate(here.items)):
        yield f"{here.at}: has an item twice"


def _ref(wanted: Any, here: Here) -> Iterator[str]:
    return here.below(here.root["$defs"][wanted.removeprefix("#/$defs/")], here.value)


def _enum(wanted: Any, here: Here) -> Iterator[str]:
    if here.value not in wanted:
        yield f"{here.at}: is none of {wanted[:5]}"


def _names(wanted: Any, here: Here) -> Iterator[str]:
    for name in here.entries:
        yield from here.below(wanted, name, f".{name}")


KEYWORDS: dict[str, Callable[[Any, Here], Iterator[str]]] = {
    "$ref": _ref,
    "additionalProperties": _additional,
    "anyOf": _any_of,
    "const": _const,
    "enum": _enum,
    "items": _items,
    "maxItems": _max_items,
    "maximum": _maximum,
    "minItems": _min_items,
    "minimum": _minimum,
    "pattern": _pattern,
    "prefixItems": _prefix_items,
    "properties": _properties,
    "propertyNames": _names,
    "required": _required,
    "type": _type,
    "uniqueItems": _unique_items,
}
