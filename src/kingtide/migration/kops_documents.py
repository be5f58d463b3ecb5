"""kops manifests as values: clusters with their InstanceGroups.

A text is cut into documents and read as kops does it (`pkg/kopscodecs`, `SplitContentToSections`);
fields that kops does not know are kept, since kops drops them in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import Place, Plain
from kingtide.migration.kops_dialect import Source
from kingtide.migration.parts import Part, map_at, text_at
from kingtide.migration.values import read_map

API_VERSION = "kops.k8s.io/v1alpha2"
_KINDS = ("Cluster", "InstanceGroup")

CLUSTER_LABEL = "kops.k8s.io/cluster"
"""The label by which an InstanceGroup names its cluster."""


class KopsDocument(msgspec.Struct, frozen=True):
    """A document; `place` is where it begins."""

    kind: str
    name: str
    body: Part
    place: Place

    @property
    def spec(self) -> Part:
        """Its spec."""
        return map_at(self.body, "spec")


class KopsCluster(msgspec.Struct, frozen=True):
    """A Cluster with its InstanceGroups, in the order in which they were written."""

    document: KopsDocument
    groups: tuple[KopsDocument, ...]

    @property
    def name(self) -> str:
        """Its full name, as kops and AWS know it."""
        return self.document.name


class Manifests(msgspec.Struct, frozen=True):
    """What was read; `others` are documents of kinds that a fleet has no place for."""

    clusters: tuple[KopsCluster, ...]
    others: tuple[KopsDocument, ...]


def read_manifests(sources: Sequence[Source]) -> Manifests:
    """Return the clusters of some manifests.

    Raises:
        Mistakes: everything that is no kops document, or belongs to no cluster.
    """
    findings = Findings()
    documents = [it for source in sources for it in _documents(source, findings)]
    clusters: dict[str, KopsDocument] = {}
    for document in documents:
        if document.kind != "Cluster":
            continue
        if document.name in clusters:
            first = clusters[document.name].place
            wrong = f"cluster {document.name} stands in {first.file} line {first.line} too"
            findings.add(document.place, ("metadata", "name"), wrong, "name each cluster once")
        clusters[document.name] = document
    groups: dict[str, list[KopsDocument]] = {name: [] for name in clusters}
    for document in documents:
        if document.kind == "InstanceGroup":
            _assign(document, groups, findings)
    if not clusters and not findings:
        place = Place(sources[0].file if sources else "", 0, 0)
        findings.add(place, (), "there is no kops Cluster in it", "name the manifests of a cluster")
    findings.raise_if_any()
    return Manifests(
        tuple(KopsCluster(it, tuple(groups[name])) for name, it in clusters.items()),
        tuple(it for it in documents if it.kind not in _KINDS),
    )


def _documents(source: Source, findings: Findings) -> Iterator[KopsDocument]:
    for lines_before, text in _sections(source.text):
        section = Source("", source.file, text)
        read = read_map(section, findings, lines_before=lines_before)
        if not read:
            continue
        # The first line that is neither empty nor a comment.
        lines = text.split("\n")
        first = next(i for i, it in enumerate(lines) if it.strip() and it.lstrip()[0] != "#")
        place = Place(source.file, lines_before + first + 1, 1)
        body = {"apiVersion": None, **_map(_plain(read))}
        kind, name = text_at(body, "kind"), text_at(body, "metadata", "name")
        if kind is None:
            findings.add(place, ("kind",), "is missing", "write `kind: Cluster` or InstanceGroup")
        elif name is None:
            findings.add(place, ("metadata", "name"), "is missing", "write its name")
        elif kind in _KINDS and body["apiVersion"] != API_VERSION:
            wrong = f"{kind} {name} is not of {API_VERSION}, the one version that kops serves"
            findings.add(place, ("apiVersion",), wrong, f"write `apiVersion: {API_VERSION}`")
        else:
            yield KopsDocument(kind, name, body, place)


def _sections(text: str) -> Iterator[tuple[int, str]]:
    """Yield the documents of a text, each with the number of lines before it."""
    begin = 0
    lines = text.split("\n")
    for number, line in enumerate([*lines, "---"]):
        if line.rstrip() == "---":
            section = "\n".join(lines[begin:number])
            if any(it.strip() and not it.lstrip().startswith("#") for it in lines[begin:number]):
                yield begin, section
            begin = number + 1


def _assign(
    document: KopsDocument, groups: dict[str, list[KopsDocument]], findings: Findings
) -> None:
    cluster = text_at(document.body, "metadata", "labels", CLUSTER_LABEL)
    path = ("metadata", "labels", CLUSTER_LABEL)
    if cluster is None:
        findings.add(document.place, path, "is missing", "write the cluster's name")
    elif cluster not in groups:
        wrong = f"there is no cluster {cluster!r} in these manifests"
        findings.add(document.place, path, wrong, "name the manifest of its cluster too")
    elif any(it.name == document.name for it in groups[cluster]):
        wrong = f"{cluster} has another InstanceGroup {document.name!r}"
        findings.add(document.place, ("metadata", "name"), wrong, "name each once")
    else:
        groups[cluster].append(document)


def _map(value: Plain) -> Part:
    return value if isinstance(value, dict) else {}


def _plain(value: object) -> Plain:
    """Return a value with whole numbers as such and fractions exact."""
    match value:
        case float():
            return int(value) if value.is_integer() else Decimal(repr(value))
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case None | bool() | int() | str():
            return value
    raise TypeError(f"YAML has no {type(value)}")  # a defect of ours
