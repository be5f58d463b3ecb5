"""Emptying one node, step by step: cordon, evict, wait, terminate; and what a failure means.

Level-triggered: each pass looks at the node as it is and says the next step. The disruption claim
on the node is what makes it ours; its `attempt` and `not_before_ms` carry retries over a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from kingtide.aws.autoscaling import AutoScalingGroup, Instance
from kingtide.control.action import Action, EvictPod, TerminateInstance
from kingtide.control.claims import CAPACITY_CLAIM, DisruptionClaim, capacity_claim
from kingtide.control.drain import must_leave
from kingtide.control.emptying import EmptyingSettings, empty, evict_daemons
from kingtide.control.node_actions import (
    ClaimDisruption,
    ReleaseCapacity,
    ReleaseDisruption,
    SetNodeLabel,
)
from kingtide.control.outcome import Outcome
from kingtide.controllers.ondemand_reclaim.marks import GIVEN_UP_UNTIL, NAME, cordon, uncordon
from kingtide.controllers.ondemand_reclaim.memory import Drain
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod

CORDON_ASKED_AGAIN_MS = 30_000
"""A cordon that the watch has not shown after this is asked for again: the write was lost."""

CORDON_SETTLES_MS = 5_000
"""An empty node is not terminated before its cordon has been seen this long: the scheduler may
have bound a pod just before it saw the cordon (Cluster Autoscaler's --node-delete-delay-after-taint
has the same default)."""

TERMINATION_MAX_MS = 300_000
"""A terminated instance whose node is still there after this was not terminated, as with
node_autoscaling."""

FailureCode = Literal[
    "EvictionTimedOut",
    "PodsDidNotLeave",
    "BlockedByPod",
    "NodeGroupMinSizeReached",
    "TerminationFailed",
]


class Emptied(msgspec.Struct, frozen=True):
    """A node that is ours to empty, with all that a step looks at."""

    node: Node
    claim: DisruptionClaim
    group: AutoScalingGroup
    instance: Instance
    pods: Mapping[str, Pod]
    outcomes: Sequence[Outcome]
    now_ms: int


class Step(msgspec.Struct, frozen=True):
    """What one pass does for a node; `failure` ends the attempt, with what there is to say of it.

    `is_vetoed` tells that somebody uncordoned the node by hand, which ends the drain for good;
    `is_terminated` that this step asks for the instance's termination.
    """

    drain: Drain
    actions: tuple[Action, ...] = ()
    failure: FailureCode | None = None
    detail: str = ""
    is_vetoed: bool = False
    is_terminated: bool = False


def go_on(
    it: Emptied,
    drain: Drain,
    policy: OndemandReclaimPolicy,
    may_go: Callable[[Sequence[Pod]], Sequence[str]],
    may_lose_one: bool,
) -> Step:
    """Return the next step of a node that bears our claim.

    `may_go` picks the pods that may be evicted in this pass; `may_lose_one` says whether the group
    is above its minimum.
    """
    if it.instance.state in ("Terminating", "Terminated"):
        return Step(drain)
    if not it.node.unschedulable:
        return _cordon(it, drain)
    if not drain.cordon_seen_ms:
        drain = msgspec.structs.replace(drain, cordon_seen_ms=it.now_ms)
    staying = [pod for pod in it.pods.values() if must_leave(pod, it.now_ms)]
    if not staying:
        return _terminate(it, drain, policy, may_lose_one)
    settings = emptying_settings(policy)
    allowed = may_go(
        [pod for pod in staying if pod.deletion_ms is None and pod.uid not in drain.asked_ms]
    )
    refused = _refused(it, drain)
    moved = empty(
        it.node,
        staying,
        drain.asked_ms,
        it.claim.since_ms,
        it.outcomes,
        settings,
        it.now_ms,
        allowed=(*allowed, *refused),
    )
    drain = msgspec.structs.replace(drain, asked_ms=moved.asked_ms)
    if moved.failure is not None:
        return Step(drain, failure=moved.failure, detail=moved.pod)
    actions: tuple[Action, ...] = moved.evictions
    if moved.is_everybody_asked:
        drain, evictions = _evict_daemons(it, drain, policy)
        actions += evictions
    return Step(drain, actions)


def emptying_settings(policy: OndemandReclaimPolicy) -> EmptyingSettings:
    """Return how long pods are given."""
    return EmptyingSettings(
        policy.max_graceful_termination_seconds, policy.max_pod_eviction_seconds
    )


def begin(
    node: Node, before: DisruptionClaim | None, reason: Literal["Expired", "Degraded"], now_ms: int
) -> ClaimDisruption:
    """Return the claim by which a drain begins, the next attempt if there was one before."""
    attempt = 1 if before is None else before.attempt + 1
    claim = DisruptionClaim(by=NAME, reason=reason, since_ms=now_ms, attempt=attempt)
    why = "it is ill" if reason == "Degraded" else "spot can take its pods"
    return ClaimDisruption(
        node=node.name, node_uid=node.uid, claim=claim, reason=f"{node.name} is emptied: {why}"
    )


def rest_seconds(attempt: int, policy: OndemandReclaimPolicy) -> int:
    """Return the rest after a failed attempt: doubled with each, up to the longest."""
    doubled = policy.retry_initial_seconds << min(attempt - 1, 30)
    return min(doubled, policy.retry_max_seconds)


def rest(
    node: Node, claim: DisruptionClaim, failure: str, policy: OndemandReclaimPolicy, now_ms: int
) -> tuple[Action, ...]:
    """Return what a failed attempt leaves: the claim at rest, and a node that works meanwhile.

    An ill node stays cordoned: pods would only fail there.
    """
    until_ms = now_ms + 1000 * rest_seconds(claim.attempt, policy)
    resting = msgspec.structs.replace(claim, not_before_ms=until_ms)
    reason = f"emptying {node.name} failed: {failure}"
    kept = ClaimDisruption(node=node.name, node_uid=node.uid, claim=resting, reason=reason)
    taking_pods = () if claim.reason == "Degraded" else uncordon(node, reason)
    return (kept, *taking_pods, *release_capacity(node, reason))


def give_back(node: Node, reason: str, until_ms: int | None = None) -> tuple[Action, ...]:
    """Return what ends our business with a node: it takes pods again and bears no claim of ours.

    `until_ms` is until when it is left alone, None where nothing speaks against another look.
    """
    actions: list[Action] = list(uncordon(node, reason))
    if until_ms is not None:
        actions.append(
            SetNodeLabel(
                node=node.name,
                node_uid=node.uid,
                key=GIVEN_UP_UNTIL,
                value=str(until_ms // 1000),
                reason=reason,
            )
        )
    actions += release_capacity(node, reason)
    # Last: until it is done, the claim says that there is something left to do.
    released = ReleaseDisruption(node=node.name, node_uid=node.uid, by=NAME, reason=reason)
    return (*actions, released)


def release_capacity(node: Node, reason: str) -> tuple[Action, ...]:
    """Return what takes our capacity claim off a node, nothing where there is none."""
    claim = capacity_claim(node.annotations)
    if CAPACITY_CLAIM not in node.annotations or (claim is not None and claim.by != NAME):
        return ()
    return (ReleaseCapacity(node=node.name, node_uid=node.uid, by=NAME, reason=reason),)


def _cordon(it: Emptied, drain: Drain) -> Step:
    if drain.cordon_seen_ms:
        return Step(drain, is_vetoed=True)
    is_asked = bool(drain.cordon_asked_ms)
    if is_asked and it.now_ms - drain.cordon_asked_ms < CORDON_ASKED_AGAIN_MS:
        return Step(drain)
    return Step(msgspec.structs.replace(drain, cordon_asked_ms=it.now_ms), cordon(it.node))


def _terminate(
    it: Emptied, drain: Drain, policy: OndemandReclaimPolicy, may_lose_one: bool
) -> Step:
    failed = _failed_termination(it)
    if failed is not None:
        return Step(drain, failure="TerminationFailed", detail=failed.code)
    if drain.terminated_ms:
        if it.now_ms - drain.terminated_ms > TERMINATION_MAX_MS:
            return Step(drain, failure="TerminationFailed", detail="the node is still there")
        return Step(drain)
    if not may_lose_one:
        return Step(drain, failure="NodeGroupMinSizeReached", detail=it.group.name)
    drain, evictions = _evict_daemons(it, drain, policy)
    if evictions or it.now_ms - drain.cordon_seen_ms < CORDON_SETTLES_MS:
        return Step(drain, evictions)
    action = TerminateInstance(
        group=it.group.name,
        instance_id=it.instance.instance_id,
        node=it.node.name,
        reason=f"{it.node.name} is empty: {it.claim.reason}",
    )
    drain = msgspec.structs.replace(drain, terminated_ms=it.now_ms)
    return Step(drain, (action,), is_terminated=True)


def _evict_daemons(
    it: Emptied, drain: Drain, policy: OndemandReclaimPolicy
) -> tuple[Drain, tuple[Action, ...]]:
    if drain.are_daemons_asked:
        return drain, ()
    evictions = evict_daemons(
        it.node, it.pods, emptying_settings(policy), by_default=policy.pods.evict_daemon_sets
    )
    return msgspec.structs.replace(drain, are_daemons_asked=True), evictions


def _refused(it: Emptied, drain: Drain) -> tuple[str, ...]:
    """Return the pods whose eviction was refused: their turn has come, only the API says not yet.

    They count as asked, so the pace has them in its sums already.
    """
    return tuple(
        outcome.action.uid
        for outcome in it.outcomes
        if isinstance(outcome.action, EvictPod)
        and outcome.status in ("refused", "failed")
        and outcome.action.uid in drain.asked_ms
    )


def _failed_termination(it: Emptied) -> Outcome | None:
    for outcome in it.outcomes:
        action = outcome.action
        if isinstance(action, TerminateInstance) and action.node == it.node.name:
            return outcome if outcome.status != "done" else None
    return None
