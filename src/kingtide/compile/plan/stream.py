"""Reads back the YAML streams that `kingtide` writes."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.compile.document import Document
from kingtide.fleet.documents.mistakes import Mistake, Mistakes
from kingtide.fleet.documents.tree import Place, plain
from kingtide.fleet.documents.yaml_tree import parse_yaml

MAX_BYTES = 20_000_000
"""Of one document; a cluster's documents together are 40 kB."""


def documents_of(text: str, shown: str) -> tuple[Document, ...]:
    """Return the documents of a stream as `compile.yaml_text` writes it; `shown` names it.

    Only there a line of `---` always ends a document: what a document quotes is indented.

    Raises:
        Mistakes: a document is no YAML, or does not say what it is.
    """
    found = []
    lines_before = 0
    for part in f"\n{text}".split("\n---\n"):
        node = parse_yaml(part.encode(), shown, max_bytes=MAX_BYTES, lines_before=lines_before - 1)
        lines_before += part.count("\n") + 2
        body = plain(node)
        if body == {}:
            continue
        if not isinstance(body, dict) or not _says_what_it_is(body):
            wrong = "has no apiVersion, kind and metadata.name"
            advice = "name a folder that `kingtide compile` wrote"
            raise Mistakes([Mistake(Place(shown, node.place.line, 1), "", wrong, advice)])
        found.append(Document(body))
    return tuple(found)


def _says_what_it_is(body: Mapping[str, object]) -> bool:
    metadata = body.get("metadata")
    return (
        "apiVersion" in body
        and "kind" in body
        and isinstance(metadata, dict)
        and ("name" in metadata)
    )
