"""A scenario's file with everything it extends below it."""

from __future__ import annotations

from pathlib import Path

from kingtide.files.reading import read_yaml
from kingtide.fleet.documents.merge import merged, without_nulls
from kingtide.fleet.documents.mistakes import Mistake, Mistakes
from kingtide.fleet.documents.tree import Entry, Map, Node, Place, Scalar, without

# More layers than a reader can hold in mind are a mistake, most likely a circle through links.
MAX_LAYERS = 8

CLUSTER_LAYER = ("spec", "clusterSpec")
"""Where a scenario holds a layer of its own, which is laid over the cluster."""


def read_layers(path: Path) -> Node:
    """Return a scenario's tree, `extends` resolved; every value keeps the place it comes from.

    Raises:
        Mistakes: a file cannot be read, or files extend each other in a circle.
    """
    seen: list[Path] = []
    layers: list[Node] = []
    named_at: Place | None = None
    while True:
        resolved = path.resolve()
        if resolved in seen or len(seen) >= MAX_LAYERS:
            place = named_at or Place(str(path), 0, 0)
            wrong = "extends itself" if resolved in seen else f"has more than {MAX_LAYERS} layers"
            raise Mistakes([Mistake(place, "extends", wrong, "let a base extend nothing")])
        seen.append(resolved)
        node = read_yaml(path, named_at=named_at)
        layers.append(without(node, ("extends",)))
        base = extended(node)
        if base is None:
            break
        named_at = base.place
        path = path.parent / str(base.value)
    result = layers.pop()
    while layers:
        result = merged(result, layers.pop(), layer=CLUSTER_LAYER)
    return result


def readable(node: Node) -> Node:
    """Return a scenario's tree with its changes to the cluster as what they add."""
    if not isinstance(node, Map):
        return node
    spec = node.entries.get("spec")
    if spec is None or not isinstance(spec.node, Map) or "clusterSpec" not in spec.node.entries:
        return node
    inner = dict(spec.node.entries)
    layer = inner["clusterSpec"]
    inner["clusterSpec"] = Entry(layer.key_place, without_nulls(layer.node))
    outer = {**node.entries, "spec": Entry(spec.key_place, Map(inner, spec.node.place))}
    return Map(outer, node.place)


def extended(node: Node) -> Scalar | None:
    """Return what a scenario extends, None for nothing.

    Raises:
        Mistakes: it is not a file's name.
    """
    base = node.get("extends") if isinstance(node, Map) else None
    if base is None:
        return None
    if not isinstance(base, Scalar) or not isinstance(base.value, str):
        raise Mistakes(
            [Mistake(base.place, "extends", "is not a file name", "write for example base.yaml")]
        )
    return base
