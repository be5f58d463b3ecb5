"""A document as a tree whose every value knows where it was written.

Also after several files were merged.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

Step = str | int
Path = tuple[Step, ...]
ScalarValue = str | int | bool | Decimal | None
Plain = ScalarValue | dict[str, "Plain"] | list["Plain"]


class Place(msgspec.Struct, frozen=True, gc=False, order=True):
    """A position in a file.

    Line and column count from 1, and are 0 where no file was involved (`--set`).
    """

    file: str
    line: int
    column: int


class Scalar(msgspec.Struct, frozen=True):
    """A single value: numbers with a fraction are Decimal, so that quantities stay exact."""

    value: ScalarValue
    place: Place


class Sequence(msgspec.Struct, frozen=True):
    """A list of nodes."""

    items: tuple[Node, ...]
    place: Place


class Entry(msgspec.Struct, frozen=True):
    """A key's position and its value in a map."""

    key_place: Place
    node: Node


class Map(msgspec.Struct, frozen=True):
    """A map in the order in which it was written."""

    entries: Mapping[str, Entry]
    place: Place

    def get(self, key: str) -> Node | None:
        """Return the value of a key, None when there is no such key."""
        entry = self.entries.get(key)
        return None if entry is None else entry.node


Node = Scalar | Sequence | Map


def plain(node: Node) -> Plain:
    """Return the node as built-in values, without positions."""
    match node:
        case Scalar(value=value):
            return value
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Map(entries=entries):
            return {key: plain(entry.node) for key, entry in entries.items()}


def placed(value: Plain, place: Place) -> Node:
    """Return built-in values as a tree, all of which stands at one place."""
    if isinstance(value, dict):
        return Map({key: Entry(place, placed(it, place)) for key, it in value.items()}, place)
    if isinstance(value, list):
        return Sequence(tuple(placed(it, place) for it in value), place)
    return Scalar(value, place)


def node_at(node: Node, path: Path) -> Node | None:
    """Return the node at a path, None when the path leads nowhere."""
    for step in path:
        found = _child(node, step)
        if found is None:
            return None
        node = found
    return node


def place_of(node: Node, path: Path, *, key: bool = False) -> Place:
    """Return where the value at a path stands (its key with `key=True`).

    Or the nearest one above it.
    """
    place = node.place
    for index, step in enumerate(path):
        if key and index == len(path) - 1 and isinstance(node, Map) and isinstance(step, str):
            entry = node.entries.get(step)
            return place if entry is None else entry.key_place
        found = _child(node, step)
        if found is None:
            return place
        node = found
        place = node.place
    return place


def without(node: Node, path: Path) -> Node:
    """Return the tree without the value at a path; a path that leads nowhere changes nothing."""
    if not path:
        return node
    step, rest = path[0], path[1:]
    if isinstance(node, Map) and isinstance(step, str) and step in node.entries:
        entries = dict(node.entries)
        if rest:
            entry = entries[step]
            entries[step] = Entry(entry.key_place, without(entry.node, rest))
        else:
            del entries[step]
        return Map(entries, node.place)
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        items = list(node.items)
        if rest:
            items[step] = without(items[step], rest)
        else:
            del items[step]
        return Sequence(tuple(items), node.place)
    return node


def renamed(node: Node, path: Path, name: str) -> Node:
    """Return the tree with the key at the end of a path renamed, everything else as it was."""
    step, rest = path[0], path[1:]
    if isinstance(node, Map) and isinstance(step, str) and step in node.entries:
        entries = {
            (name if key == step and not rest else key): (
                Entry(entry.key_place, renamed(entry.node, rest, name))
                if key == step and rest
                else entry
            )
            for key, entry in node.entries.items()
        }
        return Map(entries, node.place)
    if (
        isinstance(node, Sequence)
        and isinstance(step, int)
        and 0 <= step < len(node.items)
        and rest
    ):
        items = list(node.items)
        items[step] = renamed(items[step], rest, name)
        return Sequence(tuple(items), node.place)
    return node


def path_text(path: Path) -> str:
    """Return a path as users read it: `spec.zones[1]`, with quotes around keys that hold dots."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = f'"{step}"' if "." in step else step
            text += f".{name}" if text else name
    return text


def _child(node: Node, step: Step) -> Node | None:
    if isinstance(node, Map) and isinstance(step, str):
        return node.get(step)
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None
