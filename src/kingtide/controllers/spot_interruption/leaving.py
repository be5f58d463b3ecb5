"""The pods that have to leave noticed nodes and have not been told yet, each with its last moment.

A pod's last moment is when its grace period would no longer fit before the machine goes, less a
reserve for watches, calls and the kubelet. A notice without a deadline gives no last moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kingtide.control.action import EvictPod
from kingtide.control.node_actions import DeletePod
from kingtide.control.outcome import Outcome
from kingtide.control.snapshot import ClusterView
from kingtide.controllers.spot_interruption.crowd import Crowd
from kingtide.controllers.spot_interruption.notice import Notice
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod

ASK_AGAIN_MS = 60_000
"""A pod that was told to go, without an answer, and does not show it after this is told again: the
write was lost."""

GRANTED_MS = 1 << 62
"""When a pod whose eviction was granted is asked again: never. The API server does not forget a
deletion; a watch that does not show it only hangs. The entry ends with the pod."""

FIRST_RETRY_MS = 1_000


class Asked(msgspec.Struct, frozen=True, gc=False):
    """When a pod's eviction was asked for, and from when on it may be asked for again.

    `refusals` counts those in a row; `owner` is the pod's workload. `is_refused` tells that the
    last call had no effect, `is_by_budget` that this was a disruption budget's doing.
    """

    owner: str
    at_ms: int
    again_ms: int
    refusals: int = 0
    is_refused: bool = False
    is_by_budget: bool = False


AskedByUid = Mapping[str, Asked]


class Leaving(msgspec.Struct, frozen=True, gc=False):
    """A pod that has to leave; `latest_ms` None: nobody says until when.

    `was_refused` tells that its disruption budget did not let it go when last asked.
    """

    pod: Pod
    node: Node
    deadline_ms: int | None
    latest_ms: int | None
    since_ms: int
    owner: str
    was_refused: bool = False


def leaving_pods(
    nodes: Iterable[tuple[Node, Notice, Crowd]],
    asked: AskedByUid,
    policy: SpotInterruptionPolicy,
    now_ms: int,
) -> Iterator[Leaving]:
    """Yield the pods that may be asked to leave now, by node.

    In the last part of a notice a refusal is not waited out.
    """
    for node, notice, crowd in nodes:
        is_late = is_below_budget_time(notice.deadline_ms, policy, now_ms)
        for guest in crowd.untold:
            pod = guest.pod
            before = asked.get(pod.uid)
            is_resting = before is not None and before.again_ms > now_ms
            was_refused = before is not None and before.is_by_budget
            if is_resting and not (is_late and was_refused):
                continue
            yield Leaving(
                pod,
                node,
                notice.deadline_ms,
                _latest_ms(pod, notice, policy),
                notice.since_ms,
                guest.owner,
                was_refused,
            )


def is_below_budget_time(
    deadline_ms: int | None, policy: SpotInterruptionPolicy, now_ms: int
) -> bool:
    """Return whether so little of a notice is left that budgets no longer hold a pod."""
    if deadline_ms is None or not policy.below_budget_seconds:
        return False
    return deadline_ms - now_ms <= policy.below_budget_seconds * 1000


def heed(
    asked: AskedByUid, outcomes: Iterable[Outcome], policy: SpotInterruptionPolicy
) -> AskedByUid:
    """Return what was asked for after what became of it.

    Refusals are retried ever more slowly, what was granted is not asked for again.
    """
    changed: dict[str, Asked] | None = None
    for outcome in outcomes:
        action = outcome.action
        if not isinstance(action, EvictPod | DeletePod) or action.uid not in asked:
            continue
        if outcome.status not in ("done", "refused", "failed"):
            continue
        changed = dict(asked) if changed is None else changed
        before = changed[action.uid]
        if outcome.status == "done":
            changed[action.uid] = Asked(before.owner, before.at_ms, GRANTED_MS)
            continue
        pause_ms = min(FIRST_RETRY_MS << min(before.refusals, 10), policy.retry_max_seconds * 1000)
        changed[action.uid] = Asked(
            before.owner,
            before.at_ms,
            outcome.at_ms + pause_ms,
            before.refusals + 1,
            is_refused=True,
            # The eviction API answers with an HTTP code; other refusals are not a budget's.
            is_by_budget=outcome.status == "refused" and outcome.code.isdecimal(),
        )
    return asked if changed is None else changed


def remember(
    asked: AskedByUid, cluster: ClusterView, told: Iterable[Leaving], keep_ms: int, now_ms: int
) -> AskedByUid:
    """Return what was asked for, with those told now; who is long gone is forgotten."""
    kept = {
        uid: it
        for uid, it in asked.items()
        if now_ms - it.at_ms < keep_ms or cluster.pod(uid) is not None
    }
    for it in told:
        before = kept.get(it.pod.uid)
        refusals = 0 if before is None else before.refusals
        kept[it.pod.uid] = Asked(it.owner, now_ms, now_ms + ASK_AGAIN_MS, refusals)
    return kept


def _latest_ms(pod: Pod, notice: Notice, policy: SpotInterruptionPolicy) -> int | None:
    if notice.deadline_ms is None:
        return None
    grace_seconds = pod.spec.termination_grace_period_seconds
    return notice.deadline_ms - 1000 * (grace_seconds + policy.reserve_seconds)
