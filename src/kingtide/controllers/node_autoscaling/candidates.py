"""Which nodes are unneeded: little used, without a pod that blocks, with a place for the others.

Only nodes that changed are judged again. Of those little used, at most a bounded number is
simulated a pass: one after the other, each on what the ones before have left. Source:
https://github.com/kubernetes-sigs/cluster-autoscaler/blob/33c3f97b/pkg/core/scaledown/planner
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from kingtide.control.drain import (
    BlockingReason,
    DrainContext,
    DrainPlan,
    must_leave,
    plan_drain,
)
from kingtide.control.places import Move, find_places
from kingtide.control.room import Room
from kingtide.control.snapshot import ClusterView
from kingtide.controllers.node_autoscaling.eligibility import (
    ineligibility,
    larger_share,
    node_utilization,
)
from kingtide.controllers.node_autoscaling.leaving_pods import drain_context, kept_pods
from kingtide.controllers.node_autoscaling.snapshot import FleetView, NodeStanding
from kingtide.controllers.node_autoscaling.template_tags import GroupOptions, default_options
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy

SimulationCode = Literal[
    "BlockedByPod", "BlockedByOnCompletionPod", "NoPlaceToMovePods", "PromisedToWaitingPods"
]


class Simulated(msgspec.Struct, frozen=True, gc=False):
    """What the simulation of a little used node said.

    `unneeded_since_ms` is None unless it is unneeded; then `moves` say where its pods would go
    (none: it is empty). Otherwise `code` says what keeps it, `detail` which pod and `reason` why
    that one; that holds until `until_ms`.
    """

    unneeded_since_ms: int | None
    moves: tuple[Move, ...] = ()
    code: SimulationCode | None = None
    detail: str = ""
    until_ms: int = 0
    is_touched: bool = False
    reason: BlockingReason | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing would have to move."""
        return not self.moves


class Judged(msgspec.Struct, frozen=True, gc=False):
    """What a look at a node by itself said: why it may not be given back, empty where it may.

    `is_occupied` tells of a node that may be that somebody is there who stays until he is asked to
    go; without it only a look at the pods tells whether the node is empty, for some may be long
    overdue.
    """

    code: str
    utilization_percent: int
    is_occupied: bool = False


class Candidates(msgspec.Struct, frozen=True):
    """What is known of nodes that might be given back.

    `judged` holds what each node's own look said, until it changes; `simulated` the little used
    nodes that were looked at; `is_stale` whether something that `simulated` rests on has changed
    since.
    """

    judged: Mapping[str, Judged] = {}
    simulated: Mapping[str, Simulated] = {}
    is_stale: bool = False

    def unneeded(self) -> Iterable[tuple[str, Simulated]]:
        """Return the unneeded nodes with what is known of them."""
        return (
            (name, it) for name, it in self.simulated.items() if it.unneeded_since_ms is not None
        )


NO_CANDIDATES = Candidates()


def judge_touched(
    before: Candidates,
    cluster: ClusterView,
    fleet: FleetView,
    policy: NodeAutoscalingPolicy,
    now_ms: int,
) -> Candidates:
    """Return the candidates after judging the nodes that changed.

    Of these, what the simulation said is kept only where it was found unneeded: its clock runs on
    if the next simulation finds the same.
    """
    if not fleet.touched:
        return before
    judged = dict(before.judged)
    defaults = default_options(policy.scale_down)
    destinations = _destinations(before)
    simulated: dict[str, Simulated] | None = None
    is_stale = before.is_stale
    for name in fleet.touched:
        standing = fleet.nodes.get(name)
        is_eligible = False
        if standing is None:
            judged.pop(name, None)
        else:
            verdict = _judge(standing, cluster, fleet, defaults, policy, now_ms)
            judged[name] = verdict
            is_eligible = not verdict.code
        known = before.simulated.get(name)
        if known is not None:
            simulated = dict(before.simulated) if simulated is None else simulated
            if is_eligible and known.unneeded_since_ms is not None:
                simulated[name] = msgspec.structs.replace(known, is_touched=True)
            else:
                del simulated[name]
        is_stale = is_stale or is_eligible or known is not None or name in destinations
    return Candidates(judged, before.simulated if simulated is None else simulated, is_stale)


def simulate(
    candidates: Candidates,
    cluster: ClusterView,
    room: Room,
    removing: Mapping[str, object],
    policy: NodeAutoscalingPolicy,
    now_ms: int,
) -> Candidates:
    """Return the candidates after looking where the pods of little used nodes would go.

    Nodes found unneeded before come first and keep their clock; `room` is used up by their pods.
    A node that would take in another's pods is not itself a candidate in this pass.
    """
    judged, known = candidates.judged, candidates.simulated
    eligible = [name for name, it in judged.items() if not it.code and name not in removing]
    order = [*(name for name, _ in candidates.unneeded()), *eligible]
    room.avoid(eligible)
    context = drain_context(cluster, policy, now_ms)
    hosts: dict[str, None] = {}
    simulated: dict[str, Simulated] = {}
    left = policy.scale_down.candidates_max_non_empty
    for name in order:
        before = known.get(name)
        if name in simulated or name in removing or name in hosts:
            continue
        if before is not None and before.code is not None and before.until_ms > now_ms:
            simulated[name] = before
            continue
        it = judged.get(name)
        is_empty = not (it is not None and it.is_occupied) and _is_empty(name, cluster, now_ms)
        if not is_empty:
            if left == 0:
                continue
            left -= 1
        found = _look_at(name, before, cluster, room, context, policy, now_ms, is_empty=is_empty)
        hosts.update((move.destination, None) for move in found.moves)
        simulated[name] = found
    return Candidates(candidates.judged, simulated)


def without_promised(
    candidates: Candidates, promised: Iterable[str], policy: NodeAutoscalingPolicy, now_ms: int
) -> Candidates:
    """Return the candidates without nodes on which pods that wait have just found a place.

    They are looked at again in the next pass: by then the pods may be bound, here or elsewhere.
    """
    kept = [name for name in promised if name in candidates.simulated]
    if not kept:
        return candidates
    until_ms = now_ms + policy.scan_interval_seconds * 1000
    found = Simulated(None, code="PromisedToWaitingPods", until_ms=until_ms)
    simulated = {**candidates.simulated, **dict.fromkeys(kept, found)}
    return msgspec.structs.replace(candidates, simulated=simulated)


def recheck(
    name: str, cluster: ClusterView, policy: NodeAutoscalingPolicy, now_ms: int
) -> Simulated | None:
    """Return what keeps a node at the moment of its removal, None when nothing does.

    Budgets and ages change without the node's being touched.
    """
    plan = plan_drain(kept_pods(name, cluster, policy), drain_context(cluster, policy, now_ms))
    return _obstacle(plan, policy, now_ms)


def needs_simulation(candidates: Candidates, now_ms: int) -> bool:
    """Return whether the last simulation does not hold any more."""
    if candidates.is_stale:
        return True
    return any(
        it.unneeded_since_ms is None and it.until_ms <= now_ms
        for it in candidates.simulated.values()
    )


def _destinations(candidates: Candidates) -> dict[str, None]:
    return {move.destination: None for it in candidates.simulated.values() for move in it.moves}


def _judge(
    standing: NodeStanding,
    cluster: ClusterView,
    fleet: FleetView,
    defaults: GroupOptions,
    policy: NodeAutoscalingPolicy,
    now_ms: int,
) -> Judged:
    node = standing.node
    group = fleet.group_of(node.name)
    if standing.phase == "starting":
        return Judged("Starting", 0)
    if group is not None and standing.instance_id in group.leaving:
        return Judged("CurrentlyBeingDeleted", 0)
    claims = fleet.claims.get(node.name)
    if claims is not None and claims.other:
        return Judged("EmptiedByAnother", 0)
    options = defaults if group is None else group.options
    utilization = _utilization(standing, cluster, options, now_ms)
    code = ineligibility(
        node,
        is_autoscaled=group is not None,
        utilization=utilization,
        options=options,
        unready_enabled=policy.scale_down.unready_enabled,
        now_ms=now_ms,
    )
    percent = round(min(utilization, 1000.0) * 100)
    if code:
        return Judged(code, percent)
    pods = cluster.pods_on(node.name).values()
    is_occupied = any(it.deletion_ms is None and must_leave(it, now_ms) for it in pods)
    return Judged("", percent, is_occupied)


def _utilization(
    standing: NodeStanding, cluster: ClusterView, options: GroupOptions, now_ms: int
) -> float:
    """Return a node's utilisation, from the observed sums where they say the same as its pods.

    They differ by ignored DaemonSets, by GPUs and by pods that should long be gone, which a Ready
    node's kubelet does not leave behind.
    """
    node = standing.node
    table = cluster.node_table
    row = table.row_of(node.name)
    is_plain = not options.ignore_daemon_sets_utilization and not node.allocatable.extended
    if is_plain and standing.phase == "ready" and row is not None:
        return larger_share(
            table.cpu_requested_cells[row],
            node.allocatable.cpu_millicores,
            table.memory_requested_cells[row],
            node.allocatable.memory_bytes,
        )
    return node_utilization(
        node.allocatable,
        cluster.pods_on(node.name).values(),
        ignore_daemon_sets=options.ignore_daemon_sets_utilization,
        now_ms=now_ms,
    )


def _refused(
    code: SimulationCode, detail: str, policy: NodeAutoscalingPolicy, now_ms: int
) -> Simulated:
    until_ms = now_ms + policy.scale_down.recheck_unremovable_seconds * 1000
    return Simulated(None, (), code, detail, until_ms)


def _look_at(
    name: str,
    before: Simulated | None,
    cluster: ClusterView,
    room: Room,
    context: DrainContext,
    policy: NodeAutoscalingPolicy,
    now_ms: int,
    *,
    is_empty: bool,
) -> Simulated:
    """Say where a node's pods would go, or what keeps it.

    An untouched node's pods are known, unless time alone has emptied it: pods that should long be
    gone need no place any more.
    """
    is_known = before is not None and not before.is_touched and before.code is None
    if before is not None and is_known and not is_empty:
        counts: dict[int, int] = {}
        for move in before.moves:
            counts[move.shape_index] = counts.get(move.shape_index, 0) + move.count
    else:
        plan = plan_drain(kept_pods(name, cluster, policy), context)
        obstacle = _obstacle(plan, policy, now_ms)
        if obstacle is not None:
            return obstacle
        counts = {}
        for pod in plan.evict:
            if pod.is_terminal:
                continue  # it goes with its node, and needs no other place
            index = cluster.shapes.intern(pod).index
            counts[index] = counts.get(index, 0) + 1
    moves = find_places(name, counts, () if before is None else before.moves, cluster, room)
    if moves is None:
        return _refused("NoPlaceToMovePods", _largest(name, cluster, now_ms), policy, now_ms)
    since_ms = None if before is None else before.unneeded_since_ms
    return Simulated(now_ms if since_ms is None else since_ms, moves)


def _obstacle(plan: DrainPlan, policy: NodeAutoscalingPolicy, now_ms: int) -> Simulated | None:
    if plan.blocker is not None:
        found = _refused("BlockedByPod", plan.blocker.pod.key, policy, now_ms)
        return msgspec.structs.replace(found, reason=plan.blocker.reason)
    if plan.wait_for_completion:
        detail = plan.wait_for_completion[0].key
        return _refused("BlockedByOnCompletionPod", detail, policy, now_ms)
    return None


def _is_empty(name: str, cluster: ClusterView, now_ms: int) -> bool:
    return not any(must_leave(pod, now_ms) for pod in cluster.pods_on(name).values())


def _largest(name: str, cluster: ClusterView, now_ms: int) -> str:
    """Return the pod of a node that is hardest to place, to name it."""
    pods = [pod for pod in cluster.pods_on(name).values() if must_leave(pod, now_ms)]
    return max(pods, key=lambda it: cluster.shapes.intern(it).cpu_millicores).key
