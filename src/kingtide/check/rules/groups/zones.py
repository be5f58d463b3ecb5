"""In how many zones a group's nodes are, and whether its types are offered there."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.aws.zone_offerings import zones_offering
from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.rules.groups.node_group import NodeGroup, node_groups_of
from kingtide.check.view import ClusterView, Found

_SUBNETS = ("spec", "subnets")


def _single_zone(cluster: ClusterView) -> Iterable[Found]:
    for group in node_groups_of(cluster):
        if len(group.zones) == 1:
            wrong = f"{group.zones[0]} is the only zone of these nodes"
            yield group.found_once(cluster, _SUBNETS, wrong, "write two zones or more")


def _not_offered(cluster: ClusterView) -> Iterable[Found]:
    for group in node_groups_of(cluster):
        missing = {name: _missing(name, group) for name in group.types}
        told = [f"{name} in {', '.join(zones)}" for name, zones in missing.items() if zones]
        if told:
            wrong = f"AWS does not offer {'; '.join(told)}"
            advice = "take them out, or live with fewer capacity pools than it looks like"
            yield group.found(cluster, group.types_path, wrong, advice)


def _missing(name: str, group: NodeGroup) -> tuple[str, ...]:
    """Return the zones of a group in which a type is not offered; none where that is unknown."""
    return tuple(
        zone
        for zone in group.zones
        if (offered := zones_offering(name, zone[:-1])) is not None and zone not in offered
    )


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
    Rule(
        code="KT210",
        title="An instance type that is not offered in a zone",
        severity="warning",
        why="Where a type is not offered it is no capacity pool: a list of twelve types in three"
        " zones may be twenty pools instead of thirty-six. Known are the types of"
        " eu-west-1 and eu-west-3 as one account saw them; of other regions nothing is said, and"
        " in another account a letter may be another zone's.",
        source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"
        "API_DescribeInstanceTypeOfferings.html (read in November 2026)",
        failing=Example(
            spec="region: eu-west-3\nnodeGroups:\n  jobs:\n    onDemand:\n"
            "      sizes: {4x: {instances: [c5a.4xlarge, m5.4xlarge], max: 9}}"
        ),
        passing=Example(
            spec="region: eu-west-3\nnodeGroups:\n  jobs:\n    onDemand:\n"
            "      sizes: {4x: {instances: [c5.4xlarge, m5.4xlarge], max: 9}}"
        ),
        check=each_cluster(_not_offered),
    ),
)
