"""Objects and lists of them in the form that a client accepts: themselves, tables, metadata."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.options import Form, Included
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.tables.row import Table
from kingtide.twin.apiserver.tables.tables import table_of

_ENCODER = msgspec.json.Encoder()
META = "meta.k8s.io/v1"


class Presenter:
    """Writes objects of one resource in one form."""

    def __init__(
        self, resource: Resource, form: Form, included: Included, now_ms: Callable[[], int]
    ) -> None:
        self.resource = resource
        self._form = form
        self._included = included
        self._now_ms = now_ms
        self._table = table_of(resource)

    def one(self, entry: Entry) -> bytes:
        """Return the text of one object, which a watch's event holds too."""
        match self._form:
            case "plain":
                return self._text(entry)
            case "metadata":
                return _ENCODER.encode(partial(entry))
            case "table":
                return _ENCODER.encode(self._rows(self._table, (entry,), {}))

    def bookmark(self, revision: int, annotations: dict[str, str] | None = None) -> bytes:
        """Return the object of a bookmark: nothing but a revision."""
        metadata: dict[str, Any] = {"resourceVersion": str(revision), "creationTimestamp": None}
        if annotations:
            metadata["annotations"] = annotations
        it = self.resource
        kind = {"kind": it.kind, "apiVersion": it.api_version}
        if self._form == "table":
            kind = {"kind": "Table", "apiVersion": META}
            return _ENCODER.encode(kind | {"metadata": metadata, "rows": []})
        if self._form == "metadata":
            kind = {"kind": "PartialObjectMetadata", "apiVersion": META}
        return _ENCODER.encode(kind | {"metadata": metadata})

    def all(self, entries: Sequence[Entry], metadata: dict[str, Any]) -> bytes:
        """Return the text of a list."""
        if self._form == "table":
            return _ENCODER.encode(self._rows(self._table, entries, metadata))
        if self._form == "metadata":
            kind, api_version = "PartialObjectMetadataList", META
            items = b",".join(_ENCODER.encode(partial(it)) for it in entries)
        else:
            kind, api_version = f"{self.resource.kind}List", self.resource.api_version
            text = self._text
            items = b",".join([text(it) for it in entries])
        head = _ENCODER.encode({"kind": kind, "apiVersion": api_version, "metadata": metadata})
        return b"".join((head[:-1], b',"items":[', items, b"]}"))

    def _text(self, entry: Entry) -> bytes:
        """Return an object's text; versions of a custom kind differ by their name alone."""
        if entry.resource is self.resource or not self.resource.is_custom:
            return entry.encoded
        return _ENCODER.encode(entry.body() | {"apiVersion": self.resource.api_version})

    def _rows(
        self, table: Table, entries: Sequence[Entry], metadata: dict[str, Any]
    ) -> dict[str, Any]:
        now_ms = self._now_ms()
        rows = [{"cells": table.cells(it, now_ms)} | self._carried(it) for it in entries]
        if len(entries) == 1 and not metadata:
            metadata = {"resourceVersion": str(entries[0].revision)}
        return {
            "kind": "Table",
            "apiVersion": META,
            "metadata": metadata,
            "columnDefinitions": table.definitions(),
            "rows": rows,
        }

    def _carried(self, entry: Entry) -> dict[str, Any]:
        match self._included:
            case "None":
                return {}
            case "Metadata":
                return {"object": partial(entry)}
            case "Object":
                return {"object": msgspec.Raw(self._text(entry))}


def partial(entry: Entry) -> dict[str, Any]:
    """Return an object's PartialObjectMetadata."""
    kind = {"kind": "PartialObjectMetadata", "apiVersion": META}
    return kind | {"metadata": entry.body()["metadata"]}
