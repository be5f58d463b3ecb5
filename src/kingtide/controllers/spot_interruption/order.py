"""Which pods leave in this pass, and in which order: the two minutes.

Where the time is enough, nobody is hurried and nobody waits for nothing:

* Who needs the most time goes first: the longest grace period has the earliest last moment.
* A pod waits while there is no room where it would go. The scheduler is asked for that, not a
  calculation: as long as a pod of the same or a higher priority waits for a node of the same kind,
  the next one would only wait beside it instead of serving. The claims on the nodes have asked for
  capacity already, so waiting costs none of it.
* Pods of low priority yield: the room that is free at once (pause pods) goes to what matters. If
  low ones took it, the higher ones would preempt them and wait for their grace periods on top.
* The pods of a workload leave in waves (`waves`), within their disruption budget (`budgets`), and
  not before load balancers have left the node out.

Where time is short, none of this holds. A pod is due as soon as the evictions that are ahead of it
or as urgent take all that is left until its last moment. Among the due, low priority goes first:
what matters serves until the end of the time that its grace period leaves. Should even all the time
left be too little for the calls that are needed, it is spent on the highest priorities; the rest
ends with its machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from kingtide.control.drain import SAFE_TO_EVICT
from kingtide.control.snapshot import ClusterView
from kingtide.controllers.spot_interruption.budgets import Budgets
from kingtide.controllers.spot_interruption.leaving import Leaving, is_below_budget_time
from kingtide.controllers.spot_interruption.waves import Waves
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.pods import PodSpec

Hold = Literal["load-balancers", "protected", "budget", "surge", "room", "yields", "wave", "pace"]
"""Why a pod stays for now."""

NEVER_MS = 1 << 62

Placement = tuple[object, ...]


class Chosen(msgspec.Struct, frozen=True):
    """Who leaves now, in order, who of them against a budget, and why the others stay.

    `is_short` tells that not everybody can be told in time.
    """

    go: tuple[Leaving, ...] = ()
    against_budget: frozenset[str] = frozenset()
    holds: Mapping[str, Hold] = {}
    is_short: bool = False


def choose(
    leaving: Sequence[Leaving],
    waves: Waves,
    cluster: ClusterView,
    policy: SpotInterruptionPolicy,
    allowed: int,
    now_ms: int,
    is_surging: Callable[[Leaving], bool],
) -> Chosen:
    """Return who leaves now, at most `allowed` pods."""
    due, others = split_by_need(leaving, policy, now_ms)
    hurried, is_short = in_haste(due, policy, now_ms)
    budgets, room = Budgets(cluster), _waiting_priorities(cluster)
    has_higher = any(not _is_low(it, policy) for it in leaving)
    go: list[Leaving] = []
    against: list[str] = []
    holds: dict[str, Hold] = {}
    for it in hurried:
        refused = it.was_refused or not budgets.allow(it)
        is_against = refused and is_below_budget_time(it.deadline_ms, policy, now_ms)
        if len(go) == allowed:
            holds[it.pod.uid] = "pace"
        elif not budgets.allow(it) and not is_against:
            holds[it.pod.uid] = "budget"
        else:
            go.append(it)
            against += [it.pod.uid] if is_against else []
            waves.take(it.owner)
            budgets.take(it)
    for it in sorted(others, key=lambda it: (_latest(it), -it.pod.spec.priority, it.pod.key)):
        hold = _hold(it, budgets, room, has_higher, policy, now_ms)
        if hold is None and is_surging(it):
            hold = "surge"
        if hold is None and not waves.has_place(it.owner):
            hold = "wave"
        if hold is None and len(go) == allowed:
            hold = "pace"
        if hold is not None:
            holds[it.pod.uid] = hold
            continue
        go.append(it)
        waves.take(it.owner)
        budgets.take(it)
    return Chosen(tuple(go), frozenset(against), holds, is_short)


def split_by_need(
    leaving: Sequence[Leaving], policy: SpotInterruptionPolicy, now_ms: int
) -> tuple[Sequence[Leaving], Sequence[Leaving]]:
    """Return the pods that can wait no longer, in the order of their last moments, and the others.

    A pod is due when the calls for all that are at least as urgent would last beyond its last
    moment, were they to begin with the next pass.
    """
    next_ms = now_ms + policy.pass_seconds * 1000
    all_told_ms = next_ms + len(leaving) * 1000 // policy.evictions_per_second
    if all(_latest(it) >= all_told_ms for it in leaving):
        return (), leaving
    by_need = sorted(leaving, key=lambda it: (_latest(it), it.pod.key))
    count = 0
    for index, it in enumerate(by_need):
        if it.latest_ms is None:
            break
        if it.latest_ms < next_ms + (index + 1) * 1000 // policy.evictions_per_second:
            count = index + 1
    return by_need[:count], by_need[count:]


def in_haste(
    due: Sequence[Leaving], policy: SpotInterruptionPolicy, now_ms: int
) -> tuple[Sequence[Leaving], bool]:
    """Return the due pods in their order, and whether some of them cannot be told in time."""
    deadlines = [it.deadline_ms for it in due if it.deadline_ms is not None]
    left_ms = max(1_000, max(deadlines, default=now_ms) - now_ms)
    possible = policy.evictions_per_second * left_ms // 1000
    by_rank = sorted(due, key=lambda it: (-it.pod.spec.priority, _latest(it), it.pod.key))
    timely = sorted(
        by_rank[:possible], key=lambda it: (it.pod.spec.priority, _latest(it), it.pod.key)
    )
    return [*timely, *by_rank[possible:]], len(due) > possible


def _hold(
    it: Leaving,
    budgets: Budgets,
    room: Mapping[Placement, int],
    has_higher: bool,
    policy: SpotInterruptionPolicy,
    now_ms: int,
) -> Hold | None:
    if now_ms - it.since_ms < policy.load_balancer_seconds * 1000:
        return "load-balancers"
    if it.pod.annotations.get(SAFE_TO_EVICT) == "false":
        return "protected"
    if not budgets.allow(it):
        return "budget"
    if _is_low(it, policy):
        return "yields" if has_higher else None
    if not room:
        return None
    waiting = room.get(_placement(it.pod.spec))
    return "room" if waiting is not None and waiting >= it.pod.spec.priority else None


def _waiting_priorities(cluster: ClusterView) -> dict[Placement, int]:
    """Return, by the kind of node they need, the highest priority among the pods that wait."""
    highest: dict[Placement, int] = {}
    for group in cluster.unschedulable_alike:
        spec = group.shape.spec
        key, priority = _placement(spec), spec.priority
        highest[key] = max(priority, highest.get(key, priority))
    return highest


def _placement(spec: PodSpec) -> Placement:
    return (spec.node_selector, spec.required_node_affinity)


def _is_low(it: Leaving, policy: SpotInterruptionPolicy) -> bool:
    return it.pod.spec.priority < policy.low_priority_below


def _latest(it: Leaving) -> int:
    return NEVER_MS if it.latest_ms is None else it.latest_ms
