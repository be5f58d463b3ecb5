"""How far the clusters of a fleet are apart in their versions of Kubernetes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kingtide.check.rule import Example, Rule
from kingtide.check.view import ClusterView, FleetView, Found

FURTHEST = 1
"""Minor versions between two clusters of one fleet.

kops upgrades a cluster by one minor version at a time
(https://kops.sigs.k8s.io/tutorial/upgrading-kubernetes/), so a stage that is two behind cannot go
where the one before it is; and what was tried there was tried against other APIs.
"""
_MINOR = re.compile(r"v?1\.(\d{1,2})\.\d{1,3}.*")


def _apart(fleet: FleetView) -> Iterable[Found]:
    """Note clusters that are further behind the newest than one upgrade goes."""
    minors = [(cluster, minor) for cluster in fleet.clusters for minor in _minor(cluster)]
    newest = max((minor for _, minor in minors), default=0)
    leaders = [cluster.name for cluster, minor in minors if minor == newest]
    for cluster, minor in minors:
        if newest - minor > FURTHEST:
            wrong = (
                f"1.{minor} is {newest - minor} minor versions behind 1.{newest} of {leaders[0]}"
            )
            advice = f"upgrade to 1.{minor + 1} before any cluster goes further"
            yield cluster.found(("kubernetesVersion",), wrong, advice)


def _minor(cluster: ClusterView) -> list[int]:
    match = _MINOR.fullmatch(cluster.spec.kubernetes_version or "")
    return [] if match is None else [int(match[1])]


def _second(version: str) -> Example:
    return Example(
        files={
            "clusters/second.yaml": "apiVersion: fleet.kingtide.dev/v1alpha1\n"
            "kind: Cluster\nmetadata: {name: second}\n"
            f"spec: {{class: base, kubernetesVersion: {version}, network: {{cidr: 10.8.0.0/16}}}}\n"
        }
    )


RULES = (
    Rule(
        code="KT656",
        title="Clusters more than one minor version apart",
        severity="warning",
        why="kops goes one minor version at a time, so the cluster behind has two rollouts to go;"
        " and what the first stage proved was proved against APIs that the other does not have.",
        source="https://kops.sigs.k8s.io/tutorial/upgrading-kubernetes/ (kops 1.35)",
        failing=_second("1.33.9"),
        passing=_second("1.34.4"),
        check=_apart,
    ),
)
