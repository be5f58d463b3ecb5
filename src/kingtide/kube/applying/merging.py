"""What a configuration makes of an object, and what goes when fields are no longer applied."""

from __future__ import annotations

from typing import Any

from kingtide.kube.applying.field_set import SELF, FieldSet, has_self
from kingtide.kube.applying.owned import elements, is_keyed
from kingtide.kube.patching.schema import Rule, Schema

Map = dict[str, Any]


def merged(live: Map, config: Map, schema: Schema) -> Map:
    """Return an object with a configuration laid over it; neither is changed.

    Raises:
        DuplicateElements: a list has two elements of one key.
    """
    result = dict(live)
    for name, value in config.items():
        known = result.get(name)
        result[name] = _merged(known, value, schema.field(name), schema.rule(name))
    return result


def _merged(live: Any, config: Any, schema: Schema, rule: Rule) -> Any:
    if isinstance(config, dict) and isinstance(live, dict):
        whole = schema.is_atomic or rule.is_atomic_map
        return config if whole else merged(live, config, schema)
    if isinstance(config, list) and isinstance(live, list):
        if not (is_keyed(config, rule) and is_keyed(live, rule)):
            return config
        return _merged_elements(elements(live, rule), elements(config, rule), schema)
    if isinstance(config, list) and is_keyed(config, rule):
        elements(config, rule)
    return config


def _merged_elements(live: Map, config: Map, schema: Schema) -> list[Any]:
    """Return a list's elements: those of the object where they were, new ones in their order.

    The order of the configuration counts; what it does not name stays behind what it followed.
    """
    order = [*config]
    place = 0
    for key in live:
        if key in config:
            place = max(place, order.index(key) + 1)
        else:
            order.insert(place, key)
            place += 1
    return [_element(live, config, key, schema) for key in order]


def _element(live: Map, config: Map, key: str, schema: Schema) -> Any:
    if key not in live or key not in config:
        return config.get(key, live.get(key))
    one, other = live[key], config[key]
    if isinstance(one, dict) and isinstance(other, dict) and not schema.element.is_atomic:
        return merged(one, other, schema.element)
    return other


def pruned(body: Map, gone: FieldSet, kept: FieldSet, schema: Schema) -> Map:
    """Return an object without fields; maps and lists that they leave empty go with them.

    `kept` are the fields that somebody still sets: what is below a field that goes stays where it
    is among them, and all else below goes too.
    """
    result: Map = {}
    for name, value in body.items():
        key = f"f:{name}"
        if key not in gone:
            result[name] = value
            continue
        field, rule = schema.field(name), schema.rule(name)
        rest = _pruned(value, gone[key], kept.get(key), field, rule)
        if rest is not None:
            result[name] = rest
    return result


def _pruned(value: Any, gone: FieldSet, kept: FieldSet | None, schema: Schema, rule: Rule) -> Any:
    """Return what stays of a value, None for nothing."""
    if kept is None and has_self(gone):
        return None
    below = {key: node for key, node in gone.items() if key != SELF}
    if not below:
        return value
    if isinstance(value, dict):
        return pruned(value, below, kept or {}, schema) or None
    if isinstance(value, list) and is_keyed(value, rule):
        found = [
            _pruned_element(it, below.get(key), (kept or {}).get(key), schema.element, rule)
            for key, it in elements(value, rule).items()
        ]
        return [it for it in found if it is not None] or None
    return value


def _pruned_element(
    element: Any, gone: FieldSet | None, kept: FieldSet | None, schema: Schema, rule: Rule
) -> Any:
    """Return what stays of a list's element, with the keys that name it; None for nothing."""
    if gone is None or (kept is not None and not gone):
        return element
    if kept is None and has_self(gone):
        return None
    if not isinstance(element, dict):
        return element
    below = {key: node for key, node in gone.items() if key != SELF}
    rest = pruned(element, below, kept or {}, schema)
    return {name: element[name] for name in rule.keys if name in element} | rest
