"""Compile a cluster: what its fleet says of it becomes kops documents, objects and values."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.compile.compiled_cluster import CompiledCluster
from kingtide.compile.document import Document
from kingtide.compile.kops.cluster_document import cluster_document
from kingtide.compile.kops.control_plane import control_plane_groups
from kingtide.compile.kops.node_groups import node_groups
from kingtide.compile.kubernetes.expander_priorities import with_priorities
from kingtide.compile.kubernetes.objects import objects
from kingtide.compile.patches.apply import patched
from kingtide.compile.subject import subject_of
from kingtide.compile.tools.values import values_by_tool
from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.repository import FleetRepository


def compile_cluster(fleet: FleetRepository, name: str) -> CompiledCluster:
    """Return what a cluster of a fleet compiles to; the fleet was read without mistakes.

    Raises:
        Mistakes: everything that keeps the cluster from being compiled, each at its place.
        KeyError: the fleet has no such cluster.
    """
    subject = subject_of(fleet, name)
    bare = (cluster_document(subject), *control_plane_groups(subject), *node_groups(subject))
    kops = patched(subject, "kops", bare)
    subject = with_priorities(subject, bare, kops)
    made = patched(subject, "kubernetes", objects(subject))
    tools = values_by_tool(subject, fleet)
    subject.findings.raise_if_any()
    return CompiledCluster(
        name=name, full_name=subject.full_name, kops=kops, objects=made, tools=tools
    )


def compile_objects(fleet: FleetRepository, name: str) -> tuple[Document, ...]:
    """Return the Kubernetes objects of a cluster alone, wherever kops keeps its own.

    Raises:
        Mistakes: everything that keeps them from being compiled.
        KeyError: the fleet has no such cluster.
    """
    subject = subject_of(fleet, name, with_store=False)
    made = patched(subject, "kubernetes", objects(subject))
    subject.findings.raise_if_any()
    return made


def compile_clusters(fleet: FleetRepository, names: Iterable[str]) -> tuple[CompiledCluster, ...]:
    """Return what several clusters of a fleet compile to.

    Raises:
        Mistakes: everything that keeps any of them from being compiled.
        KeyError: the fleet has no such cluster.
    """
    findings = Findings()
    compiled: list[CompiledCluster] = []
    for name in names:
        try:
            compiled.append(compile_cluster(fleet, name))
        except Mistakes as error:
            findings.extend(error.all)
    findings.raise_if_any()
    return tuple(compiled)
