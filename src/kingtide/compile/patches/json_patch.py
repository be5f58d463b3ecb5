"""JSON Patch (RFC 6902): add, remove, replace, move, copy and test, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kingtide.compile.patches.json_pointer import PatchFailed, index_of, steps_of, value_at
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Plain
from kingtide.fleet.models.patches import JsonPatchOperation


class OperationFailed(Exception):
    """One operation of several cannot be done; `index` counts from 0."""

    def __init__(self, index: int, failed: PatchFailed) -> None:
        super().__init__(str(failed))
        self.index = index
        self.instead = failed.instead


def json_patched(document: Plain, operations: Sequence[JsonPatchOperation]) -> Plain:
    """Return a document after all operations; the one given stays as it is.

    Raises:
        OperationFailed: one of them cannot be done, or its test fails.
    """
    found = _copied(document)
    for index, operation in enumerate(operations):
        try:
            found = _done(found, operation)
        except PatchFailed as error:
            raise OperationFailed(index, error) from error
    return found


def _done(document: Plain, operation: JsonPatchOperation) -> Plain:
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
            if not _same(value_at(document, steps), _value(operation)):
                raise PatchFailed(f"{operation.path} is not what the test expects")
            return document
        case "copy":
            moved = _copied(value_at(document, _source(operation)))
            return _added(document, steps, moved)
        case "move":
            source = _source(operation)
            if steps[: len(source)] == source and steps != source:
                raise PatchFailed("a value cannot be moved into itself")
            moved = value_at(document, source)
            return _added(_removed(document, source), steps, moved)


def _value(operation: JsonPatchOperation) -> Plain:
    if "value" not in operation.model_fields_set:
        raise PatchFailed("has no value", f"add `value:`, which {operation.op} needs")
    return _copied(operation.value)


def _source(operation: JsonPatchOperation) -> tuple[str, ...]:
    if operation.source is None:
        raise PatchFailed("has no from", f"add `from:`, which {operation.op} needs")
    return steps_of(operation.source)


def _added(document: Plain, steps: tuple[str, ...], value: Plain) -> Plain:
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


def _replaced(document: Plain, steps: tuple[str, ...], value: Plain) -> Plain:
    if not steps:
        return value
    parent = value_at(document, steps[:-1])
    if isinstance(parent, list):
        parent[index_of(parent, steps[-1])] = value
    elif isinstance(parent, dict):
        parent[steps[-1]] = value
    return document


def _removed(document: Plain, steps: tuple[str, ...]) -> Plain:
    if not steps:
        raise PatchFailed("a document cannot be removed", "write the path of a value in it")
    parent = value_at(document, steps[:-1])
    if isinstance(parent, list):
        del parent[index_of(parent, steps[-1])]
    elif isinstance(parent, dict):
        if steps[-1] not in parent:
            advice = did_you_mean(steps[-1], parent, what="fields")
            raise PatchFailed(f"there is no {steps[-1]!r}", advice)
        del parent[steps[-1]]
    else:
        raise PatchFailed(f"nothing stands below a single value, and so no {steps[-1]!r}")
    return document


def _copied(value: Plain) -> Plain:
    """Return a copy in which no two places share a value, so that a change is one change."""
    if isinstance(value, dict):
        return {key: _copied(it) for key, it in value.items()}
    if isinstance(value, list):
        return [_copied(it) for it in value]
    return value


def _same(one: Plain, other: Plain) -> bool:
    """Return whether two values are equal as JSON's are: 1 is 1.0, and true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    numbers = isinstance(one, int | Decimal) and isinstance(other, int | Decimal)
    return (numbers or type(one) is type(other)) and one == other
