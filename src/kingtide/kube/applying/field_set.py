"""Sets of fields in the form of FieldsV1, with what can be done with two of them.

A set is a tree of dicts. A key is `f:` and a field's name, `k:` and the keys of a list's element,
or `v:` and an element of a set; a leaf is an empty dict, and `.` in a node says that the node
itself belongs to the set, not only what is below. Source:
https://github.com/kubernetes-sigs/structured-merge-diff (v6), fieldpath/.
"""

from __future__ import annotations

from typing import Any

FieldSet = dict[str, Any]

SELF = "."


def has_self(node: FieldSet) -> bool:
    """Return whether the node itself belongs to its set."""
    return not node or SELF in node


def union(one: FieldSet, other: FieldSet) -> FieldSet:
    """Return what is in one of two sets."""
    return _united(one, other) if one and other else one or other


def _united(one: FieldSet, other: FieldSet) -> FieldSet:
    result: FieldSet = {}
    for key in [*one, *(it for it in other if it not in one)]:
        if key not in one or key not in other:
            result[key] = one[key] if key in one else other[key]
            continue
        first, second = one[key], other[key]
        below = _united(first, second)
        if below and (not first or not second):
            below = {SELF: {}, **below}
        result[key] = below
    return result


def intersection(one: FieldSet, other: FieldSet) -> FieldSet:
    """Return what is in both of two sets."""
    result: FieldSet = {}
    for key in one:
        if key == SELF or key not in other:
            continue
        first, second = one[key], other[key]
        below = intersection(first, second)
        both = has_self(first) and has_self(second)
        if below:
            result[key] = {SELF: {}, **below} if both else below
        elif both:
            result[key] = {}
    return result


def difference(one: FieldSet, other: FieldSet) -> FieldSet:
    """Return what is in the first of two sets and not in the second."""
    result: FieldSet = {}
    for key, first in one.items():
        if key == SELF:
            continue
        if key not in other:
            result[key] = first
            continue
        below = difference(first, other[key])
        stays = has_self(first) and not has_self(other[key])
        if below:
            result[key] = {SELF: {}, **below} if stays else below
        elif stays:
            result[key] = {}
    return result


def paths(fields: FieldSet, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the paths of all members, in order."""
    found: list[tuple[str, ...]] = []
    for key in sorted(fields):
        if key == SELF:
            continue
        node = fields[key]
        if has_self(node):
            found.append((*prefix, key))
        found.extend(paths(node, (*prefix, key)))
    return found


def in_form(fields: FieldSet) -> FieldSet:
    """Return a set with its keys in the order in which Kubernetes writes them."""
    return {key: in_form(fields[key]) for key in sorted(fields)}
