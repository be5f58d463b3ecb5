"""Clusters that cannot be compiled, and fleets that are not meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.view import ClusterView, FleetView, Found
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.tree import place_of
from kingtide.fleet.repository import FleetRepository

IMAGE = "ubuntu/images/hvm-ssd-gp3/ubuntu-resolute-26.04-amd64-server-20260404"


def _uncompiled(cluster: ClusterView) -> Iterable[Found]:
    """Note everything that keeps a cluster from being compiled, where the fleet is for kops."""
    if isinstance(cluster.compiled, Mistakes) and _is_for_kops(cluster.fleet):
        for it in cluster.compiled.all:
            yield Found(it.place, it.field, it.wrong, it.instead, cluster.name)


def _only_rehearsed(fleet: FleetView) -> Iterable[Found]:
    """Note a fleet without a state store: so far nothing of it is for kops."""
    repository = fleet.repository
    if repository is None or repository.fleet is None or _is_for_kops(repository):
        return
    place = place_of(repository.documents[PurePosixPath("fleet.yaml")], ("spec",), key=True)
    wrong = "without one this fleet can be rehearsed, but neither compiled nor planned"
    advice = "add `stateStore:`, an S3 URL, where it is to have clusters; then KT6 holds for it too"
    yield Found(place, "spec.stateStore", wrong, advice)


def _is_for_kops(fleet: FleetRepository) -> bool:
    return fleet.fleet is not None and fleet.fleet.spec.state_store is not None


_REHEARSED = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Fleet
metadata: {name: acme}
spec: {dnsZone: k8s.foo.bar, kubernetesVersion: 1.35.7, stages: [prod]%s}
"""


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
    Rule(
        code="KT605",
        title="A fleet that can only be rehearsed",
        severity="warning",
        why="kops keeps clusters in a state store. A fleet that names none has no clusters yet:"
        " what else kops would have to be told is not asked for, and what is generated for kops is"
        " not checked.",
        source="https://kops.sigs.k8s.io/state/ (kops 1.35)",
        failing=Example(files={"fleet.yaml": _REHEARSED % ""}),
        passing=Example(
            files={"fleet.yaml": _REHEARSED % f", stateStore: s3://acme-kops-state, image: {IMAGE}"}
        ),
        check=_only_rehearsed,
    ),
)
