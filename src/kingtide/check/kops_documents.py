"""A cluster's generated kops documents, as rules look at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from kingtide.check.plain_values import text_at
from kingtide.compile.document import Document
from kingtide.fleet.documents.tree import Path

CONTROL_PLANE = "Master"
"""What v1alpha2 calls the control plane's role.

Source: https://kops.sigs.k8s.io/instance_groups/ (kops 1.35)."""


class KopsDocuments(msgspec.Struct, frozen=True):
    """All documents of one cluster."""

    cluster: Document
    groups: tuple[Document, ...]

    @property
    def control_plane(self) -> tuple[Document, ...]:
        """The InstanceGroups of the control plane."""
        return tuple(group for group in self.groups if role_of(group) == CONTROL_PLANE)


class Fault(msgspec.Struct, frozen=True):
    """What a rule finds in a document: the field, what is wrong with it, what to write instead."""

    document: Document
    path: Path
    wrong: str
    instead: str


Faults = Iterator[Fault]


def sorted_documents(documents: Iterable[Document]) -> KopsDocuments | None:
    """Return documents as one cluster's; None where there is not exactly one Cluster."""
    found = tuple(documents)
    clusters = [document for document in found if document.kind == "Cluster"]
    if len(clusters) != 1:
        return None
    return KopsDocuments(clusters[0], tuple(d for d in found if d.kind == "InstanceGroup"))


def role_of(document: Document) -> str:
    """Return an InstanceGroup's role: Node, Master, APIServer or Bastion; empty for none."""
    return text_at(document.body, "spec", "role")
