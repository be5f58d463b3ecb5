"""Kubernetes objects that users keep beside their fleet, as the trees they were written as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

import msgspec

from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.documents.tree import Map, Path, Place, Plain, Scalar, node_at, plain
from kingtide.fleet.documents.yaml_stream import documents_of, objects_of

FOLDER = "manifests"
"""The folder of a fleet's manifests: `manifests/*.yaml` of every cluster,
`manifests/<cluster>/*.yaml` of one."""


class ManifestFile(msgspec.Struct, frozen=True):
    """A file of manifests: its path below the fleet's folder, and how messages name it.

    `cluster` is the one whose objects it holds, None for every cluster's.
    """

    path: PurePosixPath
    shown: str
    text: bytes
    cluster: str | None = None


class Manifest(msgspec.Struct, frozen=True):
    """One object; `cluster` as of its file."""

    node: Map
    kind: str
    namespace: str
    name: str
    cluster: str | None = None

    @property
    def key(self) -> str:
        """`Deployment shop/api`; a name alone for what says no namespace."""
        return f"{self.kind} {self.namespace}/{self.name}".replace(" /", " ")

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.node.place

    @property
    def annotations(self) -> Mapping[str, str]:
        """Its annotations that are texts."""
        node = node_at(self.node, ("metadata", "annotations"))
        if not isinstance(node, Map):
            return {}
        return {
            key: entry.node.value
            for key, entry in node.entries.items()
            if isinstance(entry.node, Scalar) and isinstance(entry.node.value, str)
        }

    def value(self, path: Path) -> Plain:
        """Return what stands at a path, None for nothing."""
        node = node_at(self.node, path)
        return None if node is None else plain(node)


def read_manifests(files: Iterable[ManifestFile], findings: Findings) -> tuple[Manifest, ...]:
    """Return the objects of some files, noting what is no object."""
    found: list[Manifest] = []
    for file in files:
        try:
            documents = list(documents_of(file.text, file.shown))
        except Mistakes as error:
            findings.extend(error.all)
            continue
        for document in documents:
            for node in objects_of(document, findings):
                it = _manifest(node, file.cluster, findings)
                if it is not None:
                    found.append(it)
    return tuple(found)


def _manifest(node: Map, cluster: str | None, findings: Findings) -> Manifest | None:
    texts: list[str] = []
    for path in (("kind",), ("metadata", "name")):
        it = node_at(node, path)
        if not isinstance(it, Scalar) or not isinstance(it.value, str) or not it.value:
            place = node.place if it is None else it.place
            wrong = "is missing" if it is None else "is not a name"
            advice = "write an object as `kubectl apply` takes it"
            findings.add(place, path, wrong, advice, "missing" if it is None else "value")
            return None
        texts.append(it.value)
    namespace = node_at(node, ("metadata", "namespace"))
    named = namespace.value if isinstance(namespace, Scalar) else None
    kind, name = texts
    return Manifest(node, kind, named if isinstance(named, str) else "", name, cluster)
