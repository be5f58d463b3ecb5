"""Clusters that cannot be compiled."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.view import ClusterView, Found
from kingtide.fleet.documents.mistakes import Mistakes


def _uncompiled(cluster: ClusterView) -> Iterable[Found]:
    """Note everything that keeps a cluster from being compiled."""
    if isinstance(cluster.compiled, Mistakes):
        for it in cluster.compiled.all:
            yield Found(it.place, it.field, it.wrong, it.instead, cluster.name)


RULES = (
    Rule(
        code="KT600",
        title="A cluster that cannot be compiled",
        severity="error",
        why="Something that kops or Kubernetes must be told is missing, or does not fit into what"
        " is generated. Rules over generated documents (KT6xx) see nothing of such a cluster.",
        source="docs/reference/fleet.md",
        failing=Example(
            spec="kops: {patches: [{target: {kind: InstanceGroup, name: other},"
            " merge: {spec: {maxSize: 3}}}]}"
        ),
        passing=Example(
            spec="kops: {patches: [{target: {kind: InstanceGroup, name: spot-nodes-*},"
            " merge: {spec: {maxSize: 3}}}]}"
        ),
        check=each_cluster(_uncompiled),
    ),
)
