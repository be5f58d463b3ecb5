"""Which groups get how many nodes for the pods that wait: one choice after the other.

What one choice leaves over is offered to the next. Cluster Autoscaler makes one choice a pass
(several with --salvo-scale-up).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from kingtide.control.action import SetDesiredCapacity
from kingtide.control.chance import Chance
from kingtide.control.counted import counted
from kingtide.controllers.node_autoscaling.candidate_groups import (
    Asking,
    Candidate,
    Refusal,
    candidate_of,
    fill,
)
from kingtide.controllers.node_autoscaling.demand import Demand
from kingtide.controllers.node_autoscaling.expander import (
    Choice,
    Option,
    expand,
    tier_of_choice,
)
from kingtide.controllers.node_autoscaling.priorities import Priorities
from kingtide.controllers.node_autoscaling.similar import are_similar
from kingtide.controllers.node_autoscaling.sizing import SizedGroup, balance
from kingtide.controllers.node_autoscaling.snapshot import GroupStanding
from kingtide.controllers.node_autoscaling.upcoming import (
    Upcoming,
    desired_of,
    nodes_to_come,
    with_ask,
)
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy


class Enlargement(msgspec.Struct, frozen=True, gc=False):
    """A group's new desired capacity, for so many pods (of the group that was chosen)."""

    group: str
    desired: int
    expected_desired: int
    pods: int


class Round(msgspec.Struct, frozen=True):
    """One choice: who was considered, who was chosen, how many pods of each demand it helps.

    `chosen` is the option of `choice`; `enlargements` are this choice's alone.
    """

    choice: Choice
    chosen: Option
    candidates: tuple[Option, ...]
    placed: tuple[int, ...]
    enlargements: tuple[Enlargement, ...]
    is_probe: bool


class ScaleUp(msgspec.Struct, frozen=True):
    """What one pass finds for the waiting pods.

    `on_existing` and `on_upcoming` count the pods of each demand that will fit on nodes that are
    there and on nodes on their way. `refusals` tell of each group why it could not help at all,
    `last_refusals` why it cannot help those who are left (None: the pass ended before that).
    """

    on_existing: tuple[int, ...] = ()
    on_upcoming: tuple[int, ...] = ()
    rounds: tuple[Round, ...] = ()
    enlargements: tuple[Enlargement, ...] = ()
    refusals: Mapping[str, Refusal] = {}
    last_refusals: Mapping[str, Refusal] | None = None

    @property
    def placed(self) -> tuple[int, ...]:
        """How many pods of each demand get new nodes."""
        return tuple(map(sum, zip(*(it.placed for it in self.rounds), strict=True)))

    @property
    def candidates(self) -> tuple[str, ...]:
        """The groups that could help."""
        return tuple(dict.fromkeys(it.group for r in self.rounds for it in r.candidates))


def plan_scale_up(
    demands: Sequence[Demand],
    left: Sequence[int],
    groups: Mapping[str, GroupStanding],
    asking: Asking,
    priorities: Priorities,
    cluster_nodes: int,
    chance: Chance,
) -> ScaleUp:
    """Return the groups that are asked for nodes in this pass; `asking.budget` is set here."""
    policy = asking.policy
    rounds: list[Round] = []
    first_refusals: Mapping[str, Refusal] = {}
    last_refusals: Mapping[str, Refusal] | None = None
    wanted = list(left)
    while any(wanted) and len(rounds) < policy.choices_per_pass:
        budget = _budget(policy, groups, asking.upcoming, cluster_nodes)
        asking = msgspec.structs.replace(asking, budget=budget)
        chosen_before = dict.fromkeys(it.chosen.group for it in rounds)
        candidates, refusals = _looked_at(groups, chosen_before, demands, wanted, asking)
        if not rounds:
            first_refusals = refusals
        key = f"expander/{asking.now_ms}" + (f"/{len(rounds)}" if rounds else "")
        options = [it.option for it in candidates.values()]
        choice = expand(options, policy.expander, priorities, chance, key)
        if choice.option is None:
            last_refusals = refusals
            break
        found = _round(choice, candidates, groups, demands, wanted, asking, priorities)
        if not found.enlargements:
            break
        rounds.append(found)
        wanted = [count - done for count, done in zip(wanted, found.placed, strict=True)]
        asking = msgspec.structs.replace(
            asking,
            upcoming=_with_sizes(asking.upcoming, found, groups, asking.now_ms),
            may_not_probe=asking.may_not_probe or found.is_probe,
        )
    return ScaleUp(
        rounds=tuple(rounds),
        enlargements=_merged(rounds),
        refusals=first_refusals,
        last_refusals=last_refusals,
    )


def requests_of(enlargements: Sequence[Enlargement]) -> list[SetDesiredCapacity]:
    """Return what is asked of the cloud."""
    return [
        SetDesiredCapacity(
            group=it.group,
            desired=it.desired,
            expected_desired=it.expected_desired,
            reason=f"{counted(it.pods, 'pod')} {'waits' if it.pods == 1 else 'wait'} for nodes",
        )
        for it in enlargements
    ]


def _budget(
    policy: NodeAutoscalingPolicy,
    groups: Mapping[str, GroupStanding],
    upcoming: Upcoming,
    cluster_nodes: int,
) -> int:
    """Return how many nodes one choice may ask for."""
    if not policy.max_nodes_total:
        return policy.max_nodes_per_scale_up
    to_come = sum(nodes_to_come(upcoming, it) - len(it.starting) for it in groups.values())
    return min(
        policy.max_nodes_per_scale_up, max(0, policy.max_nodes_total - cluster_nodes - to_come)
    )


def _looked_at(
    groups: Mapping[str, GroupStanding],
    chosen_before: Mapping[str, None],
    demands: Sequence[Demand],
    wanted: Sequence[int],
    asking: Asking,
) -> tuple[dict[str, Candidate], dict[str, Refusal]]:
    """Return the groups that could help and why the others cannot.

    A group that was chosen before in this pass took all it could.
    """
    candidates: dict[str, Candidate] = {}
    refusals: dict[str, Refusal] = {}
    for group in groups.values():
        if group.name in chosen_before:
            refusals[group.name] = Refusal("ChosenAlready")
            continue
        found = candidate_of(group, demands, wanted, asking)
        if isinstance(found, Refusal):
            refusals[group.name] = found
        else:
            candidates[group.name] = found
    return candidates, refusals


def _round(
    choice: Choice,
    candidates: Mapping[str, Candidate],
    groups: Mapping[str, GroupStanding],
    demands: Sequence[Demand],
    wanted: Sequence[int],
    asking: Asking,
    priorities: Priorities,
) -> Round:
    assert choice.option is not None
    name = choice.option.group
    chosen = candidates[name]
    # Once more, now to stay: the next choice has to see where the pods of this one go.
    fill(groups[name], demands, wanted, chosen.fitting, asking, is_probe=chosen.is_probe)
    options = [it.option for it in candidates.values()]
    shared: list[GroupStanding] = []
    if asking.policy.balance_similar_node_groups and not chosen.is_probe:
        tier = tier_of_choice(options, asking.policy.expander, priorities)
        shared = [groups[it.group] for it in tier if _may_share(candidates, groups, chosen, it)]
    return Round(
        choice=choice,
        chosen=choice.option,
        candidates=tuple(options),
        placed=chosen.packing.placed,
        enlargements=_enlarge(groups[name], shared, choice.option, asking.upcoming),
        is_probe=chosen.is_probe,
    )


def _may_share(
    candidates: Mapping[str, Candidate],
    groups: Mapping[str, GroupStanding],
    chosen: Candidate,
    option: Option,
) -> bool:
    """Whether a group of the chosen tier can take part in the chosen one's scale-up.

    Spot and on-demand never share, whatever their labels say.
    """
    mine, its = groups[chosen.option.group], groups[option.group]
    if mine is its or candidates[its.name].is_probe:
        return False
    if mine.group.lifecycle != its.group.lifecycle:
        return False
    if mine.template is None or its.template is None:
        return False
    if not are_similar(mine.template, its.template):
        return False
    fitting = candidates[its.name].fitting
    return all(place in fitting for place in chosen.fitting)


def _enlarge(
    chosen: GroupStanding, shared: Sequence[GroupStanding], option: Option, upcoming: Upcoming
) -> tuple[Enlargement, ...]:
    present = {it.name: desired_of(it, upcoming.asks) for it in (chosen, *shared)}
    sized = [SizedGroup(it.name, present[it.name], it.max_size) for it in (chosen, *shared)]
    sizes = balance(sized, option.nodes)
    ordered = [name for name in present if name in sizes]
    return tuple(Enlargement(it, sizes[it], present[it], option.pods) for it in ordered)


def _with_sizes(
    upcoming: Upcoming, found: Round, groups: Mapping[str, GroupStanding], now_ms: int
) -> Upcoming:
    for request in requests_of(found.enlargements):
        upcoming = with_ask(upcoming, request, groups[request.group].live, now_ms)
    return upcoming


def _merged(rounds: Sequence[Round]) -> tuple[Enlargement, ...]:
    """Return one request a group: from where its first choice found it to what its last asks."""
    merged: dict[str, Enlargement] = {}
    for it in (it for found in rounds for it in found.enlargements):
        before = merged.get(it.group)
        expected = it.expected_desired if before is None else before.expected_desired
        pods = it.pods if before is None else before.pods + it.pods
        merged[it.group] = Enlargement(it.group, it.desired, expected, pods)
    return tuple(merged.values())
