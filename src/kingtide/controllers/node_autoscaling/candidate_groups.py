"""Whether a group can help the pods that wait, and how its new nodes would be filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from kingtide.control import cluster_health
from kingtide.control.company import Company
from kingtide.controllers.node_autoscaling.backoff import Backoffs, is_backed_off
from kingtide.controllers.node_autoscaling.binpacking import Packing, pack
from kingtide.controllers.node_autoscaling.capacity_pools import (
    FailedPools,
    last_failure_ms,
    next_probe_ms,
    prospect,
)
from kingtide.controllers.node_autoscaling.careful_packing import minding, pack_carefully
from kingtide.controllers.node_autoscaling.demand import Demand
from kingtide.controllers.node_autoscaling.expander import Option
from kingtide.controllers.node_autoscaling.nodes_to_be import new_nodes
from kingtide.controllers.node_autoscaling.pricing import cost_of
from kingtide.controllers.node_autoscaling.snapshot import GroupStanding
from kingtide.controllers.node_autoscaling.upcoming import Upcoming, desired_of, missing_of
from kingtide.controlplane.scheduling.fits import resource_refusals, static_refusal
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy, PoolPolicy
from kingtide.kube.resources import NO_RESOURCES, Resources

PROBE_NODES = 1
"""What a probe asks for: one node tells whether a pool delivers again, and the pods of no more than
one node wait for the answer."""


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """Why a group is not asked: a code of the report's, and what tells more."""

    code: str
    detail: str = ""


class Candidate(msgspec.Struct, frozen=True):
    """A group that could help, with how its nodes would be filled.

    `fitting` are the places of the demands that its nodes can host; `is_probe` tells that all its
    pools are known to fail and that it is asked for one node to see whether they still do.
    """

    option: Option
    packing: Packing
    fitting: tuple[int, ...]
    is_probe: bool = False


class Asking(msgspec.Struct, frozen=True):
    """What is known when groups are looked at: requests, back-offs, failing pools, the time.

    `budget` is how many nodes may be asked for, `may_not_probe` whether no probe may begin.
    `packings` remembers what was packed in this pass: groups of one size fill their nodes alike.
    """

    upcoming: Upcoming
    backoffs: Backoffs
    failed_pools: FailedPools
    policy: NodeAutoscalingPolicy
    company: Company
    budget: int
    may_not_probe: bool
    now_ms: int
    packings: dict[tuple[Resources, int, tuple[int, ...]], Packing] = {}


def candidate_of(
    group: GroupStanding, demands: Sequence[Demand], left: Sequence[int], asking: Asking
) -> Candidate | Refusal:
    """Return how a group could help, or why it cannot."""
    refusal = _refusal(group, asking)
    if refusal is not None:
        return refusal
    assert group.template is not None
    fitting = [place for place in fitting_demands(demands, group) if left[place]]
    if not fitting:
        return Refusal("PodsDoNotFit", _why_not(demands, left, group))
    is_probe = prospect(group.group, asking.failed_pools, asking.now_ms) == "probe"
    mark = asking.company.mark()
    packing = fill(group, demands, left, fitting, asking, is_probe=is_probe)
    asking.company.undo_to(mark)
    pods = sum(packing.placed)
    if pods == 0:
        if asking.budget <= 0:
            return Refusal("MaxNodesTotalReached")
        return Refusal("PodsDoNotFit", "other pods keep them away")
    option = Option(
        group=group.name,
        nodes=packing.used_nodes,
        pods=pods,
        wasted_cpu=_wasted(packing, group.template.free, "cpu_millicores"),
        wasted_memory=_wasted(packing, group.template.free, "memory_bytes"),
        cost=_cost(group, demands, packing, asking.policy),
    )
    return Candidate(option, packing, tuple(fitting), is_probe)


def fill(
    group: GroupStanding,
    demands: Sequence[Demand],
    left: Sequence[int],
    fitting: Sequence[int],
    asking: Asking,
    *,
    is_probe: bool,
) -> Packing:
    """Return how a group's new nodes would be filled; pods that mind others are noted there."""
    assert group.template is not None
    counts = [left[place] if place in fitting else 0 for place in range(len(demands))]
    free = group.template.free
    nodes = min(group.max_size - desired_of(group, asking.upcoming.asks), asking.budget)
    if is_probe:
        nodes = min(nodes, PROBE_NODES)
    if not minding(demands, counts, asking.company):
        key = (free, nodes, tuple(counts))
        packing = asking.packings.get(key)
        if packing is None:
            packing = asking.packings[key] = pack(demands, counts, (), free, nodes)
        return packing
    to_come = new_nodes(group, asking.upcoming)
    return pack_carefully(demands, counts, (), to_come, free, nodes, asking.company)


def fitting_demands(demands: Sequence[Demand], group: GroupStanding) -> dict[int, None]:
    """Return the places of the demands whose pods an empty node of a group can host."""
    template = group.template
    if template is None:
        return {}
    return {
        place: None
        for place, demand in enumerate(demands)
        if not (demand.is_spot_only and group.group.lifecycle != "spot")
        and static_refusal(demand.shape, template.node) is None
        and not resource_refusals(demand.shape, template.node.allocatable, template.daemons)
    }


def must_not_probe(
    groups: Mapping[str, GroupStanding],
    upcoming: Upcoming,
    backoffs: Backoffs,
    failed: FailedPools,
    policy: PoolPolicy,
    now_ms: int,
) -> bool:
    """Return whether no group is to be probed now.

    One whose pools are all known to fail has been asked and is awaited, or a launch failed a moment
    ago, whose pods are not to go from probe to probe.
    """
    failed_ms = last_failure_ms(failed)
    if failed_ms is None:
        return False
    if now_ms - failed_ms < policy.probe_pause_seconds * 1000:
        return True
    return any(
        missing_of(upcoming, name)
        and not is_backed_off(backoffs, name, now_ms)
        and prospect(group.group, failed, now_ms) != "open"
        for name, group in groups.items()
    )


def is_unhealthy(unready: int, nodes: int, policy: NodeAutoscalingPolicy) -> bool:
    """Return whether so many of some nodes are broken that more of them would be no help."""
    return cluster_health.is_unhealthy(
        unready,
        nodes,
        ok_unready_count=policy.ok_unready_count,
        max_unready_percentage=policy.max_unready_percentage,
    )


def _refusal(group: GroupStanding, asking: Asking) -> Refusal | None:
    now_ms = asking.now_ms
    if group.template is None:
        return Refusal("UnknownSize", ", ".join(group.group.instance_types[:1]))
    if is_backed_off(asking.backoffs, group.name, now_ms):
        known = asking.backoffs[group.name]
        left_seconds = -(-(known.until_ms - now_ms) // 1000)
        return Refusal("InBackoff", f"{known.error}, for another {left_seconds} s")
    if is_unhealthy(group.unready, group.settled + len(group.starting), asking.policy):
        return Refusal("GroupUnhealthy", str(group.unready))
    if group.max_size <= desired_of(group, asking.upcoming.asks):
        return Refusal("MaxSizeReached", str(group.max_size))
    match prospect(group.group, asking.failed_pools, now_ms):
        case "none":
            due_ms = next_probe_ms(group.group, asking.failed_pools)
            assert due_ms is not None
            return Refusal("PoolsWithoutCapacity", f"{-(-(due_ms - now_ms) // 1000)} s")
        case "probe" if asking.may_not_probe:
            return Refusal("ProbedElsewhere")
    return None


def _why_not(demands: Sequence[Demand], left: Sequence[int], group: GroupStanding) -> str:
    template = group.template
    assert template is not None
    for demand, count in zip(demands, left, strict=True):
        if count:
            if demand.is_spot_only and group.group.lifecycle != "spot":
                return "they leave an on-demand node for spot"
            static = static_refusal(demand.shape, template.node)
            if static is not None:
                return static
            return ", ".join(
                resource_refusals(demand.shape, template.node.allocatable, template.daemons)
            )
    return ""


def _wasted(packing: Packing, empty: Resources, resource: str) -> Fraction:
    offered = packing.used_nodes * int(getattr(empty, resource))
    unused = sum(run.nodes * int(getattr(run.free, resource)) for run in packing.runs)
    return Fraction(unused, offered) if offered else Fraction(0)


def _cost(
    group: GroupStanding,
    demands: Sequence[Demand],
    packing: Packing,
    policy: NodeAutoscalingPolicy,
) -> Fraction | None:
    """Return what the nodes cost in relation to their pods; nobody asks without that expander."""
    if "price" not in policy.expander:
        return None
    cpu = memory = 0
    for demand, count in zip(demands, packing.placed, strict=True):
        cpu += count * demand.shape.cpu_millicores
        memory += count * demand.shape.memory_bytes
    requested = msgspec.structs.replace(NO_RESOURCES, cpu_millicores=cpu, memory_bytes=memory)
    return cost_of(group.group, packing.used_nodes, requested)
