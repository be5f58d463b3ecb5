"""Workloads of Kubernetes manifests: YAML files with any number of documents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from kingtide.controllers.downscaling.annotation_check import annotation_mistakes
from kingtide.controllers.downscaling.dialect import Dialect
from kingtide.files.reading import read_bytes
from kingtide.fleet.documents.mistakes import Findings, Mistake, Mistakes
from kingtide.fleet.documents.tree import Map, Node, Place, node_at, place_of, plain
from kingtide.fleet.documents.tree import Path as TreePath
from kingtide.fleet.documents.yaml_stream import MAX_MANIFEST_BYTES, documents_of, objects_of
from kingtide.kube.quantities import parse_bytes, parse_cpu_millicores
from kingtide.kube.resources import NO_RESOURCES, Resources
from kingtide.kube.scalable_documents import KINDS, NotScalable, read_scalable
from kingtide.rehearsal.building.downscaling import note_wrong
from kingtide.rehearsal.timetable.previewed import Previewed

_ANNOTATIONS: TreePath = ("metadata", "annotations")


class Manifests(msgspec.Struct, frozen=True):
    """The workloads of some files, and the annotations of namespaces that stand in them."""

    workloads: tuple[Previewed, ...]
    namespaces: Mapping[str, Mapping[str, str]]


def read_manifests(files: tuple[Path, ...], dialect: Dialect) -> Manifests:
    """Return what can be scaled in some files; documents of other kinds are not looked at.

    Raises:
        Mistakes: everything that is wrong in them, annotations of downscaling included.
    """
    findings = Findings()
    workloads: list[Previewed] = []
    namespaces: dict[str, Mapping[str, str]] = {}
    for file in files:
        try:
            text = read_bytes(file, max_bytes=MAX_MANIFEST_BYTES)
            documents = list(documents_of(text, str(file)))
        except Mistakes as error:
            findings.extend(error.all)
            continue
        for document in (it for found in documents for it in objects_of(found, findings)):
            _take(document, dialect, workloads, namespaces, findings)
    findings.raise_if_any()
    if not workloads:
        raise Mistakes([_without_workloads(it) for it in files])
    return Manifests(tuple(workloads), namespaces)


def _without_workloads(file: Path) -> Mistake:
    wrong = "has no workload that could be scaled, nor has any other file that is named"
    return Mistake(Place(str(file), 0, 0), "", wrong, f"name files with {', '.join(KINDS)}")


def _take(
    document: Node,
    dialect: Dialect,
    workloads: list[Previewed],
    namespaces: dict[str, Mapping[str, str]],
    findings: Findings,
) -> None:
    found: Any = plain(document)
    if found.get("kind") not in (*KINDS, "Namespace"):
        return
    said = node_at(document, _ANNOTATIONS)
    entries = said.entries if isinstance(said, Map) else {}
    written = {key: str(plain(entry.node)) for key, entry in entries.items()}
    for key, wrong in annotation_mistakes(written, dialect).items():
        note_wrong(findings, document, (*_ANNOTATIONS, key), wrong)
    if found["kind"] == "Namespace":
        namespaces[str((found.get("metadata") or {}).get("name"))] = written
        return
    try:
        it = read_scalable(found)
        requests = _requests(found.get("spec") or {})
    except (NotScalable, ValueError, TypeError, AttributeError) as error:
        advice = "write it as `kubectl apply` takes it"
        findings.add(place_of(document, ()), (), f"is no {found['kind']}: {error}", advice)
        return
    workloads.append(Previewed(msgspec.structs.replace(it, created_ms=0), requests))


def _requests(spec: Mapping[str, Any]) -> Resources:
    """Return what the containers of a pod template request together."""
    pods = (spec.get("template") or {}).get("spec") or {}
    total = NO_RESOURCES
    for container in pods.get("containers") or ():
        requests = (container.get("resources") or {}).get("requests") or {}
        total = total + Resources(
            cpu_millicores=parse_cpu_millicores(str(requests.get("cpu", 0))),
            memory_bytes=parse_bytes(str(requests.get("memory", 0))),
        )
    return total
