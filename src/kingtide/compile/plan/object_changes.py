"""Which Kubernetes objects can be applied over what is there, and which must be replaced or go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kingtide.compile.document import Body, Document
from kingtide.compile.plan.group_changes import document_differences
from kingtide.compile.plan.model import Change, DocumentChange, FieldChange
from kingtide.fleet.documents.tree import path_text

IMMUTABLE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "PriorityClass": (("value",), ("preemptionPolicy",)),
    "DaemonSet": (("spec", "selector"),),
    "Deployment": (("spec", "selector"),),
    "StatefulSet": (("spec", "selector"), ("spec", "serviceName"), ("spec", "podManagementPolicy")),
}
"""Fields that the API refuses to change: such an object is deleted and made anew.

Source: https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/ and
https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector (v1.36).
"""
KEPT = ("Namespace", "CustomResourceDefinition")
"""Kinds whose deletion takes others' objects with it: a plan never deletes them."""


def document_changes(
    before: Iterable[Document], after: Iterable[Document]
) -> tuple[DocumentChange, ...]:
    """Return what changes, in the order of `after`; what is gone comes last, in its own order."""
    old = {it.key: it for it in before}
    new = {it.key: it for it in after}
    found = []
    for key, document in new.items():
        if key not in old:
            found.append(_change("added", document, ()))
        elif fields := _fields(old[key], document):
            found.append(_change("changed", document, fields))
    found += [_change("removed", document, ()) for key, document in old.items() if key not in new]
    return tuple(found)


def values_changes(
    before: Mapping[str, Body] | None, after: Mapping[str, Body] | None
) -> tuple[DocumentChange, ...]:
    """Return the Helm values that change, by tool; none where one side does not know them."""
    if before is None or after is None:
        return ()
    return document_changes(_as_documents(before), _as_documents(after))


def _as_documents(tools: Mapping[str, Body]) -> list[Document]:
    identity: Body = {"apiVersion": "helm.sh", "kind": "Values"}
    return [
        Document({**identity, "metadata": {"name": tool}, "values": tools[tool]})
        for tool in sorted(tools)
    ]


def replaced(before: Iterable[Document], after: Iterable[Document]) -> tuple[Document, ...]:
    """Return the objects of which a field changes that the API does not let change."""
    old = {it.key: it for it in before}
    return tuple(it for it in after if it.key in old and _is_immutable(old[it.key], it))


def removed(before: Iterable[Document], after: Iterable[Document]) -> tuple[Document, ...]:
    """Return the objects that are gone and may be deleted, the last made first."""
    new = {it.key for it in after}
    gone = [it for it in before if it.key not in new and it.kind not in KEPT]
    return tuple(reversed(gone))


def kept(before: Iterable[Document], after: Iterable[Document]) -> tuple[Document, ...]:
    """Return the objects that are gone and stay nevertheless, in their order."""
    new = {it.key for it in after}
    return tuple(it for it in before if it.key not in new and it.kind in KEPT)


def _is_immutable(before: Document, after: Document) -> bool:
    fields = IMMUTABLE.get(after.kind, ())
    return any(
        difference.path[: len(field)] == field
        for difference in document_differences(before, after)
        for field in fields
    )


def _fields(before: Document, after: Document) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(path_text(it.path), it.before, it.after)
        for it in document_differences(before, after)
    )


def _change(change: Change, document: Document, fields: tuple[FieldChange, ...]) -> DocumentChange:
    return DocumentChange(
        change=change,
        api_version=document.api_version,
        kind=document.kind,
        namespace=document.namespace,
        name=document.name,
        fields=fields,
    )
