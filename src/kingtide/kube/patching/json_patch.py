"""JSON Patch (RFC 6902): add, remove, replace, move, copy and test, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import msgspec

from kingtide.kube.patching.json_pointer import (
    Json,
    PatchFailed,
    index_of,
    no_such_field,
    steps_of,
    value_at,
)

Verb = Literal["add", "remove", "replace", "move", "copy", "test"]


class Operation(msgspec.Struct, frozen=True):
    """One operation; `value` and `source` are UNSET where they are not written."""

    op: Verb
    path: str
    value: Json = msgspec.UNSET
    source: str | msgspec.UnsetType = msgspec.field(name="from", default=msgspec.UNSET)


class OperationFailed(Exception):
    """One operation of several cannot be done; `index` counts from 0."""

    def __init__(self, index: int, failed: PatchFailed) -> None:
        super().__init__(str(failed))
        self.index = index
        self.instead = failed.instead
        self.missing = failed.missing
        self.among = failed.among


_NUMBERS = (int, float, Decimal)


def json_patched(document: Json, operations: Sequence[Operation]) -> Json:
    """Return a document after all operations; the one given stays as it is.

    Raises:
        OperationFailed: one of them cannot be done, or its test fails.
    """
    found = copied(document)
    for index, operation in enumerate(operations):
        try:
            found = _done(found, operation)
        except PatchFailed as error:
            raise OperationFailed(index, error) from error
    return found


def _done(document: Json, operation: Operation) -> Json:
    steps = steps_of(operation.path)
    match operation.op:
        case "add":
            return _added(document, steps, _value(operation))
        case "remove":
            return _removed(document, steps)
        case "replace":
            value_at(document, steps)
            return _replaced(document, steps, _value(operation))
        case "test":
            if not is_same(value_at(document, steps), _value(operation)):
                raise PatchFailed(f"{operation.path} is not what the test expects")
            return document
        case "copy":
            moved = copied(value_at(document, _source(operation)))
            return _added(document, steps, moved)
        case "move":
            source = _source(operation)
            if steps[: len(source)] == source and steps != source:
                raise PatchFailed("a value cannot be moved into itself")
            moved = value_at(document, source)
            return _added(_removed(document, source), steps, moved)


def _value(operation: Operation) -> Json:
    if operation.value is msgspec.UNSET:
        raise PatchFailed("has no value", f"add `value:`, which {operation.op} needs")
    return copied(operation.value)


def _source(operation: Operation) -> tuple[str, ...]:
    if isinstance(operation.source, msgspec.UnsetType):
        raise PatchFailed("has no from", f"add `from:`, which {operation.op} needs")
    return steps_of(operation.source)


def _added(document: Json, steps: tuple[str, ...], value: Json) -> Json:
    if not steps:
        return value
    parent = value_at(document, steps[:-1])
    if isinstance(parent, list):
        parent.insert(index_of(parent, steps[-1], end=True), value)
    elif isinstance(parent, dict):
        parent[steps[-1]] = value
    else:
        raise PatchFailed(f"nothing can be added below a single value, and so no {steps[-1]!r}")
    return document


def _replaced(document: Json, steps: tuple[str, ...], value: Json) -> Json:
    if not steps:
        return value
    parent = value_at(document, steps[:-1])
    if isinstance(parent, list):
        parent[index_of(parent, steps[-1])] = value
    elif isinstance(parent, dict):
        parent[steps[-1]] = value
    return document


def _removed(document: Json, steps: tuple[str, ...]) -> Json:
    if not steps:
        raise PatchFailed("a document cannot be removed", "write the path of a value in it")
    parent = value_at(document, steps[:-1])
    if isinstance(parent, list):
        del parent[index_of(parent, steps[-1])]
    elif isinstance(parent, dict):
        if steps[-1] not in parent:
            raise no_such_field(steps[-1], parent)
        del parent[steps[-1]]
    else:
        raise PatchFailed(f"nothing stands below a single value, and so no {steps[-1]!r}")
    return document


def copied(value: Json) -> Json:
    """Return a copy in which no two places share a value, so that a change is one change."""
    if isinstance(value, dict):
        return {key: copied(it) for key, it in value.items()}
    if isinstance(value, list):
        return [copied(it) for it in value]
    return value


def is_same(one: Json, other: Json) -> bool:
    """Return whether two values are equal as JSON's are: 1 is 1.0, and true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    numbers = isinstance(one, _NUMBERS) and isinstance(other, _NUMBERS)
    return (numbers or type(one) is type(other)) and one == other
