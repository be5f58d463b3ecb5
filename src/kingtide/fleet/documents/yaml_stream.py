"""YAML texts of several documents, as Kubernetes' manifests are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import Map, Node, Sequence, node_at, place_of, plain
from kingtide.fleet.documents.yaml_tree import parse_yaml

_SEPARATOR = re.compile(rb"^---(?:[ \t].*)?\r?$", re.MULTILINE)
MAX_MANIFEST_BYTES = 20_000_000
"""Bytes of one file.

`kubectl get deployments -A -o yaml` writes 3 to 10 kB for a Deployment with its status and managed
fields, so this is a cluster of 2,000 to 6,000 workloads in one file; more are split by kind or
namespace. It also bounds what is held at once: such a file takes half a gigabyte and ten seconds.
"""


def documents_of(text: bytes, file: str) -> Iterator[Node]:
    """Yield a file's documents, each told with the lines of the whole file.

    Raises:
        Mistakes: a document is no YAML that we take.
    """
    begin, lines_before = 0, 0
    ends = [*((it.start(), it.end()) for it in _SEPARATOR.finditer(text)), (len(text), len(text))]
    for end, after in ends:
        document = text[begin:end]
        if document.strip():
            yield parse_yaml(
                document, file, max_bytes=MAX_MANIFEST_BYTES, lines_before=lines_before
            )
        lines_before += text.count(b"\n", begin, after)
        begin = after


def objects_of(document: Node, findings: Findings) -> Iterator[Map]:
    """Yield the objects of a document: itself, or what is in a list as `kubectl get` writes it."""
    if not isinstance(document, Map):
        advice = "write an object as `kubectl apply` takes it"
        findings.add(place_of(document, ()), (), "is no Kubernetes object", advice)
        return
    kind, items = node_at(document, ("kind",)), node_at(document, ("items",))
    if isinstance(items, Sequence) and str(plain(kind) if kind else "").endswith("List"):
        for item in items.items:
            yield from objects_of(item, findings)
        return
    if document.entries:  # a document of comments alone
        yield document
