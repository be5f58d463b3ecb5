"""What an object of a custom kind has after it is read: no unknown fields, and the defaults.

Source: pkg/apiserver/schema/pruning and pkg/apiserver/schema/defaulting of
https://github.com/kubernetes/apiextensions-apiserver/tree/v0.36.0.
"""

from __future__ import annotations

from typing import Any

from kingtide.twin.apiserver.structural import Structural

_OF_EVERY_OBJECT = ("apiVersion", "kind", "metadata")
Unknown = list[str]
"""Fields that were dropped, as errors name them."""


def pruned(body: dict[str, Any], schema: Structural) -> tuple[dict[str, Any], Unknown]:
    """Return an object without fields that its schema has not, and which those were."""
    unknown: Unknown = []
    head = {name: it for name, it in body.items() if name in _OF_EVERY_OBJECT}
    rest = {name: it for name, it in body.items() if name not in _OF_EVERY_OBJECT}
    return head | _map(rest, schema, "", unknown), unknown


def defaulted(body: dict[str, Any], schema: Structural) -> dict[str, Any]:
    """Return an object with the defaults of fields that it has not."""
    head = {name: it for name, it in body.items() if name in _OF_EVERY_OBJECT}
    rest = {name: it for name, it in body.items() if name not in _OF_EVERY_OBJECT}
    filled: dict[str, Any] = head | _filled(rest, schema)
    return filled


def _kept(value: Any, schema: Structural, at: str, unknown: Unknown) -> Any:
    if isinstance(value, dict):
        if not schema.is_embedded:
            return _map(value, schema, at, unknown)
        head = {name: it for name, it in value.items() if name in _OF_EVERY_OBJECT}
        rest = {name: it for name, it in value.items() if name not in _OF_EVERY_OBJECT}
        return head | _map(rest, schema, at, unknown)
    if isinstance(value, list) and schema.items is not None:
        each = schema.items
        return [_kept(it, each, f"{at}[{number}]", unknown) for number, it in enumerate(value)]
    return value


def _map(value: dict[str, Any], schema: Structural, at: str, unknown: Unknown) -> dict[str, Any]:
    found: dict[str, Any] = {}
    is_open = schema.keeps_unknown or schema.type not in ("object", "")
    for name, it in value.items():
        place = f"{at}.{name}" if at else name
        known = schema.properties.get(name, schema.additional)
        if known is not None:
            found[name] = _kept(it, known, place, unknown)
        elif is_open:
            found[name] = it
        else:
            unknown.append(place)
    return found


def _filled(value: Any, schema: Structural) -> Any:
    if isinstance(value, list) and schema.items is not None:
        return [_filled(it, schema.items) for it in value]
    if not isinstance(value, dict):
        return value
    found = dict(value)
    for name, known in schema.properties.items():
        is_unsaid = name not in found or (found[name] is None and not known.is_nullable)
        if is_unsaid and known.default is not None:
            found[name] = known.default
    for name, it in found.items():
        below = schema.properties.get(name, schema.additional)
        if below is not None:
            found[name] = _filled(it, below)
    return found
