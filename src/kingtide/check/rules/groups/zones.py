"""In how many zones a group's nodes are."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.view import ClusterView, Found


def _single_zone(cluster: ClusterView) -> Iterable[Found]:
    seen: dict[Found, None] = {}
    for name, sizes in cluster.sizes.items():
        for it in sizes:
            zones = it.expanded.group.zones
            if len(zones) == 1:
                own = cluster.spec.node_groups[name].zones is not None
                path = ("nodeGroups", name, "zones") if own else ("zones",)
                wrong = f"{zones[0]} is the only zone of these nodes"
                seen[cluster.found(path, wrong, "write two zones or more")] = None
    return seen


RULES = (
    Rule(
        code="KT207",
        title="Nodes in a single zone",
        severity="error",
        why="Capacity comes by instance type and zone: one zone has a third of the pools that"
        " three have, and when it fails everything on these nodes is gone.",
        source="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-best-practices.html"
        " (use all Availability Zones)",
        failing=Example(spec="nodeGroups: {workers: {zones: [a]}}"),
        passing=Example(spec="nodeGroups: {workers: {zones: [a, b]}}"),
        check=each_cluster(_single_zone),
    ),
)
