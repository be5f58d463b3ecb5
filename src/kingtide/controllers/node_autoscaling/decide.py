"""One pass of node_autoscaling: the summary of its rules.

Look (what changed), heed failures, help the pods that wait with nodes of one group after the other,
and give back nodes that nobody needs. On a failure the group is put back to what is really there,
is left alone, and the same pass goes on to the next choice.
"""

from __future__ import annotations

import msgspec

from kingtide.control.action import (
    Action,
    AddTaint,
    EvictPod,
    RemoveTaint,
    SetDesiredCapacity,
    TerminateInstance,
)
from kingtide.control.chance import Chance
from kingtide.control.controller import Controller
from kingtide.control.decision import Decision
from kingtide.control.node_actions import ClaimDisruption, ReleaseDisruption
from kingtide.control.report import Detail, Report, Verdict
from kingtide.control.room import Room
from kingtide.control.said import changed
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.node_autoscaling import (
    backoff,
    capacity_pools,
    report,
    told_groups,
    told_nodes,
)
from kingtide.controllers.node_autoscaling.candidate_groups import (
    Asking,
    is_unhealthy,
    must_not_probe,
)
from kingtide.controllers.node_autoscaling.candidates import (
    Candidates,
    judge_touched,
)
from kingtide.controllers.node_autoscaling.capacity_pools import FailedPools
from kingtide.controllers.node_autoscaling.claimed_demand import claimed_demands, close_claimed
from kingtide.controllers.node_autoscaling.demand import Waiting, waiting
from kingtide.controllers.node_autoscaling.discovery import Discovery, DiscoveryError, discovery_of
from kingtide.controllers.node_autoscaling.give_back import GivenBack, give_back
from kingtide.controllers.node_autoscaling.group_failure import detect, look_again_ms
from kingtide.controllers.node_autoscaling.heed_failures import Failed, heed
from kingtide.controllers.node_autoscaling.memory import NodeAutoscalingMemory, ReadPriorities
from kingtide.controllers.node_autoscaling.phrases import PHRASES
from kingtide.controllers.node_autoscaling.priorities import read_priorities
from kingtide.controllers.node_autoscaling.reclaims import with_reclaims
from kingtide.controllers.node_autoscaling.scale_down import (
    Pauses,
    hold_room,
)
from kingtide.controllers.node_autoscaling.scale_up import ScaleUp, plan_scale_up, requests_of
from kingtide.controllers.node_autoscaling.snapshot import FleetView, observe
from kingtide.controllers.node_autoscaling.upcoming import (
    follow,
    nodes_to_come,
    with_ask,
    with_terminations,
)
from kingtide.controllers.node_autoscaling.upcoming_room import (
    place_on_existing,
    place_on_upcoming,
)
from kingtide.fleet.expander_priorities import PRIORITIES_KEY
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy

PRODUCTIVE_PAUSE_MS = 1_000
"""After a pass that added nodes and left pods over, the next one comes at once, as with Cluster
Autoscaler's --frequent-loops-enabled; a second is what a pass with its calls takes there."""


def decide(
    snapshot: Snapshot,
    policy: NodeAutoscalingPolicy,
    memory: NodeAutoscalingMemory,
    now_ms: int,
    chance: Chance,
) -> Decision[NodeAutoscalingMemory]:
    """Decide one pass; times are milliseconds since the Unix epoch."""
    wake_at_ms = now_ms + policy.scan_interval_seconds * 1000
    try:
        discovery = discovery_of(policy, snapshot.cluster_name)
    except DiscoveryError as error:
        return _refuse(memory, "policy/discovery", "DiscoveryUnreadable", error, wake_at_ms)
    memory, failed = _look(snapshot, discovery, policy, memory, now_ms, chance)
    if is_unhealthy(memory.fleet.unready, len(memory.fleet.nodes), policy):
        return _stand_still(memory, failed, wake_at_ms)
    who = waiting(snapshot.cluster, policy, now_ms)
    claimed = claimed_demands(memory.fleet.claims, snapshot.cluster, policy, now_ms)
    if claimed:
        who = msgspec.structs.replace(who, demands=(*who.demands, *claimed))
    if who.demands:
        memory = _with_priorities(memory, snapshot, policy)
    room = None
    if who.demands:
        shapes = [it.shape for it in who.demands]
        room = Room(snapshot.cluster, shapes, memory.fleet.not_ready())
    scale_up = _help(snapshot, memory, who, room, policy, now_ms, chance)
    memory, requests = _request(memory, scale_up, now_ms)
    given_back = give_back(snapshot, memory, who, room, scale_up, policy, now_ms)
    memory = _remember(memory, scale_up, given_back, now_ms)
    memory, verdicts = _say(memory, policy, who, scale_up, given_back)
    if who.look_again_ms is not None:
        wake_at_ms = min(wake_at_ms, who.look_again_ms)
    patience_ms = look_again_ms(memory.upcoming, policy, now_ms)
    if patience_ms is not None:
        wake_at_ms = min(wake_at_ms, patience_ms)
    if requests and _is_someone_left(who, scale_up):
        wake_at_ms = min(wake_at_ms, now_ms + PRODUCTIVE_PAUSE_MS)
    return Decision(
        memory=memory,
        actions=(*failed.actions, *requests, *given_back.actions),
        report=Report(_figures(memory, who), (*failed.verdicts, *verdicts)),
        wake_at_ms=wake_at_ms,
    )


def _look(
    snapshot: Snapshot,
    discovery: Discovery,
    policy: NodeAutoscalingPolicy,
    memory: NodeAutoscalingMemory,
    now_ms: int,
    chance: Chance,
) -> tuple[NodeAutoscalingMemory, Failed]:
    """Take in what changed, and heed what failed."""
    fleet = observe(snapshot, discovery, policy, memory.fleet, now_ms)
    upcoming = follow(memory.upcoming, fleet.groups, snapshot.outcomes, now_ms)
    backoffs = backoff.forget_stale(memory.backoffs, policy.backoff, now_ms)
    found = detect(
        snapshot.cloud, fleet.groups, upcoming, backoffs, memory.caches, policy, now_ms, chance
    )
    pools = _known_pools(memory, fleet, policy, now_ms)
    pools, reclaims_ms = with_reclaims(pools, memory.reclaims_ms, fleet, policy, now_ms)
    failed = heed(found.failures, fleet, upcoming, backoffs, pools, policy, now_ms)
    memory = msgspec.structs.replace(
        memory,
        fleet=fleet,
        upcoming=failed.upcoming,
        backoffs=failed.backoffs,
        failed_pools=failed.failed_pools,
        reclaims_ms=reclaims_ms,
        caches=found.caches,
        candidates=judge_touched(memory.candidates, snapshot.cluster, fleet, policy, now_ms),
    )
    return memory, failed


def _known_pools(
    memory: NodeAutoscalingMemory, fleet: FleetView, policy: NodeAutoscalingPolicy, now_ms: int
) -> FailedPools:
    """Return the failing pools without those that delivered, which only changed groups can tell."""
    known = memory.failed_pools
    if not known:
        return known
    before = memory.fleet.groups
    changed = [it.group for it in fleet.groups.values() if before.get(it.name) is not it]
    known = capacity_pools.clear_delivered(known, changed)
    return capacity_pools.forget_stale(known, policy.pools, now_ms)


def _help(
    snapshot: Snapshot,
    memory: NodeAutoscalingMemory,
    who: Waiting,
    room: Room | None,
    policy: NodeAutoscalingPolicy,
    now_ms: int,
    chance: Chance,
) -> ScaleUp:
    """Find places for the waiting pods: on nodes that are there, on their way, and new ones."""
    if room is None:
        return ScaleUp()
    demands, groups = who.demands, memory.fleet.groups
    room.reserve(who.nominated)
    close_claimed(memory.fleet.claims, snapshot.cluster, room, policy, now_ms)
    hold_room(memory.removals, snapshot.cluster, room, now_ms)
    existing = place_on_existing(demands, room)
    left = [it.count - done for it, done in zip(demands, existing, strict=True)]
    coming = place_on_upcoming(
        demands, left, memory.fleet, room, memory.upcoming, memory.backoffs, now_ms
    )
    left = [count - done for count, done in zip(left, coming, strict=True)]
    scale_up = ScaleUp()
    if any(left):
        upcoming, backoffs, pools = memory.upcoming, memory.backoffs, memory.failed_pools
        asking = Asking(
            upcoming=upcoming,
            backoffs=backoffs,
            failed_pools=pools,
            policy=policy,
            company=room.company,
            budget=0,
            may_not_probe=must_not_probe(groups, upcoming, backoffs, pools, policy.pools, now_ms),
            now_ms=now_ms,
        )
        priorities, nodes = memory.priorities.priorities, len(memory.fleet.nodes)
        scale_up = plan_scale_up(demands, left, groups, asking, priorities, nodes, chance)
    return msgspec.structs.replace(scale_up, on_existing=tuple(existing), on_upcoming=tuple(coming))


def _request(
    memory: NodeAutoscalingMemory, scale_up: ScaleUp, now_ms: int
) -> tuple[NodeAutoscalingMemory, tuple[Action, ...]]:
    """Ask for the new sizes, and remember that we did."""
    upcoming = memory.upcoming
    requests = requests_of(scale_up.enlargements)
    for request in requests:
        live = memory.fleet.groups[request.group].live
        upcoming = with_ask(upcoming, request, live, now_ms)
    return msgspec.structs.replace(memory, upcoming=upcoming), tuple(requests)


def _remember(
    memory: NodeAutoscalingMemory, scale_up: ScaleUp, given_back: GivenBack, now_ms: int
) -> NodeAutoscalingMemory:
    moved, pauses, upcoming = given_back.progress, memory.pauses, memory.upcoming
    for removal in moved.terminated:
        group = memory.fleet.groups.get(removal.group)
        if group is not None:
            upcoming = with_terminations(upcoming, group, [removal.instance_id], now_ms)
    removals = {**moved.removals, **{it.node: it for it in given_back.begun}}
    candidates = given_back.candidates
    if given_back.begun:
        simulated = {name: it for name, it in candidates.simulated.items() if name not in removals}
        candidates = Candidates(candidates.judged, simulated, is_stale=True)
    return msgspec.structs.replace(
        memory,
        upcoming=upcoming,
        candidates=candidates,
        removals=removals,
        pauses=Pauses(
            added_ms=now_ms if scale_up.enlargements else pauses.added_ms,
            removed_ms=now_ms if given_back.begun else pauses.removed_ms,
            failed_ms=now_ms if moved.failed else pauses.failed_ms,
        ),
    )


def _with_priorities(
    memory: NodeAutoscalingMemory, snapshot: Snapshot, policy: NodeAutoscalingPolicy
) -> NodeAutoscalingMemory:
    """Read the priorities anew when their text changed."""
    config_map = snapshot.cluster.config_maps.get(policy.priority_config_map)
    text = None if config_map is None else config_map.data.get(PRIORITIES_KEY)
    if text == memory.priorities.text:
        return memory
    return msgspec.structs.replace(memory, priorities=ReadPriorities(text, read_priorities(text)))


def _stand_still(
    memory: NodeAutoscalingMemory, failed: Failed, wake_at_ms: int
) -> Decision[NodeAutoscalingMemory]:
    """Do nothing more in a cluster that is not to be trusted."""
    details: dict[str, Detail] = {
        "unready": memory.fleet.unready,
        "nodes": len(memory.fleet.nodes),
    }
    verdict = Verdict(report.CLUSTER, "refused", "ClusterUnhealthy", details)
    said, verdicts = changed(memory.said, [verdict])
    return Decision(
        memory=msgspec.structs.replace(memory, said=said),
        actions=failed.actions,
        report=Report(verdicts=(*failed.verdicts, *verdicts)),
        wake_at_ms=wake_at_ms,
    )


def _refuse(
    memory: NodeAutoscalingMemory, subject: str, code: str, error: Exception, wake_at_ms: int
) -> Decision[NodeAutoscalingMemory]:
    """Do nothing for a setting that cannot be read, and say so."""
    verdict = Verdict(subject, "refused", code, {"detail": str(error)})
    said, verdicts = changed(memory.said, [verdict])
    memory = msgspec.structs.replace(memory, said=said)
    return Decision(memory, report=Report(verdicts=tuple(verdicts)), wake_at_ms=wake_at_ms)


def _is_someone_left(who: Waiting, scale_up: ScaleUp) -> bool:
    helped = sum(scale_up.on_existing) + sum(scale_up.on_upcoming) + sum(scale_up.placed)
    return who.pods > helped


def _say(
    memory: NodeAutoscalingMemory,
    policy: NodeAutoscalingPolicy,
    who: Waiting,
    scale_up: ScaleUp,
    given_back: GivenBack,
) -> tuple[NodeAutoscalingMemory, tuple[Verdict, ...]]:
    """Report what happened, and every standing that is not what was said before."""
    fleet, priorities = memory.fleet, memory.priorities.priorities
    happened = told_groups.of_scale_up(scale_up, priorities)
    happened += told_nodes.of_removals(given_back.progress, given_back.begun)
    anew = {it.subject: None for it in happened}
    held = memory.said
    if anew:
        held = {subject: code for subject, code in held.items() if subject not in anew}
    standing = told_nodes.of_nodes(
        fleet, given_back.candidates, given_back.selection, memory.removals, held, policy
    )
    cleared = [report.no_longer_unhealthy()]
    workloads: tuple[str, ...] = ()
    forgotten = [f"node/{name}" for name in fleet.touched if name not in fleet.nodes]
    if who.demands:
        demands = told_groups.of_demands(who.demands, scale_up)
        workloads = tuple(it.subject for it in demands)
        standing += [*told_groups.of_groups(scale_up), *demands]
        cleared += told_groups.of_groups_again(scale_up)
        if "priority" in policy.expander:
            standing += report.of_priorities(policy.priority_config_map, priorities)
    elif memory.workloads:
        forgotten += [f"group/{name}" for name in fleet.groups]
    cleared += [report.no_longer_waiting(it) for it in memory.workloads if it not in workloads]
    forgotten += anew
    said, verdicts = changed(memory.said, standing, cleared, forgotten)
    memory = msgspec.structs.replace(memory, said=said, workloads=workloads)
    return memory, (*happened, *verdicts)


def _figures(memory: NodeAutoscalingMemory, who: Waiting) -> dict[str, Detail]:
    fleet = memory.fleet
    return {
        "nodes": len(fleet.nodes),
        "nodes_unready": fleet.unready,
        "nodes_upcoming": sum(nodes_to_come(memory.upcoming, it) for it in fleet.groups.values()),
        "nodes_unneeded": sum(1 for _ in memory.candidates.unneeded()),
        "nodes_changed": len(fleet.touched),
        "pods_waiting": who.pods,
        "pods_nominated": len(who.nominated),
        "nodes_claimed": len(memory.fleet.claims),
        "pods_expendable": who.expendable,
        "removals": len(memory.removals),
        "groups_in_backoff": len(memory.backoffs),
        "pools_without_capacity": len(memory.failed_pools),
    }


CONTROLLER: Controller[NodeAutoscalingPolicy, NodeAutoscalingMemory] = Controller(
    name="node_autoscaling",
    actions=(
        SetDesiredCapacity,
        TerminateInstance,
        AddTaint,
        RemoveTaint,
        EvictPod,
        ClaimDisruption,
        ReleaseDisruption,
    ),
    watches=("unschedulable_pods", "configuration", "claims"),
    phrases=PHRASES,
    first_memory=NodeAutoscalingMemory,
    decide=decide,
)
