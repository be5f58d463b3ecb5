"""Which unneeded nodes go now, and what becomes of the removals under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from kingtide.control.action import Action
from kingtide.control.drain import must_leave
from kingtide.control.outcome import Outcome
from kingtide.control.removal_taint import is_being_deleted, removal_since_ms, removal_taint
from kingtide.control.room import Room
from kingtide.control.snapshot import ClusterView
from kingtide.controllers.node_autoscaling import removal as removals
from kingtide.controllers.node_autoscaling.candidates import Candidates, Simulated
from kingtide.controllers.node_autoscaling.removal import Removal, Step
from kingtide.controllers.node_autoscaling.sizing import removal_budget
from kingtide.controllers.node_autoscaling.snapshot import FleetView, GroupStanding
from kingtide.controllers.node_autoscaling.upcoming import Upcoming, desired_of
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy, ScaleDownPolicy


class Pauses(msgspec.Struct, frozen=True, gc=False):
    """When we last added, began to remove and failed to; None for not yet. Unix milliseconds."""

    added_ms: int | None = None
    removed_ms: int | None = None
    failed_ms: int | None = None


class Progress(msgspec.Struct, frozen=True):
    """What one pass does for the removals under way."""

    removals: Mapping[str, Removal]
    actions: tuple[Action, ...] = ()
    terminated: tuple[Removal, ...] = ()
    finished: tuple[Removal, ...] = ()
    failed: tuple[tuple[Removal, Step], ...] = ()
    yielded: tuple[tuple[Removal, Step], ...] = ()
    adopted: tuple[Removal, ...] = ()
    leftovers: tuple[str, ...] = ()
    delayed: tuple[tuple[Removal, str], ...] = ()


class Selection(msgspec.Struct, frozen=True):
    """Nodes to remove from now on, and why each other unneeded node has to wait."""

    begun: tuple[str, ...] = ()
    waiting: Mapping[str, str] = {}


def progress(
    under_way: Mapping[str, Removal],
    cluster: ClusterView,
    fleet: FleetView,
    upcoming: Upcoming,
    outcomes: Sequence[Outcome],
    policy: NodeAutoscalingPolicy,
    now_ms: int,
) -> Progress:
    """Return the next steps of all removals; those that nobody goes on with are taken over.

    A removal taint that is too old to be believed, or beside another's claim, is taken off: its
    author is gone. So is a claim of ours without a taint: we died between the two. The minimum is
    looked at again before an instance is terminated: the group may have been put back meanwhile.
    """
    room = {
        name: desired_of(group, upcoming.asks) - group.min_size
        for name, group in fleet.groups.items()
    }
    adopted, leftovers, actions = _orphans(under_way, cluster, fleet, now_ms)
    kept: dict[str, Removal] = {}
    terminated: list[Removal] = []
    finished: list[Removal] = []
    failed: list[tuple[Removal, Step]] = []
    yielded: list[tuple[Removal, Step]] = []
    delayed: list[tuple[Removal, str]] = []
    for removal in (*under_way.values(), *adopted):
        standing = fleet.nodes.get(removal.node)
        if standing is None:
            finished.append(removal)
            continue
        step = removals.go_on(
            removal, standing, cluster.pods_on(removal.node), outcomes, policy, now_ms
        )
        if _is_terminated(removal, step):
            if room.get(removal.group, 0) <= 0:
                step = removals.give_up(removal, standing.node, "NodeGroupMinSizeReached")
            else:
                room[removal.group] -= 1
        actions.extend(step.actions)
        if step.removal is not None:
            if step.removal.emptied_ms != removal.emptied_ms and step.removal.stage == "emptying":
                delayed += [(step.removal, key) for key in removals.delays(standing.node)[:1]]
            kept[removal.node] = step.removal
            if _is_terminated(removal, step):
                terminated.append(step.removal)
        elif step.failure is not None:
            (yielded if step.failure == "Claimed" else failed).append((removal, step))
    return Progress(
        removals=kept,
        actions=tuple(actions),
        terminated=tuple(terminated),
        finished=tuple(finished),
        failed=tuple(failed),
        yielded=tuple(yielded),
        adopted=adopted,
        leftovers=leftovers,
        delayed=tuple(delayed),
    )


def _is_terminated(before: Removal, step: Step) -> bool:
    """Whether a step asks for the instance's termination."""
    after = step.removal
    return after is not None and after.stage == "terminating" and before.stage != after.stage


def hold_room(
    under_way: Mapping[str, Removal], cluster: ClusterView, room: Room, now_ms: int
) -> None:
    """Use up room for the pods that are still to leave nodes under removal."""
    for name in under_way:
        room.close(name)
    for name, removal in under_way.items():
        if not removal.is_drain or name not in cluster.nodes:
            continue
        room.company.leave_out(cluster.nodes[name])
        for pod in cluster.pods_on(name).values():
            if must_leave(pod, now_ms):
                shape = cluster.shapes.intern(pod)
                room.leave(name, shape, 1)
                room.place(shape, 1)


def select(
    candidates: Candidates,
    fleet: FleetView,
    upcoming: Upcoming,
    under_way: Mapping[str, Removal],
    pauses: Pauses,
    policy: NodeAutoscalingPolicy,
    now_ms: int,
) -> Selection:
    """Return which unneeded nodes go now: empty ones first, within every bound."""
    pause = cooldown(pauses, policy.scale_down, now_ms)
    waiting: dict[str, str] = {}
    ripe: dict[str, list[tuple[str, Simulated]]] = {}
    for name, found in candidates.unneeded():
        group = fleet.group_of(name)
        if group is None:
            continue
        code = _not_yet(name, found, fleet, group, now_ms) or pause
        if code:
            waiting[name] = code
        else:
            ripe.setdefault(group.name, []).append((name, found))
    # As soon as its termination is asked for, a removal makes room for the next.
    open_removals = [it for it in under_way.values() if it.stage != "terminating"]
    drains = sum(it.is_drain for it in open_removals)
    slots = policy.scale_down.max_parallelism - len(open_removals)
    drain_slots = min(slots, policy.scale_down.max_drain_parallelism - drains)
    begun: list[str] = []
    for group_name, nodes in ripe.items():
        empties = [name for name, it in nodes if it.is_empty]
        drained = [name for name, it in nodes if not it.is_empty]
        group = fleet.groups[group_name]
        budget = removal_budget(
            empty=len(empties),
            drain=len(drained),
            min_size=group.min_size,
            target_size=min(desired_of(group, upcoming.asks), group.live),
            deletions_in_progress=_not_yet_counted(group, under_way, fleet),
        )
        take = max(0, min(budget.empty, slots))
        take_drained = max(0, min(budget.drain, drain_slots, slots - take))
        begun += [*empties[:take], *drained[:take_drained]]
        slots -= take + take_drained
        drain_slots -= take_drained
        waiting.update(dict.fromkeys(empties[budget.empty :], "NodeGroupMinSizeReached"))
        waiting.update(dict.fromkeys(drained[budget.drain :], "NodeGroupMinSizeReached"))
        waiting.update(dict.fromkeys(empties[take : budget.empty], "RemovalsAtMaximum"))
        waiting.update(dict.fromkeys(drained[take_drained : budget.drain], "RemovalsAtMaximum"))
    return Selection(tuple(begun), waiting)


def cooldown(pauses: Pauses, policy: ScaleDownPolicy, now_ms: int) -> str:
    """Return why nothing is removed now, empty when nothing speaks against it."""
    rules = (
        ("PausedAfterScaleUp", pauses.added_ms, policy.delay_after_add_seconds),
        ("PausedAfterFailure", pauses.failed_ms, policy.delay_after_failure_seconds),
        ("PausedAfterRemoval", pauses.removed_ms, policy.delay_after_delete_seconds),
    )
    for code, since_ms, delay_seconds in rules:
        if since_ms is not None and since_ms + delay_seconds * 1000 > now_ms:
            return code
    return ""


def _not_yet(
    name: str, found: Simulated, fleet: FleetView, group: GroupStanding, now_ms: int
) -> str:
    """Return why a node is not ripe: unneeded for the time of a Ready or of a broken node."""
    assert found.unneeded_since_ms is not None
    waited_ms = now_ms - found.unneeded_since_ms
    if fleet.nodes[name].node.is_ready:
        return "" if waited_ms > group.options.unneeded_ms else "NotUnneededLongEnough"
    return "" if waited_ms > group.options.unready_ms else "NotUnreadyLongEnough"


def _not_yet_counted(
    group: GroupStanding, under_way: Mapping[str, Removal], fleet: FleetView
) -> int:
    """Return how many removals of a group its desired capacity does not reflect yet."""
    return sum(
        removal.group == group.name
        and removal.node in fleet.nodes
        and removal.instance_id not in group.leaving
        and removal.instance_id in fleet.group_of_instance
        for removal in under_way.values()
    )


def _orphans(
    under_way: Mapping[str, Removal], cluster: ClusterView, fleet: FleetView, now_ms: int
) -> tuple[tuple[Removal, ...], tuple[str, ...], list[Action]]:
    """Return removals to take over, nodes with a leftover taint, and the actions against it."""
    adopted: list[Removal] = []
    leftovers: list[str] = []
    actions: list[Action] = []
    for name in fleet.tainted:
        if name in under_way:
            continue
        standing = fleet.nodes[name]
        taint = removal_taint(standing.node)
        group = fleet.group_of(name)
        if taint is None or (group is not None and standing.instance_id in group.leaving):
            continue
        claims = fleet.claims.get(name)
        is_free = claims is None or claims.disruption is None or claims.is_own
        if group is not None and is_free and is_being_deleted(standing.node, now_ms):
            has_pods = any(must_leave(it, now_ms) for it in cluster.pods_on(name).values())
            since_ms = removal_since_ms(taint)
            adopted.append(removals.adopt(standing, group.name, since_ms, is_drain=has_pods))
        else:
            leftovers.append(name)
            reason = f"nobody goes on with the removal of {name}"
            actions.append(removals.remove_taint(standing.node, reason))
            if claims is not None and claims.is_own:
                actions.append(removals.release(standing.node, reason))
    for name, claims in fleet.claims.items():
        if claims.is_own and name not in under_way and name not in fleet.tainted:
            leftovers.append(name)
            reason = f"nobody goes on with the removal of {name}"
            actions.append(removals.release(fleet.nodes[name].node, reason))
    return tuple(adopted), tuple(leftovers), actions
