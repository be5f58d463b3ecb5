"""Texts in the Helm values of the fleet's tools, which a chart hands on to containers."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kingtide.check.view import FleetView, Found
from kingtide.fleet.documents.tree import Map, Node, Path, Place, Scalar, Sequence, path_text


class ValueText(msgspec.Struct, frozen=True):
    """A text, where in its file it stands, and the tool that it is for."""

    text: str
    path: Path
    place: Place
    tool: str

    def found(self, wrong: str, instead: str) -> Found:
        """Return a finding about it."""
        return Found(self.place, path_text(self.path), wrong, instead)


def value_texts(fleet: FleetView) -> Iterator[ValueText]:
    """Return every text in the values of every tool."""
    if fleet.repository is not None:
        for file, node in fleet.repository.tool_values.items():
            for path, scalar in _scalars(node, ()):
                if isinstance(scalar.value, str):
                    yield ValueText(scalar.value, path, scalar.place, file.parts[1])


def _scalars(node: Node, at: Path) -> Iterator[tuple[Path, Scalar]]:
    match node:
        case Scalar():
            yield at, node
        case Sequence(items=items):
            for index, item in enumerate(items):
                yield from _scalars(item, (*at, index))
        case Map(entries=entries):
            for key, entry in entries.items():
                yield from _scalars(entry.node, (*at, key))
