"""Waivers: findings that are accepted until a date, each with a reason."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import msgspec
from pydantic import ValidationError

from kingtide.check.view import FleetView, Found
from kingtide.fleet.documents.tree import (
    Node,
    Path,
    Place,
    Scalar,
    Sequence,
    node_at,
    path_text,
    place_of,
    plain,
)
from kingtide.fleet.manifests import Manifest
from kingtide.fleet.models.waiver import Waiver

ANNOTATION = "kingtide.dev/waive"
"""On a manifest: `KT401 until 2026-12-31: reason`, one a line."""
ROOT = PurePosixPath("fleet.yaml")
_WRITTEN = re.compile(r"(KT[0-9]{3}) until (\d{4}-\d{2}-\d{2}): *(\S.*)")


class KnownWaiver(msgspec.Struct, frozen=True):
    """A waiver with where it stands: `place`, in which file, for which cluster or object."""

    waiver: Waiver
    place: Place
    field: str
    cluster: str = ""
    about: str = ""

    def covers(self, code: str, found: Found, paths: Mapping[str, PurePosixPath]) -> bool:
        """Return whether a finding is what this waiver is about."""
        if code != self.waiver.check or not _is_below(found.field, self.waiver.path):
            return False
        if self.about:
            return found.about == self.about and found.place.file == self.place.file
        if self.waiver.file:
            path = paths.get(found.place.file)
            return path is not None and fnmatch.fnmatchcase(path.as_posix(), self.waiver.file)
        # What a class says is found in its file, and can be right for one of its clusters alone.
        of_cluster = bool(self.cluster) and found.cluster == self.cluster
        return of_cluster or found.place.file == self.place.file


class Waivers(msgspec.Struct, frozen=True):
    """All waivers of a fleet, and those of which nothing can be made."""

    known: tuple[KnownWaiver, ...]
    unreadable: tuple[Found, ...]


def waivers_of(fleet: FleetView) -> Waivers:
    """Return the waivers of a fleet's files and of the manifests beside it."""
    found: list[KnownWaiver | Found] = []
    documents = {} if fleet.repository is None else fleet.repository.documents
    for path, node in documents.items():
        found += _of_document(path, node)
    for manifest in fleet.manifests:
        found += _of_manifest(manifest)
    return Waivers(
        tuple(it for it in found if isinstance(it, KnownWaiver)),
        tuple(it for it in found if isinstance(it, Found)),
    )


def _of_document(path: PurePosixPath, document: Node) -> Iterator[KnownWaiver | Found]:
    at: Path = ("metadata", "waivers")
    listed = node_at(document, at)
    kind, name = _text(document, ("kind",)), _text(document, ("metadata", "name"))
    for index, node in enumerate(listed.items if isinstance(listed, Sequence) else ()):
        try:
            waiver = Waiver.model_validate(plain(node))
        except ValidationError:
            continue  # reading the document has told what is wrong
        field = path_text((*at, index))
        if waiver.file and path != ROOT:
            wrong = "names files, which only a waiver in fleet.yaml can"
            place = place_of(node, ("file",), key=True)
            yield Found(place, f"{field}.file", wrong, "move it there, or take out `file`")
            continue
        yield KnownWaiver(waiver, node.place, field, cluster=name if kind == "Cluster" else "")


def _of_manifest(manifest: Manifest) -> Iterator[KnownWaiver | Found]:
    text = manifest.annotations.get(ANNOTATION)
    if text is None:
        return
    at: Path = ("metadata", "annotations", ANNOTATION)
    place, field = place_of(manifest.node, at), path_text(at)
    for line in filter(None, (it.strip() for it in text.splitlines())):
        try:
            waiver = _written(line)
        except ValueError as error:
            instead = "write `KT401 until 2026-12-31: why it is right here`, one a line"
            yield Found(place, field, _first(error), instead, manifest.cluster or "", manifest.key)
        else:
            yield KnownWaiver(waiver, place, field, about=manifest.key)


def _written(line: str) -> Waiver:
    """Return a waiver as an annotation has it.

    Raises:
        ValueError: it is none.
    """
    written = _WRITTEN.fullmatch(line)
    if written is None:
        raise ValueError(f"{line!r} is no waiver")
    code, until, reason = written.groups()
    return Waiver.model_validate({"check": code, "until": until, "reason": reason})


def _first(error: ValueError) -> str:
    """Return the first thing that is wrong, in our words."""
    if isinstance(error, ValidationError):
        return str(error.errors()[0].get("ctx", {}).get("error", error)).partition("; ")[0]
    return str(error)


def _text(document: Node, path: Path) -> str:
    node = node_at(document, path)
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else ""


def _is_below(field: str, path: str) -> bool:
    """Return whether a field is at or below a path; everything is below none."""
    return not path or field == path or field.startswith((f"{path}.", f"{path}["))
