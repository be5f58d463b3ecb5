"""Apply and update: what becomes of an object and of who owns its fields.

Source: merge/update.go of https://github.com/kubernetes-sigs/structured-merge-diff (v6) and
https://kubernetes.io/docs/reference/using-api/server-side-apply/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from kingtide.kube.applying.field_set import (
    FieldSet,
    difference,
    intersection,
    paths,
    union,
)
from kingtide.kube.applying.managed import Managed, Manager, bounded, told
from kingtide.kube.applying.merging import merged, pruned
from kingtide.kube.applying.owned import differences, owned_fields, path_text
from kingtide.kube.patching.schema import Schema

Map = dict[str, Any]


class Conflict(msgspec.Struct, frozen=True):
    """A field that another manager has with another value."""

    manager: str
    """As errors name it."""
    field: str


class Conflicts(Exception):
    """What is applied is another's; nothing was done."""

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        super().__init__(_text(conflicts))
        self.conflicts = conflicts


class Applied(msgspec.Struct, frozen=True):
    """An object after a write, without managedFields, and who owns its fields."""

    body: Map
    managed: tuple[Managed, ...]


def applied(
    live: Map,
    config: Map,
    managed: Sequence[Managed],
    manager: Manager,
    schema: Schema,
    *,
    force: bool = False,
    at: str = "",
) -> Applied:
    """Return an object after a configuration was applied to it; `at` is the time of the write.

    What the manager applied before and leaves out now is removed, unless it is another's too.

    Raises:
        Conflicts: others have fields with other values, and `force` is False.
        DuplicateElements: a list has two elements of one key.
    """
    known = {it.manager.is_same_as: it for it in managed}
    before = known.get(manager.is_same_as)
    wanted = owned_fields(config, schema)
    result = merged(live, config, schema)
    change = differences(live, result, schema)
    conflicts: list[Conflict] = []
    for key, it in known.items():
        if key == manager.is_same_as:
            continue
        contested = intersection(it.fields, change.changed)
        if contested:
            conflicts += [Conflict(told(it), path_text(path)) for path in paths(contested)]
            known[key] = Managed(it.manager, difference(it.fields, contested), it.time)
    if conflicts and not force:
        raise Conflicts(tuple(conflicts))
    if before is not None:
        kept = wanted
        for key, it in known.items():
            if key != manager.is_same_as:
                kept = union(kept, it.fields)
        result = pruned(result, difference(before.fields, kept), kept, schema)
    same = before is not None and before.fields == wanted and before.manager == manager
    time = before.time if same and before is not None and not change.changed else at
    known[manager.is_same_as] = Managed(manager, wanted, time)
    return Applied(result, bounded(known))


def updated(
    live: Map,
    after: Map,
    managed: Sequence[Managed],
    manager: Manager,
    schema: Schema,
    *,
    at: str = "",
) -> tuple[Managed, ...]:
    """Return who owns the fields after a write that was no apply.

    Its manager has what it changed, and nobody else has that any more.
    """
    change = differences(live, after, schema)
    if not change.changed and not change.removed:
        return tuple(managed)
    known = {it.manager.is_same_as: it for it in managed}
    gone = union(change.changed, change.removed)
    for key, it in known.items():
        lost: FieldSet = change.removed if key == manager.is_same_as else gone
        known[key] = Managed(it.manager, difference(it.fields, lost), it.time)
    mine = known.get(manager.is_same_as)
    fields = union({} if mine is None else mine.fields, change.changed)
    known[manager.is_same_as] = Managed(manager, fields, at)
    return bounded(known)


def _text(conflicts: Sequence[Conflict]) -> str:
    """Return the message as kubectl shows it (conflict.go of managedfields/internal, v0.36)."""
    if len(conflicts) == 1:
        it = conflicts[0]
        return f"Apply failed with 1 conflict: conflict with {it.manager}: {it.field}"
    lines: list[str] = []
    for manager in sorted({it.manager for it in conflicts}):
        lines.append(f"conflicts with {manager}:")
        lines += [f"- {it.field}" for it in conflicts if it.manager == manager]
    return f"Apply failed with {len(conflicts)} conflicts: " + "\n".join(lines)
