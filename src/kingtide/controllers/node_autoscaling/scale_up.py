"""Which group gets how many nodes for the pods that wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from kingtide.control.chance import Chance
from kingtide.controllers.node_autoscaling.backoff import Backoffs, is_backed_off
from kingtide.controllers.node_autoscaling.binpacking import Packing, Run, pack
from kingtide.controllers.node_autoscaling.demand import Demand
from kingtide.controllers.node_autoscaling.expander import Choice, Option, expand, in_highest_tier
from kingtide.controllers.node_autoscaling.priorities import Priorities
from kingtide.controllers.node_autoscaling.room import Room
from kingtide.controllers.node_autoscaling.similar import are_similar
from kingtide.controllers.node_autoscaling.sizing import SizedGroup, balance
from kingtide.controllers.node_autoscaling.snapshot import GroupStanding
from kingtide.controllers.node_autoscaling.upcoming import (
    Upcoming,
    desired_of,
    missing_of,
    nodes_starting,
    nodes_to_come,
)
from kingtide.controlplane.scheduling.fits import resource_refusals, static_refusal
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.kube.resources import Resources


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """Why a group is not asked: `InBackoff`, `MaxSizeReached`, `UnknownSize` or `PodsDoNotFit`."""

    code: str
    detail: str = ""


class Candidate(msgspec.Struct, frozen=True):
    """A group that could help, with how its nodes would be filled."""

    option: Option
    packing: Packing
    fitting: tuple[int, ...]


class Enlargement(msgspec.Struct, frozen=True, gc=False):
    """A group's new desired capacity."""

    group: str
    desired: int
    expected_desired: int


class ScaleUp(msgspec.Struct, frozen=True):
    """What one pass finds for the waiting pods.

    `on_existing`, `on_upcoming` and `placed` count the pods of each demand that will fit on nodes
    that are there, on nodes on their way, and on the nodes now asked for. `refusals` tell of each
    group that cannot help why.
    """

    on_existing: tuple[int, ...] = ()
    on_upcoming: tuple[int, ...] = ()
    placed: tuple[int, ...] = ()
    choice: Choice = Choice(None)
    enlargements: tuple[Enlargement, ...] = ()
    candidates: tuple[Option, ...] = ()
    refusals: Mapping[str, Refusal] = {}


def place_on_existing(demands: Sequence[Demand], room: Room) -> list[int]:
    """Use up room on the nodes that are there and return how many pods of each demand fit."""
    return [sum(room.place(it.shape, it.count).values()) for it in demands]


def place_on_upcoming(
    demands: Sequence[Demand],
    counts: Sequence[int],
    groups: Mapping[str, GroupStanding],
    upcoming: Upcoming,
    backoffs: Backoffs,
    now_ms: int,
) -> list[int]:
    """Return how many pods of each demand fit on nodes that are on their way.

    Missing instances of a group in back-off do not count: nothing says that they will come.
    """
    placed = [0] * len(demands)
    for group in groups.values():
        nodes = nodes_starting(upcoming, group)
        if not is_backed_off(backoffs, group.name, now_ms):
            nodes += missing_of(upcoming, group.name)
        if nodes == 0 or group.template is None:
            continue
        free = group.template.free
        fitting = _fitting(demands, group)
        left = [
            count - done if place in fitting else 0
            for place, (count, done) in enumerate(zip(counts, placed, strict=True))
        ]
        packing = pack(demands, left, [Run(nodes, free)], free, max_new_nodes=0)
        placed = [a + b for a, b in zip(placed, packing.placed, strict=True)]
    return placed


def plan_scale_up(
    demands: Sequence[Demand],
    left: Sequence[int],
    groups: Mapping[str, GroupStanding],
    upcoming: Upcoming,
    backoffs: Backoffs,
    priorities: Priorities,
    policy: NodeAutoscalingPolicy,
    cluster_nodes: int,
    now_ms: int,
    chance: Chance,
) -> ScaleUp:
    """Return the one group (with its like, if balanced) that is asked for nodes in this pass."""
    budget = policy.max_nodes_per_scale_up
    if policy.max_nodes_total:
        to_come = sum(nodes_to_come(upcoming, it) - len(it.starting) for it in groups.values())
        budget = min(budget, max(0, policy.max_nodes_total - cluster_nodes - to_come))
    candidates: dict[str, Candidate] = {}
    refusals: dict[str, Refusal] = {}
    for group in groups.values():
        found = _candidate(group, demands, left, upcoming, backoffs, budget, now_ms)
        if isinstance(found, Refusal):
            refusals[group.name] = found
        else:
            candidates[group.name] = found
    options = [it.option for it in candidates.values()]
    choice = expand(options, policy.expander, priorities, chance, f"expander/{now_ms}")
    if choice.option is None:
        return ScaleUp(choice=choice, refusals=refusals)
    chosen = candidates[choice.option.group]
    tier = in_highest_tier(options, priorities) if "priority" in policy.expander else options
    shared = [groups[it.group] for it in tier if _may_share(candidates, groups, chosen, it)]
    enlargements = _enlarge(
        groups[choice.option.group],
        shared if policy.balance_similar_node_groups else [],
        choice.option.nodes,
        upcoming,
    )
    return ScaleUp(
        placed=chosen.packing.placed,
        choice=choice,
        enlargements=enlargements,
        candidates=tuple(options),
        refusals=refusals,
    )


def _candidate(
    group: GroupStanding,
    demands: Sequence[Demand],
    left: Sequence[int],
    upcoming: Upcoming,
    backoffs: Backoffs,
    budget: int,
    now_ms: int,
) -> Candidate | Refusal:
    if group.template is None:
        return Refusal("UnknownSize", ", ".join(group.group.instance_types[:1]))
    if is_backed_off(backoffs, group.name, now_ms):
        return Refusal("InBackoff", backoffs[group.name].error)
    room = group.max_size - desired_of(group, upcoming.asks)
    if room <= 0:
        return Refusal("MaxSizeReached", str(group.max_size))
    fitting = [place for place in _fitting(demands, group) if left[place]]
    if not fitting:
        return Refusal("PodsDoNotFit", _why_not(demands, left, group))
    counts = [left[place] if place in fitting else 0 for place in range(len(demands))]
    packing = pack(demands, counts, (), group.template.free, min(room, budget))
    pods = sum(packing.placed)
    if pods == 0:
        return Refusal("MaxNodesTotalReached")
    option = Option(
        group=group.name,
        nodes=packing.used_nodes,
        pods=pods,
        wasted_cpu=_wasted(packing, group.template.free, "cpu_millicores"),
        wasted_memory=_wasted(packing, group.template.free, "memory_bytes"),
    )
    return Candidate(option, packing, tuple(fitting))


def _fitting(demands: Sequence[Demand], group: GroupStanding) -> dict[int, None]:
    """Return the places of the demands whose pods an empty node of a group can host."""
    template = group.template
    if template is None:
        return {}
    return {
        place: None
        for place, demand in enumerate(demands)
        if static_refusal(demand.shape, template.node) is None
        and not resource_refusals(demand.shape, template.node.allocatable, template.daemons)
    }


def _why_not(demands: Sequence[Demand], left: Sequence[int], group: GroupStanding) -> str:
    template = group.template
    assert template is not None
    for demand, count in zip(demands, left, strict=True):
        if count:
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


def _may_share(
    candidates: Mapping[str, Candidate],
    groups: Mapping[str, GroupStanding],
    chosen: Candidate,
    option: Option,
) -> bool:
    """Whether a group of the chosen tier can take part in the chosen one's scale-up."""
    if option.group == chosen.option.group:
        return False
    a, b = groups[chosen.option.group].template, groups[option.group].template
    if a is None or b is None or not are_similar(a, b):
        return False
    fitting = candidates[option.group].fitting
    return all(place in fitting for place in chosen.fitting)


def _enlarge(
    chosen: GroupStanding, shared: Sequence[GroupStanding], nodes: int, upcoming: Upcoming
) -> tuple[Enlargement, ...]:
    present = {it.name: desired_of(it, upcoming.asks) for it in (chosen, *shared)}
    sized = [SizedGroup(it.name, present[it.name], it.max_size) for it in (chosen, *shared)]
    return tuple(
        Enlargement(name, desired, present[name]) for name, desired in balance(sized, nodes).items()
    )
