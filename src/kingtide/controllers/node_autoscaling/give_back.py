"""One pass of scale-down: removals under way, nodes that are unneeded, removals to begin."""

from __future__ import annotations

import msgspec

from kingtide.control.action import Action
from kingtide.control.room import Room
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.node_autoscaling.candidates import (
    Candidates,
    needs_simulation,
    recheck,
    simulate,
    without_promised,
)
from kingtide.controllers.node_autoscaling.claimed_demand import close_claimed
from kingtide.controllers.node_autoscaling.demand import Waiting
from kingtide.controllers.node_autoscaling.memory import NodeAutoscalingMemory
from kingtide.controllers.node_autoscaling.removal import Removal, begin
from kingtide.controllers.node_autoscaling.removals_allowed import within_budget
from kingtide.controllers.node_autoscaling.scale_down import (
    Progress,
    Selection,
    hold_room,
    progress,
    select,
)
from kingtide.controllers.node_autoscaling.scale_up import ScaleUp
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy


class GivenBack(msgspec.Struct, frozen=True):
    """What scale-down led to; `selection` None when nothing was selected in this pass."""

    candidates: Candidates
    progress: Progress
    selection: Selection | None
    begun: tuple[Removal, ...]
    actions: tuple[Action, ...]


def give_back(
    snapshot: Snapshot,
    memory: NodeAutoscalingMemory,
    who: Waiting,
    room: Room | None,
    scale_up: ScaleUp,
    policy: NodeAutoscalingPolicy,
    now_ms: int,
) -> GivenBack:
    """Go on with removals, look for unneeded nodes, and begin to remove those that are ripe.

    In a pass that adds nodes none is removed, and none is looked for.
    """
    cluster, fleet, candidates = snapshot.cluster, memory.fleet, memory.candidates
    moved = progress(
        memory.removals, cluster, fleet, memory.upcoming, snapshot.outcomes, policy, now_ms
    )
    if scale_up.enlargements or not policy.scale_down.enabled:
        return GivenBack(candidates, moved, None, (), moved.actions)
    if needs_simulation(candidates, now_ms):
        if room is None:
            room = Room(cluster, closed=fleet.not_ready())
            room.reserve(who.nominated)
            close_claimed(fleet.claims, cluster, room, policy, now_ms)
            hold_room(moved.removals, cluster, room, now_ms)
        candidates = simulate(candidates, cluster, room, moved.removals, policy, now_ms)
    if room is not None:
        candidates = without_promised(candidates, room.promised, policy, now_ms)
    pauses = memory.pauses
    if moved.failed:
        pauses = msgspec.structs.replace(pauses, failed_ms=now_ms)
    selection = select(candidates, fleet, memory.upcoming, moved.removals, pauses, policy, now_ms)
    selection = within_budget(selection, candidates, snapshot, moved.removals, now_ms)
    begun = []
    actions = list(moved.actions)
    for name in selection.begun:
        group = fleet.group_of(name)
        assert group is not None
        obstacle = recheck(name, cluster, policy, now_ms)
        if obstacle is not None:
            simulated = {**candidates.simulated, name: obstacle}
            candidates = msgspec.structs.replace(candidates, simulated=simulated)
            continue
        is_drain = not candidates.simulated[name].is_empty
        step = begin(fleet.nodes[name], group.name, is_drain=is_drain, now_ms=now_ms)
        actions.extend(step.actions)
        if step.removal is not None:
            begun.append(step.removal)
    return GivenBack(candidates, moved, selection, tuple(begun), tuple(actions))
