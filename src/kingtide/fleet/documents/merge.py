"""The one merge rule of all layers (class, cluster, scenario, `extends`).

Maps merge, everything else replaces.

An explicit null removes the key, as in JSON Merge Patch (RFC 7386). Every value keeps the place it
came from.
"""

from __future__ import annotations

from kingtide.fleet.documents.tree import Entry, Map, Node, Place, Scalar


def merged(lower: Node, upper: Node) -> Node:
    """Return `upper` laid over `lower`."""
    if not isinstance(lower, Map) or not isinstance(upper, Map):
        return upper
    entries = dict(lower.entries)
    for key, entry in upper.entries.items():
        if isinstance(entry.node, Scalar) and entry.node.value is None:
            entries.pop(key, None)
        elif key in entries:
            entries[key] = Entry(entry.key_place, merged(entries[key].node, entry.node))
        else:
            entries[key] = entry
    return Map(entries, upper.place)


def laid_over(*layers: Node | None) -> Node:
    """Return all layers merged, the first lowest.

    None layers do not count, none at all is an empty map.
    """
    result: Node | None = None
    for layer in layers:
        if layer is not None:
            result = layer if result is None else merged(result, layer)
    return result if result is not None else Map({}, Place("", 0, 0))
