"""Which instance types stand in one group: what an autoscaler makes of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from kingtide.aws.instance_types import InstanceType
from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.rules.groups.node_group import NodeGroup, node_groups_of
from kingtide.check.rules.groups.written_types import found_at_type
from kingtide.check.view import ClusterView, Found

FEWEST_SPOT_TYPES = 10
"""Types of a spot group below which one night's shortage can take all of them.

A published fleet of this kind calls a dozen "barely enough"; AWS advises to be flexible across at
least ten. Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-best-practices.html
"""
_ONE_TEMPLATE = (
    "https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/"
    "README.md#using-mixed-instances-policies-and-spot-instances"
)
_SPOT_ADVICE = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-best-practices.html"


def _jobs(types: str) -> Example:
    sizes = f"{{4x: {{instances: [{types}], max: 9}}}}"
    return Example(spec=f"nodeGroups:\n  jobs:\n    onDemand: {{sizes: {sizes}}}")


def _spot(types: str) -> Example:
    return Example(
        spec="nodeGroups:\n  workers:\n    spot:\n      sizes:\n        4x:\n"
        f"          instances: [{types}]"
    )


def _first_of_each(
    group: NodeGroup, quality: Callable[[InstanceType], Hashable]
) -> list[InstanceType]:
    """Return the first type of each quality, in the order in which they are listed."""
    found: dict[Hashable, InstanceType] = {}
    for it in group.known:
        found.setdefault(quality(it), it)
    return [*found.values()]


def _different_cpus(cluster: ClusterView) -> Iterable[Found]:
    for group in node_groups_of(cluster):
        first = _first_of_each(group, lambda it: it.vcpus)
        if len(first) > 1:
            told = ", ".join(f"{it.name} has {it.vcpus}" for it in first)
            wrong = f"types of one group have different numbers of CPUs: {told}"
            yield found_at_type(cluster, group, first[1].name, wrong, "make a size of each number")


def _first_not_smallest(cluster: ClusterView) -> Iterable[Found]:
    for group in node_groups_of(cluster):
        if not group.known:
            continue
        first, smallest = group.known[0], min(group.known, key=lambda it: it.memory_mib)
        if smallest.memory_mib < first.memory_mib:
            wrong = (
                f"{first.name} comes first with {_gib(first.memory_mib)}, and {smallest.name} has"
                f" {_gib(smallest.memory_mib)}"
            )
            advice = f"put {smallest.name} first"
            yield found_at_type(cluster, group, first.name, wrong, advice)


def _mixed_architectures(cluster: ClusterView) -> Iterable[Found]:
    for group in node_groups_of(cluster):
        first = _first_of_each(group, lambda it: it.arch)
        if len(first) > 1:
            told = ", ".join(f"{it.name} is {it.arch}" for it in first)
            wrong = f"types of one group have different architectures: {told}"
            yield found_at_type(cluster, group, first[1].name, wrong, "make a group of each")


def _few_types(cluster: ClusterView) -> Iterable[Found]:
    for group in node_groups_of(cluster):
        if group.is_meant_for_spot and len(group.types) < FEWEST_SPOT_TYPES:
            count = len(group.types)
            wrong = f"spot has {count} instance type{'' if count == 1 else 's'} to choose from"
            advice = f"list {FEWEST_SPOT_TYPES} or more: other families, older generations, d and n"
            yield group.found(cluster, group.types_path, wrong, advice)


def _gib(mib: int) -> str:
    return f"{mib / 1024:g} GiB"


RULES = (
    Rule(
        code="KT202",
        title="Types with different numbers of CPUs in one group",
        severity="error",
        why="An autoscaler takes all nodes of a group for alike: it counts the nodes it needs by"
        " one of them, and cores, ladders and shares come out wrong with the others.",
        source=_ONE_TEMPLATE,
        failing=_jobs("c5.4xlarge, m5.8xlarge"),
        passing=_jobs("c5.4xlarge, m5.4xlarge"),
        check=each_cluster(_different_cpus),
    ),
    Rule(
        code="KT203",
        title="The first type is not the one with the least memory",
        severity="error",
        why="Cluster Autoscaler sizes an empty group by the first type of its list alone. Where"
        " that is a larger one, nodes are bought for pods that then fit on none of them, and are"
        " bought again; where it is the smallest, whatever comes is large enough.",
        source=f"{_ONE_TEMPLATE} and autoscaler#3217",
        failing=_jobs("m5.4xlarge, c5.4xlarge, r5.4xlarge"),
        passing=_jobs("c5.4xlarge, m5.4xlarge, r5.4xlarge"),
        check=each_cluster(_first_not_smallest),
    ),
    Rule(
        code="KT204",
        title="Types of different architectures in one group",
        severity="error",
        why="A group has one machine image, and an image one architecture: the other types never"
        " start; types with and without a GPU are KT624.",
        source="https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-"
        "instances-groups-launch-template-overrides.html",
        failing=_jobs("c6g.4xlarge, m5.4xlarge"),
        passing=_jobs("c5.4xlarge, m5.4xlarge"),
        check=each_cluster(_mixed_architectures),
    ),
    Rule(
        code="KT208",
        title="Fewer than ten types for spot",
        severity="warning",
        why="Each type in each zone is a pool of its own that can run dry; evenings are known on"
        " which a dozen did at once. More types cost nothing where all have the same CPUs.",
        source=f"{_SPOT_ADVICE} (be flexible about instance types)",
        failing=_spot("c5.4xlarge, m5.4xlarge, r5.4xlarge"),
        passing=_spot(
            "c5.4xlarge, c5d.4xlarge, c6i.4xlarge, c5n.4xlarge, m5.4xlarge, m5a.4xlarge,"
            "\n            m5d.4xlarge, m6a.4xlarge, m6i.4xlarge, r5.4xlarge"
        ),
        check=each_cluster(_few_types),
    ),
)
