"""Which fields a configuration sets, and which differ between two versions of an object."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from kingtide.kube.applying.field_set import SELF, FieldSet
from kingtide.kube.patching.rules import DEFAULT_KEYS
from kingtide.kube.patching.schema import Rule, Schema

Map = dict[str, Any]

_OF_THE_SERVER = (
    "name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields",
    "resourceVersion",
)  # fmt: skip
"""Metadata that nobody owns. Source: internal/stripmeta.go of
apimachinery/pkg/util/managedfields (v0.36)."""


class Differences(msgspec.Struct, frozen=True):
    """Fields that are new or have another value, and fields that are gone."""

    changed: FieldSet
    removed: FieldSet


class DuplicateElements(ValueError):
    """Two elements of a list that is a map have the same keys."""


def owned_fields(body: Map, schema: Schema) -> FieldSet:
    """Return the fields that a body sets, without those that are the server's alone.

    Raises:
        DuplicateElements: a list has two elements of one key.
    """
    return without_server_fields(_of_map(body, schema))


def without_server_fields(fields: FieldSet) -> FieldSet:
    """Return a set without what nobody owns."""
    result = {k: v for k, v in fields.items() if k not in ("f:apiVersion", "f:kind", SELF)}
    metadata = result.pop("f:metadata", None)
    if metadata:
        kept = {k: v for k, v in metadata.items() if k[2:] not in _OF_THE_SERVER and k != SELF}
        if kept:
            result["f:metadata"] = kept
    return result


def _of_map(body: Map, schema: Schema) -> FieldSet:
    return {
        f"f:{name}": _of_value(value, schema.field(name), schema.rule(name))
        for name, value in body.items()
    }


def _of_value(value: Any, schema: Schema, rule: Rule) -> FieldSet:
    if isinstance(value, dict) and value and not (schema.is_atomic or rule.is_atomic_map):
        return _of_map(value, schema)
    if isinstance(value, list) and value and is_keyed(value, rule):
        return {key: _of_element(it, schema.element) for key, it in elements(value, rule).items()}
    return {}


def _of_element(element: Any, schema: Schema) -> FieldSet:
    if isinstance(element, dict) and not schema.is_atomic:
        return {SELF: {}, **_of_map(element, schema)}
    return {}


def is_keyed(elements_: Sequence[Any], rule: Rule) -> bool:
    """Return whether a list's elements are told apart: by keys, or as those of a set."""
    if rule.keys:
        return all(isinstance(it, dict) and _key(it, rule.keys) for it in elements_)
    return rule.is_set and not any(isinstance(it, (dict, list)) for it in elements_)


def elements(values: Sequence[Any], rule: Rule) -> dict[str, Any]:
    """Return a list's elements by what tells them apart, in FieldsV1's form.

    Raises:
        DuplicateElements: two are the same.
    """
    found: dict[str, Any] = {}
    for it in values:
        key = _key(it, rule.keys) if rule.keys else f"v:{_text(it)}"
        if key in found:
            raise DuplicateElements(f"duplicate entries for key [{said(key)}]")
        found[key] = it
    return found


def _key(element: Map, keys: tuple[str, ...]) -> str:
    """Return an element's key, empty where it has none of them."""
    found = {
        name: element.get(name, DEFAULT_KEYS.get(name))
        for name in sorted(keys)
        if name in element or name in DEFAULT_KEYS
    }
    return f"k:{_text(found)}" if any(name in element for name in keys) else ""


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def said(key: str) -> str:
    """Return a step of a path as errors write it: `name="web"`."""
    form, _, text = key.partition(":")
    if form == "k":
        found = json.loads(text)
        return ",".join(f"{name}={_text(value)}" for name, value in found.items())
    return f"={text}" if form == "v" else text


def path_text(path: Sequence[str]) -> str:
    """Return a path as errors write it: `.spec.containers[name="web"].image`."""
    return "".join(f".{said(it)}" if it.startswith("f:") else f"[{said(it)}]" for it in path)


def differences(before: Map, after: Map, schema: Schema) -> Differences:
    """Return what differs between two versions, without the fields that nobody owns."""
    changed, removed = _compared(before, after, schema)
    return Differences(without_server_fields(changed), without_server_fields(removed))


def _compared(before: Map, after: Map, schema: Schema) -> tuple[FieldSet, FieldSet]:
    changed: FieldSet = {}
    removed: FieldSet = {}
    for name in [*after, *(it for it in before if it not in after)]:
        key, below, rule = f"f:{name}", schema.field(name), schema.rule(name)
        if name not in before:
            changed[key] = _appeared(after[name], below, rule, is_item=not schema.is_struct)
        elif name not in after:
            removed[key] = _with_self(_of_value(before[name], below, rule))
        elif before[name] != after[name]:
            more, less = _compared_values(before[name], after[name], below, rule)
            if more is not None:
                changed[key] = more
            if less:
                removed[key] = less
    return changed, removed


def _appeared(value: Any, schema: Schema, rule: Rule, *, is_item: bool) -> FieldSet:
    """Return the set of what is new; a map without declared fields, or in one, counts itself."""
    found = _of_value(value, schema, rule)
    if not found:
        return {}
    is_map = isinstance(value, dict) and not schema.is_struct
    result = {
        key: _appeared_below(value, key, node, schema) if key.startswith("f:") else node
        for key, node in found.items()
    }
    return {SELF: {}, **result} if is_map or is_item else result


def _appeared_below(value: Map, key: str, node: FieldSet, schema: Schema) -> FieldSet:
    name = key[2:]
    if not node:
        return node
    rule = schema.rule(name)
    return _appeared(value[name], schema.field(name), rule, is_item=not schema.is_struct)


def _compared_values(
    before: Any, after: Any, schema: Schema, rule: Rule
) -> tuple[FieldSet | None, FieldSet]:
    """Return what of a value changed, None for nothing, and what is gone."""
    if isinstance(before, dict) and isinstance(after, dict):
        if schema.is_atomic or rule.is_atomic_map:
            return {}, {}
        changed, removed = _compared(before, after, schema)
        return changed or None, removed
    if isinstance(before, list) and isinstance(after, list):
        if not (is_keyed(before, rule) and is_keyed(after, rule)):
            return {}, {}
        return _compared_elements(elements(before, rule), elements(after, rule), schema)
    return {}, {}


def _compared_elements(
    before: dict[str, Any], after: dict[str, Any], schema: Schema
) -> tuple[FieldSet | None, FieldSet]:
    changed: FieldSet = {}
    removed = {
        key: _with_self(_of_element(it, schema.element))
        for key, it in before.items()
        if key not in after
    }
    for key, it in after.items():
        if key not in before:
            changed[key] = _of_element(it, schema.element)
        elif it != before[key]:
            more, less = _compared(before[key], it, schema.element)
            if more:
                changed[key] = more
            if less:
                removed[key] = less
    return changed or None, removed


def _with_self(fields: FieldSet) -> FieldSet:
    return {SELF: {}, **fields} if fields else {}
