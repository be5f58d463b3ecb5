"""From a fault of a generated document to a finding in the fleet's files."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kingtide.check.kops_documents import Fault, Faults, KopsDocuments
from kingtide.check.rule import Example
from kingtide.check.rules.kops.origin import origin
from kingtide.check.view import ClusterView, FleetView, Found
from kingtide.fleet.documents.tree import path_text


def in_kops(check: Callable[[KopsDocuments], Faults]) -> Callable[[FleetView], Iterable[Found]]:
    """Return the check of a fleet that looks at every cluster's kops documents."""

    def of_fleet(fleet: FleetView) -> Iterable[Found]:
        for cluster in fleet.clusters:
            if cluster.kops is not None:
                yield from (located(cluster, fault) for fault in check(cluster.kops))

    return of_fleet


def located(cluster: ClusterView, fault: Fault) -> Found:
    """Return a finding at what made the faulty field: a patch, or a field of the fleet."""
    document = fault.document
    path = origin(cluster.spec, cluster.cluster.node, document, fault.path)
    # Without the cluster's own name, so that what comes from a class is told once.
    about = "kops Cluster" if document.kind == "Cluster" else f"{document.kind} {document.name}"
    wrong = f"{about}, {path_text(fault.path)}: {fault.wrong}"
    return cluster.found(path, wrong, fault.instead)


def cluster_patch(merge: str) -> Example:
    """Return an example whose kops Cluster has a part laid over it."""
    return _patch("{kind: Cluster}", merge)


def cluster_operation(operation: str) -> Example:
    """Return an example on whose kops Cluster one operation of a JSON Patch is done."""
    return Example(
        spec="kops:\n  patches:\n  - target: {kind: Cluster}\n"
        f"    json6902:\n    - {{{operation}}}\n"
    )


def group_patch(merge: str, name: str = "spot-nodes-workers-4x") -> Example:
    """Return an example one of whose InstanceGroups has a part laid over it."""
    return _patch(f"{{kind: InstanceGroup, name: {name}}}", merge)


def _patch(target: str, merge: str) -> Example:
    return Example(
        spec=f"kops:\n  patches:\n  - target: {target}\n    merge: {{spec: {{{merge}}}}}\n"
    )
