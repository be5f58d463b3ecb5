"""The one merge rule of all layers (class, cluster, scenario, `extends`).

Maps merge, everything else replaces.

An explicit null removes the key, as in JSON Merge Patch (RFC 7386). Every value keeps the place it
came from.
"""

from __future__ import annotations

from kingtide.fleet.documents.tree import Entry, Map, Node, Path, Place, Scalar


def merged(lower: Node, upper: Node, *, layer: Path | None = None, at: Path = ()) -> Node:
    """Return `upper` laid over `lower`.

    What stands at the path `layer` is itself a layer for something else, so there a null is kept
    to remove the key then. `at` is where both stand.
    """
    if not isinstance(lower, Map) or not isinstance(upper, Map):
        return upper
    keeps_null = layer is not None and at[: len(layer)] == layer
    entries = dict(lower.entries)
    for key, entry in upper.entries.items():
        if isinstance(entry.node, Scalar) and entry.node.value is None and not keeps_null:
            entries.pop(key, None)
        elif key in entries:
            node = merged(entries[key].node, entry.node, layer=layer, at=(*at, key))
            entries[key] = Entry(entry.key_place, node)
        else:
            entries[key] = entry
    return Map(entries, upper.place)


def without_nulls(node: Node) -> Node:
    """Return a layer without the nulls by which it removes keys, to be read as what it adds."""
    if not isinstance(node, Map):
        return node
    entries = {
        key: Entry(entry.key_place, without_nulls(entry.node))
        for key, entry in node.entries.items()
        if not (isinstance(entry.node, Scalar) and entry.node.value is None)
    }
    return Map(entries, node.place)


def laid_over(*layers: Node | None) -> Node:
    """Return all layers merged, the first lowest.

    None layers do not count, none at all is an empty map.
    """
    result: Node | None = None
    for layer in layers:
        if layer is not None:
            result = layer if result is None else merged(result, layer)
    return result if result is not None else Map({}, Place("", 0, 0))
