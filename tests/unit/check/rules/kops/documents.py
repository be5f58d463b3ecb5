"""A small cluster's kops documents, to be changed in a test."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import lru_cache

from kingtide.check.kops_documents import Fault, KopsDocuments
from kingtide.check.rule import Example
from kingtide.compile.document import Document
from kingtide.fleet.documents.tree import Path, Plain, path_text
from tests.unit.check.example_fleet import example_view

SPOT = "spot-nodes-workers-4x"
CONTROL_PLANE = "control-plane-eu-west-1a"
Change = tuple[str, Path, Plain]
"""A document (empty for the Cluster), a path in it, and what stands there; None takes it away."""


@lru_cache(maxsize=1)
def good_documents() -> KopsDocuments:
    """Return the documents of the fleet in which nothing is wrong."""
    found = example_view(Example()).clusters[0].kops
    assert found is not None
    return found


def changed(*changes: Change) -> KopsDocuments:
    """Return the good documents with some values replaced."""
    good = good_documents()
    found = {it.name: copy.deepcopy(it.body) for it in (good.cluster, *good.groups)}
    for name, path, value in changes:
        _put(found[name or good.cluster.name], path, value)
    return KopsDocuments(
        Document(found[good.cluster.name]),
        tuple(Document(found[group.name]) for group in good.groups),
    )


def faults(check: Callable[[KopsDocuments], object], *changes: Change) -> list[str]:
    """Return what a rule finds in the changed documents: each as `document path`."""
    found = check(changed(*changes))
    assert isinstance(found, list | tuple) or hasattr(found, "__iter__")
    told = []
    for it in found:
        assert isinstance(it, Fault)
        assert it.wrong
        assert it.instead
        name = it.document.name if it.document.kind == "InstanceGroup" else "Cluster"
        told.append(f"{name} {path_text(it.path)}")
    return told


def _put(body: Plain, path: Path, value: Plain) -> None:
    *above, last = path
    for step in above:
        if isinstance(body, dict) and isinstance(step, str):
            body = body.setdefault(step, {})
        elif isinstance(body, list) and isinstance(step, int):
            body = body[step]
    if isinstance(body, dict) and isinstance(last, str):
        if value is None:
            body.pop(last, None)
        else:
            body[last] = value
    elif isinstance(body, list) and isinstance(last, int):
        if value is None:
            del body[last]
        else:
            body[last] = value
