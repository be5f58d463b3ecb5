"""Do a cluster's patches: find what each is about, change it, and tell what cannot be done."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from kingtide.compile.document import Document
from kingtide.compile.subject import Subject
from kingtide.fleet.documents.merge import merged
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Node, Path, Place, Plain, node_at, placed, plain
from kingtide.fleet.models.patches import JsonPatchOperation, Patch, PatchTarget
from kingtide.kube.patching.json_patch import Operation, OperationFailed, json_patched

Family = Literal["kops", "kubernetes"]
"""Which documents are changed, by the field of a cluster that holds the patches."""

_NOWHERE = Place("", 0, 0)


def patched(
    subject: Subject, family: Family, documents: Iterable[Document]
) -> tuple[Document, ...]:
    """Return documents after the patches of their family, in the same order.

    What a patch cannot do is noted at its place: nothing matches its target, an operation fails, or
    what it leaves is no document or another one's name.
    """
    found = list(documents)
    patches = subject.spec.kops if family == "kops" else subject.spec.kubernetes
    for number, patch in enumerate(patches.patches):
        at: Path = (family, "patches", number)
        matching = [index for index, it in enumerate(found) if matches(patch.target, it)]
        if not matching:
            _note_nothing(subject, (*at, "target"), patch.target, found)
        for index in matching:
            changed = _changed(subject, at, patch, found[index])
            if changed is None:
                continue
            others = [it.key for it in found if it is not found[index]]
            if _is_another(found[index], changed) or changed.key in others:
                wrong = f"makes another object of {found[index].kind} {found[index].name}"
                instead = "keep its apiVersion, kind, namespace and name as they are"
                if changed.key in others:
                    wrong, instead = f"{wrong}: {changed.name}", "give it a name of its own"
                subject.note(at, wrong, instead)
                continue
            found[index] = changed
    return tuple(found)


def matches(target: PatchTarget, document: Document) -> bool:
    """Return whether a patch is about a document."""
    pattern = ".*".join(map(re.escape, target.name.split("*"))) if target.name is not None else ".*"
    return (
        target.kind == document.kind
        and re.fullmatch(pattern, document.name) is not None
        and target.namespace in (None, document.namespace)
    )


def _changed(subject: Subject, at: Path, patch: Patch, document: Document) -> Document | None:
    """Return a document after one patch; None with a note where that cannot be done."""
    body: Plain
    if patch.json6902 is not None:
        try:
            body = json_patched(document.body, [_operation(it) for it in patch.json6902])
        except OperationFailed as error:
            wrong = f"{error} in {document.kind} {document.name}"
            instead = error.instead
            if error.missing:
                instead = did_you_mean(error.missing, error.among, what="fields")
            subject.note((*at, "json6902", error.index), wrong, instead)
            return None
    else:
        layer = node_at(subject.cluster.node, (*at, "merge"))
        body = plain(merged(placed(document.body, _NOWHERE), _known(layer)))
    if not isinstance(body, dict) or not _is_document(body):
        wrong = f"leaves {document.kind} {document.name} without apiVersion, kind or name"
        subject.note(at, wrong, "keep them as they are")
        return None
    return Document(body)


def _operation(written: JsonPatchOperation) -> Operation:
    value = written.value if "value" in written.model_fields_set else msgspec.UNSET
    source = msgspec.UNSET if written.source is None else written.source
    return Operation(written.op, written.path, value, source)


def _is_another(document: Document, changed: Document) -> bool:
    """Return whether a patch made another object of a document.

    An InstanceGroup may be given the name under which kops has it already: a new name would be a
    new group of machines, for the control plane a new etcd member too.
    """
    if document.kind == "InstanceGroup" == changed.kind:
        return document.api_version != changed.api_version
    return document.key != changed.key


def _known(layer: Node | None) -> Node:
    assert layer is not None  # the model has a merge, which was read from there
    return layer


def _is_document(body: dict[str, Plain]) -> bool:
    metadata = body.get("metadata")
    return (
        "apiVersion" in body
        and "kind" in body
        and isinstance(metadata, dict)
        and ("name" in metadata)
    )


def _note_nothing(
    subject: Subject, at: Path, target: PatchTarget, documents: list[Document]
) -> None:
    kinds = [it.kind for it in documents]
    if target.kind not in kinds:
        wrong = f"there is no generated {target.kind}"
        subject.note((*at, "kind"), wrong, did_you_mean(target.kind, kinds, what="kinds"))
        return
    named = target.name or "document"
    where = f" in namespace {target.namespace}" if target.namespace is not None else ""
    names = [it.name for it in documents if it.kind == target.kind]
    wrong = f"no generated {target.kind} is {named}{where}"
    subject.note((*at, "name"), wrong, did_you_mean(named, names, what="names"))
