"""Explains a value of a cluster layer by layer: what each says of it, and what holds unsaid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec
from pydantic import BaseModel

from kingtide.fleet.documents.known_fields import model_at
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import (
    Map,
    Node,
    Path,
    Place,
    Plain,
    Scalar,
    Sequence,
    node_at,
    path_text,
    plain,
)
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.provenance.defaults import DefaultValue, default_at
from kingtide.fleet.repository import LayeredCluster


class Said(msgspec.Struct, frozen=True):
    """What one layer says of a value: `sets` it, or `removes` it and all that lies below it."""

    said_by: str
    place: Place
    how: Literal["sets", "removes"]
    value: Plain = None


class Sources(msgspec.Struct, frozen=True):
    """A value with all that was said of it, what counts first; each later one is overridden."""

    path: Path
    value: Plain
    said: tuple[Said, ...]


class Explained(msgspec.Struct, frozen=True):
    """The explanation of one path of a cluster.

    `values` are the single values and lists at and below it, each with its sources. `removed` is
    what said that there is nothing at the path. `default` is None where the value is written.
    `unsaid` are fields of the map at the path that nobody writes, with what holds then.
    """

    cluster: str
    path: Path
    text: str
    values: tuple[Sources, ...]
    removed: Sources | None
    default: DefaultValue | None
    unsaid: tuple[tuple[Path, DefaultValue], ...]


class NoSuchField(Exception):
    """A path that leads nowhere; the message says what to write."""


def explain_value(cluster: LayeredCluster, path: Path) -> Explained:
    """Return where a value of a cluster comes from, with everything below it.

    Raises:
        NoSuchField: a cluster has no such field, or this one no such name or item.
    """
    _check(cluster, path)
    node = node_at(cluster.node, path)
    removed = None
    if node is None:
        said = _said(cluster, path)
        removed = Sources(path, None, said) if said else None
    of_path = default_at(ClusterSpec, path)
    return Explained(
        cluster.name,
        path,
        "" if of_path is None else of_path.text,
        () if node is None else tuple(_leaves(cluster, node, path)),
        removed,
        of_path if node is None else None,
        tuple(_unsaid(cluster, path)),
    )


def _check(cluster: LayeredCluster, path: Path) -> None:
    """Refuse a path at its first step that leads nowhere."""
    for depth, step in enumerate(path):
        above = path[:depth]
        node = node_at(cluster.node, above)
        if isinstance(step, int):
            items = len(node.items) if isinstance(node, Sequence) else 0
            if step >= items:
                what = path_text(above) or "a cluster's spec"
                counted = f"{items} items, counted from 0" if items else "no items"
                raise NoSuchField(f"{what} has {counted}; name one of them, or the whole")
            continue
        model = model_at(ClusterSpec, above)
        if model is not None:
            known, what = _fields(model), "fields"
        else:
            # Names that users give, or free JSON (a patch): what is written is all that there is.
            known, what = list(node.entries) if isinstance(node, Map) else [], "names"
        if step not in known and not _was_said(cluster, path[: depth + 1]):
            where = path_text(above) or "a cluster's spec"
            raise NoSuchField(f"{where} has no {step!r}; {did_you_mean(step, known, what=what)}")


def _was_said(cluster: LayeredCluster, path: Path) -> bool:
    return any(node_at(layer.node, path) is not None for layer in cluster.layers)


def _leaves(cluster: LayeredCluster, node: Node, path: Path) -> Iterator[Sources]:
    """Yield every value that is replaced as a whole: single ones, lists, and empty maps."""
    if isinstance(node, Map) and node.entries:
        for key, entry in node.entries.items():
            yield from _leaves(cluster, entry.node, (*path, key))
        return
    yield Sources(path, plain(node), _said(cluster, path))


def _said(cluster: LayeredCluster, path: Path) -> tuple[Said, ...]:
    """Return what the layers say of a value, the highest first."""
    found = (_said_by(layer.said_by, layer.node, path) for layer in reversed(cluster.layers))
    return tuple(said for said in found if said is not None)


def _said_by(said_by: str, node: Node, path: Path) -> Said | None:
    """Return what one layer says of a value, None where it says nothing."""
    for step in path:
        below = _child(node, step)
        if below is None:
            # A single value where others have a map replaces all that lies below.
            return None if isinstance(node, Map) else Said(said_by, node.place, "removes")
        node = below
    if isinstance(node, Scalar) and node.value is None:
        return Said(said_by, node.place, "removes")
    return Said(said_by, node.place, "sets", plain(node))


def _child(node: Node, step: str | int) -> Node | None:
    return node_at(node, (step,))


def _unsaid(cluster: LayeredCluster, path: Path) -> Iterator[tuple[Path, DefaultValue]]:
    """Yield the fields of the map at a path that nothing is written for."""
    model = model_at(ClusterSpec, path)
    for field in () if model is None else _fields(model):
        at = (*path, field)
        found = default_at(ClusterSpec, at)
        if node_at(cluster.node, at) is None and found is not None:
            yield at, found


def _fields(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]
