"""How many groups an application group has, and whether its fallback can stand in for spot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.rules.groups.node_group import NodeGroup, by_application_group
from kingtide.check.view import ClusterView, Found
from kingtide.controlplane.node_resources import allocatable
from kingtide.kube.quantities import format_bytes, format_cpu
from kingtide.kube.resources import Resources

MOST_GROUPS = 4
"""Auto Scaling groups of one application group: two sizes of spot, two of on-demand.

The published fleet went from a dozen, whose failing one after another took 45 minutes, to this.
"""
_FAILOVER = (
    "https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md and"
    " autoscaler#4958, autoscaler#5903: groups are tried one after another"
)
_SIZE = "4x: {instances: 4x-cpu16, max: 50}"
_MORE = "4y: {instances: 4x-cpu16, max: 50}"


def _too_many(cluster: ClusterView) -> Iterable[Found]:
    for name, groups in by_application_group(cluster).items():
        if len(groups) > MOST_GROUPS:
            named = ", ".join(it.name for it in groups)
            wrong = f"{name}: {len(groups)} Auto Scaling groups, {named}"
            advice = f"keep {MOST_GROUPS}: put types of the same CPUs into one size"
            last = groups[MOST_GROUPS]
            if last.manifest is None and name in cluster.spec.node_groups:
                yield cluster.found(("nodeGroups", name), wrong, advice, key=True)
            else:
                yield last.found(cluster, ("metadata", "name"), wrong, advice)


def _no_fallback(cluster: ClusterView) -> Iterable[Found]:
    for name, groups in by_application_group(cluster).items():
        spot, on_demand = _split(groups)
        if spot and not on_demand:
            wrong = f"{name} has spot alone"
            advice = "add `onDemandFallback:` with the sizes of spot"
            if spot[0].manifest is None and name in cluster.spec.node_groups:
                yield cluster.found(("nodeGroups", name), wrong, advice, key=True)
            else:
                yield spot[0].found(cluster, ("metadata", "name"), wrong, advice)


def _cannot_stand_in(cluster: ClusterView) -> Iterable[Found]:
    for groups in by_application_group(cluster).values():
        spot, on_demand = _split(groups)
        if spot and on_demand:
            yield from _smaller_nodes(cluster, spot, on_demand)
            yield from _elsewhere(cluster, spot, on_demand)
            yield from _too_small(cluster, spot, on_demand)


def _smaller_nodes(
    cluster: ClusterView, spot: Sequence[NodeGroup], on_demand: Sequence[NodeGroup]
) -> Iterator[Found]:
    """Yield that pods which fill a spot node fit on no node of the fallback."""
    offers = [offer for it in on_demand if (offer := _offer(it)) is not None]
    larger = [
        (it.name, offer)
        for it in spot
        if (offer := _offer(it)) is not None and not any(_holds(other, offer) for other in offers)
    ]
    if larger and offers:
        name, wanted = max(larger, key=lambda it: _size(it[1]))
        others = f" and {len(larger) - 1} more spot groups" if len(larger) > 1 else ""
        most = _told(max(offers, key=_size))
        wrong = f"its nodes offer pods {most}, and those of {name}{others} {_told(wanted)}"
        advice = "give the fallback a size of types that are as large"
        yield on_demand[0].found(cluster, on_demand[0].types_path, wrong, advice)


def _elsewhere(
    cluster: ClusterView, spot: Sequence[NodeGroup], on_demand: Sequence[NodeGroup]
) -> Iterator[Found]:
    """Yield zones without a fallback, and taints that pods on spot need not tolerate."""
    first = on_demand[0]
    for zone in dict.fromkeys(zone for it in spot for zone in it.zones):
        if not any(zone in it.zones for it in on_demand):
            wrong = f"spot is in {zone}, and no fallback is: volumes and spread stay behind"
            yield first.found(cluster, ("spec", "subnets"), wrong, f"add {zone} to its subnets")
    for it in spot:
        if not any(set(other.taints) <= set(it.taints) for other in on_demand):
            wrong = f"pods of {it.name} do not tolerate its taints"
            yield first.found(cluster, ("spec", "taints"), wrong, "give both the same taints")


def _too_small(
    cluster: ClusterView, spot: Sequence[NodeGroup], on_demand: Sequence[NodeGroup]
) -> Iterator[Found]:
    needed, offered = sum(map(_most_cores, spot)), sum(map(_most_cores, on_demand))
    if offered < needed:
        wrong = f"spot may have {needed:,} cores, and its fallback {offered:,}"
        least = min(on_demand, key=_most_cores)
        yield least.found(cluster, ("spec", "maxSize"), wrong, "raise the fallback's max")


def _most_cores(group: NodeGroup) -> int:
    return group.max_size * (group.known[0].vcpus if group.known else 0)


def _offer(group: NodeGroup) -> Resources | None:
    """Return what an autoscaler takes a group's next node for; None without figures."""
    return allocatable(group.known[0].name) if group.known else None


def _holds(offer: Resources, wanted: Resources) -> bool:
    return (
        offer.cpu_millicores >= wanted.cpu_millicores and offer.memory_bytes >= wanted.memory_bytes
    )


def _size(offer: Resources) -> tuple[int, int]:
    return offer.cpu_millicores, offer.memory_bytes


def _told(offer: Resources) -> str:
    return f"{format_cpu(offer.cpu_millicores)} CPU and {format_bytes(offer.memory_bytes)}"


def _split(
    groups: Sequence[NodeGroup],
) -> tuple[tuple[NodeGroup, ...], tuple[NodeGroup, ...]]:
    """Return the groups for spot, and the others."""
    return (
        tuple(it for it in groups if it.is_meant_for_spot),
        tuple(it for it in groups if not it.is_meant_for_spot),
    )


RULES = (
    Rule(
        code="KT201",
        title="More than four Auto Scaling groups of one application group",
        severity="error",
        why="An autoscaler asks the groups of a tier one after another and waits for each to fail;"
        " with a dozen, the first is asked again before on-demand is reached: pods were"
        " pending for 45 minutes.",
        source=_FAILOVER,
        failing=Example(
            spec="nodeGroups:\n  workers:\n    spot:\n      sizes:\n"
            "        4y: {instances: 4x-cpu16, min: 1, max: 100}"
        ),
        passing=Example(
            spec=f"nodeGroups:\n  api:\n    spot: {{sizes: {{{_SIZE}, {_MORE}}}}}\n"
            "    onDemandFallback: {sizes: {4x: {max: 50}, 4y: {max: 50}}}"
        ),
        check=each_cluster(_too_many),
    ),
    Rule(
        code="KT209",
        title="A fallback that cannot host what its spot group hosts",
        severity="error",
        why="On the night that spot is gone, pods that fitted there must fit here: nodes as large"
        " (by the type that an empty group is sized by), as many cores, the same zones, no"
        " taint more.",
        source="https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/expander/"
        "priority/readme.md: the next tier is asked for the same pods",
        failing=Example(
            spec="nodeGroups:\n  workers:\n    onDemandFallback:\n"
            "      sizes: {4x: {max: 20}, 8x: {max: 20}}"
        ),
        passing=Example(
            spec="nodeGroups:\n  workers:\n    onDemandFallback:\n"
            "      sizes: {4x: {max: 60}, 8x: {max: 70}}"
        ),
        check=each_cluster(_cannot_stand_in),
    ),
    Rule(
        code="KT211",
        title="Spot without a fallback",
        severity="warning",
        why="Twelve types in three zones have been empty at the same time; pods of this group then"
        " wait until AWS has spot again.",
        source="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-best-practices.html"
        " (prepare for interruptions)",
        failing=Example(spec="nodeGroups: {workers: {onDemandFallback: null}}"),
        passing=Example(
            spec="nodeGroups: {workers: {onDemandFallback: {sizes: {4x: {max: 120}}}}}"
        ),
        check=each_cluster(_no_fallback),
    ),
)
