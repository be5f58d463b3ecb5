"""Where two documents differ, field by field, in an order that does not depend on either."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from kingtide.fleet.documents.tree import Path, Plain


class Difference(msgspec.Struct, frozen=True):
    """One field that is not the same.

    Values are one line of JSON each; None means that the field is not there.
    """

    path: Path
    before: str | None
    after: str | None


def differences(
    before: Plain, after: Plain, path: Path = (), *, to_leaves: bool = False
) -> Iterator[Difference]:
    """Yield every field that differs, sorted by key.

    Lists whose items all have a name of their own (subnets, containers) are compared by name, other
    lists as one value, for their order counts. A map that only one side has is one difference, or
    with `to_leaves` one for each field in it.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _of_maps(before, after, path, to_leaves)
        return
    if isinstance(before, list) and isinstance(after, list):
        named = _by_name(before), _by_name(after)
        if named[0] is not None and named[1] is not None and list(named[0]) == list(named[1]):
            yield from _of_maps(named[0], named[1], path, to_leaves)
            return
    if not _same(before, after):
        yield Difference(path, one_line(before), one_line(after))


def one_line(value: Plain) -> str:
    """Return a value as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_number)


def _of_maps(
    before: dict[str, Plain], after: dict[str, Plain], path: Path, to_leaves: bool
) -> Iterator[Difference]:
    for key in sorted(dict.fromkeys((*before, *after))):
        here = (*path, key)
        if key in before and key in after:
            yield from differences(before[key], after[key], here, to_leaves=to_leaves)
            continue
        value = after[key] if key in after else before[key]
        if to_leaves and isinstance(value, dict) and value:
            sides: tuple[Plain, Plain] = ({}, value) if key in after else (value, {})
            yield from differences(*sides, here, to_leaves=True)
        elif key in after:
            yield Difference(here, None, one_line(value))
        else:
            yield Difference(here, one_line(value), None)


def _by_name(items: list[Plain]) -> dict[str, Plain] | None:
    found: dict[str, Plain] = {}
    for item in items:
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str) or name in found:
            return None
        found[name] = item
    return found or None


def _same(before: Plain, after: Plain) -> bool:
    # True and 1 are equal to Python, and not to Kubernetes.
    return type(before) is type(after) and before == after


def _number(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} is no value of a document")
