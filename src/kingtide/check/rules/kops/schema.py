"""Fields that kops does not know: it drops them in silence, so they are refused here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from kingtide.check.crd_schema import SERVED_VERSION, CrdSchemas, departures
from kingtide.check.kops_documents import Fault, Faults, KopsDocuments
from kingtide.check.rule import Example, Rule
from kingtide.check.rules.kops.known_fields import (
    CLUSTER,
    INSTANCE_GROUP,
    Unknown,
    WrongKind,
    compared,
)
from kingtide.check.rules.kops.located import group_patch, in_kops, located
from kingtide.check.view import FleetView, Found
from kingtide.compile.document import Document
from kingtide.compile.yaml_text import yaml_text
from kingtide.fleet.documents.tree import Plain


def _misspelt(documents: KopsDocuments) -> Faults:
    """Note fields that are no known ones and look like one."""
    for document, found in _compared(documents):
        if isinstance(found, Unknown) and found.near is not None:
            wrong = "kops most likely knows no such field, and drops it in silence"
            yield Fault(document, found.path, wrong, f"did you mean {found.near!r}?")


def _unfamiliar(documents: KopsDocuments) -> Faults:
    """Note fields that are not known here and look like none that is."""
    for document, found in _compared(documents):
        if isinstance(found, Unknown) and found.near is None:
            wrong = "is not known here, and kops drops what it does not know in silence"
            advice = "give kops' own schema (`--kops-crds DIR`) to be sure of it"
            yield Fault(document, found.path, wrong, advice)


def _wrong_kinds(documents: KopsDocuments) -> Faults:
    """Note values of another kind than their field's."""
    for document, found in _compared(documents):
        if isinstance(found, WrongKind):
            yield Fault(document, found.path, f"is not {found.kind}", f"write {found.kind}")


def _against_crds(documents: KopsDocuments, schemas: CrdSchemas) -> Faults:
    """Note every departure from kops' own schema."""
    for document in (documents.cluster, *documents.groups):
        for found in departures(document.body, schemas.by_kind.get(document.kind)):
            yield Fault(document, found.path, found.wrong, found.instead)


def _compared(
    documents: KopsDocuments,
) -> list[tuple[Document, Unknown | WrongKind]]:
    known = [(documents.cluster, CLUSTER), *((group, INSTANCE_GROUP) for group in documents.groups)]
    return [
        (document, found) for document, fields in known for found in compared(document.body, fields)
    ]


def _without_crds(
    check: Callable[[KopsDocuments], Faults],
) -> Callable[[FleetView], Iterable[Found]]:
    """Return a check of fields that is not asked where kops' own schema is at hand."""
    of_fleet = in_kops(check)
    return lambda fleet: of_fleet(fleet) if fleet.crds is None else ()


def _by_crds(fleet: FleetView) -> Iterable[Found]:
    for cluster in fleet.clusters if fleet.crds is not None else ():
        if cluster.kops is not None and fleet.crds is not None:
            yield from (located(cluster, it) for it in _against_crds(cluster.kops, fleet.crds))


def _with_crds(merge: str) -> Example:
    """Return an example checked against a small schema of the fields that are known here."""
    assert isinstance(INSTANCE_GROUP, Mapping)
    known = INSTANCE_GROUP["spec"]
    assert isinstance(known, Mapping)
    fields: dict[str, Plain] = {name: {} for name in known}
    schemas: dict[str, dict[str, Plain]] = {
        "Cluster": {"type": "object"},
        "InstanceGroup": {"properties": {"spec": {"type": "object", "properties": fields}}},
    }
    crds = {kind: yaml_text(_crd(kind, schema)) for kind, schema in schemas.items()}
    return msgspec.structs.replace(group_patch(merge), crds=crds)


def _crd(kind: str, schema: dict[str, Plain]) -> dict[str, Plain]:
    whole = {"x-kubernetes-preserve-unknown-fields": True, **schema}
    version: Plain = {"name": SERVED_VERSION, "schema": {"openAPIV3Schema": whole}}
    return {"spec": {"names": {"kind": kind}, "versions": [version]}}


_WHY = (
    "kops reads documents leniently and drops what it does not know in silence: the setting looks"
    " as if it held, and does not."
)
_SOURCE = "https://github.com/kubernetes/kops/blob/master/pkg/kopscodecs/codecs.go (2026-08)"
RULES = (
    Rule(
        code="KT601",
        title="A misspelt field of kops",
        severity="error",
        why=f"{_WHY} This one is nearly a field that kops has.",
        source=_SOURCE,
        failing=group_patch('maxPrise: "0.50"'),
        passing=group_patch('maxPrice: "0.50"'),
        check=_without_crds(_misspelt),
    ),
    Rule(
        code="KT602",
        title="A field that kops may not know",
        severity="warning",
        why=f"{_WHY} It is not among the fields known here, which are not all of kops'; with kops'"
        " own CRDs (`--kops-crds DIR`) it is either right or an error.",
        source=_SOURCE,
        failing=group_patch("flavour: vanilla"),
        passing=group_patch("tenancy: dedicated"),
        check=_without_crds(_unfamiliar),
    ),
    Rule(
        code="KT603",
        title="A document that is not as kops' own schema says",
        severity="error",
        why=f"{_WHY} Only looked for with `--kops-crds DIR`, the folder k8s/crds of the kops"
        " release in use; it then takes the place of KT601 and KT602.",
        source="https://github.com/kubernetes/kops/tree/master/k8s/crds (2026-08)",
        failing=_with_crds("flavour: vanilla"),
        passing=_with_crds("tenancy: dedicated"),
        check=_by_crds,
    ),
    Rule(
        code="KT604",
        title="A value of another kind than its field's",
        severity="error",
        why="kops refuses the whole document, after the others of the cluster may have been"
        " written.",
        source="https://kops.sigs.k8s.io/instance_groups/ (kops 1.35)",
        failing=group_patch('autoscalePriority: "high"'),
        passing=group_patch("autoscalePriority: 50"),
        check=in_kops(_wrong_kinds),
    ),
)
