"""Taking one node away, over several passes: claim and taint, evict, wait, terminate.

Level-triggered: each pass looks at the node as it is and says the next step; nothing waits or calls
back. What has to survive a restart stands on the node: the claim, which keeps other controllers
away, and the taint with the moment it was put there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from kingtide.control import emptying
from kingtide.control.action import Action, AddTaint, RemoveTaint, TerminateInstance
from kingtide.control.claims import DISRUPTION_CLAIM, DisruptionClaim, disruption_claim
from kingtide.control.drain import must_leave
from kingtide.control.emptying import EmptyingSettings
from kingtide.control.node_actions import ClaimDisruption, ReleaseDisruption
from kingtide.control.outcome import Outcome
from kingtide.control.removal_taint import TO_BE_DELETED, removal_taint
from kingtide.controllers.node_autoscaling.claims_seen import OWN
from kingtide.controllers.node_autoscaling.snapshot import NodeStanding
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.kube.taints import Taint

TAINT_VISIBLE_MAX_MS = 60_000
"""A taint that the watch has not shown after this was not put: the removal is given up."""

TERMINATION_MAX_MS = 300_000
"""A terminated instance whose node is still there after this was not terminated
(MaxCloudProviderNodeDeletionTime)."""

DELAY_DELETION_PREFIX = "delay-deletion.cluster-autoscaler.kubernetes.io/"
"""Source:
https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
(how can I delay node deletion)."""

Stage = Literal["tainting", "emptying", "terminating"]
FailureCode = Literal[
    "TaintFailed",
    "EvictionTimedOut",
    "PodsDidNotLeave",
    "TerminationFailed",
    "NodeGroupMinSizeReached",
    "Claimed",
]
YIELD_CODES = ("ArbitrationLost", "DisruptionBudget", "Claimed")
"""Refusals after which a removal is no failure: another comes first, or there is no room for it."""


class Removal(msgspec.Struct, frozen=True):
    """A removal under way; `asked_ms` is when each pod's eviction was asked for, by uid.

    `is_drain` tells a node with pods from an empty one; `emptied_ms` is when the last pod was seen
    gone, 0 before; `are_daemons_asked` whether DaemonSet pods have been evicted, which happens
    once. Times are Unix milliseconds.
    """

    node: str
    group: str
    instance_id: str
    is_drain: bool
    since_ms: int
    stage: Stage = "tainting"
    terminated_ms: int = 0
    asked_ms: Mapping[str, int] = {}
    emptied_ms: int = 0
    are_daemons_asked: bool = False


class Step(msgspec.Struct, frozen=True):
    """What one pass does for a removal; `removal` None ends it, for `failure` if that is set."""

    removal: Removal | None
    actions: tuple[Action, ...] = ()
    failure: FailureCode | None = None
    detail: str = ""


def begin(standing: NodeStanding, group: str, *, is_drain: bool, now_ms: int) -> Step:
    """Return the first step: the taint that keeps new pods away."""
    node = standing.node
    removal = Removal(node.name, group, standing.instance_id, is_drain, now_ms)
    taint = Taint(TO_BE_DELETED, "NoSchedule", str(now_ms // 1000), now_ms)
    reason = f"{node.name} is no longer needed"
    put = AddTaint(node=node.name, node_uid=node.uid, taint=taint, reason=reason)
    return Step(removal, (_claim(removal, node), put))


def adopt(standing: NodeStanding, group: str, since_ms: int, *, is_drain: bool) -> Removal:
    """Return a removal that somebody (we before a restart) began and that nobody goes on with."""
    return Removal(standing.node.name, group, standing.instance_id, is_drain, since_ms, "emptying")


def go_on(
    removal: Removal,
    standing: NodeStanding,
    pods: Mapping[str, Pod],
    outcomes: Sequence[Outcome],
    policy: NodeAutoscalingPolicy,
    now_ms: int,
) -> Step:
    """Return the next step of a removal whose node is still there."""
    node = standing.node
    if removal.stage != "terminating":
        owner = disruption_claim(node.annotations)
        if owner is not None and owner.by != OWN:
            return give_up(removal, node, "Claimed", owner.by)
        lost = _failed(outcomes, ClaimDisruption, node.name)
        if lost is not None and lost.code in YIELD_CODES:
            return give_up(removal, node, "Claimed", lost.code)
    match removal.stage:
        case "tainting":
            return _await_taint(removal, standing, pods, outcomes, policy, now_ms)
        case "emptying":
            step = _empty(removal, standing, pods, outcomes, policy, now_ms)
            if step.failure is None and DISRUPTION_CLAIM not in node.annotations:
                actions = (_claim(removal, node), *step.actions)
                step = msgspec.structs.replace(step, actions=actions)
            return step
        case "terminating":
            return _await_end(removal, standing.node, outcomes, now_ms)


def give_up(removal: Removal, node: Node, failure: FailureCode, detail: str = "") -> Step:
    """Return the last step of a removal that failed: the node takes pods again."""
    reason = f"the removal of {node.name} failed: {failure}"
    actions: list[Action] = []
    if removal_taint(node) is not None:
        actions.append(remove_taint(node, reason))
    owner = disruption_claim(node.annotations)
    if owner is None or owner.by == OWN:
        actions.append(release(node, reason))
    return Step(None, tuple(actions), failure, detail)


def release(node: Node, reason: str) -> ReleaseDisruption:
    """Return the action that gives our claim on a node back; on one without it, it does nothing."""
    return ReleaseDisruption(node=node.name, node_uid=node.uid, by=OWN, reason=reason)


def remove_taint(node: Node, reason: str) -> RemoveTaint:
    """Return the action that takes the removal taint away."""
    return RemoveTaint(
        node=node.name,
        node_uid=node.uid,
        key=TO_BE_DELETED,
        effect="NoSchedule",
        reason=reason,
    )


def _await_taint(
    removal: Removal,
    standing: NodeStanding,
    pods: Mapping[str, Pod],
    outcomes: Sequence[Outcome],
    policy: NodeAutoscalingPolicy,
    now_ms: int,
) -> Step:
    node = standing.node
    if removal_taint(node) is not None:
        emptying = msgspec.structs.replace(removal, stage="emptying")
        return _empty(emptying, standing, pods, outcomes, policy, now_ms)
    failed = _failed(outcomes, AddTaint, node.name) or _failed(outcomes, ClaimDisruption, node.name)
    if failed is not None:
        return give_up(removal, node, "TaintFailed", failed.code)
    if now_ms - removal.since_ms > TAINT_VISIBLE_MAX_MS:
        return give_up(removal, node, "TaintFailed", "not seen on the node")
    return Step(removal)


def _empty(
    removal: Removal,
    standing: NodeStanding,
    pods: Mapping[str, Pod],
    outcomes: Sequence[Outcome],
    policy: NodeAutoscalingPolicy,
    now_ms: int,
) -> Step:
    node = standing.node
    staying = [pod for pod in pods.values() if must_leave(pod, now_ms)]
    if not staying:
        return _terminate(removal, node, pods, policy, now_ms)
    settings = _emptying_settings(policy)
    moved = emptying.empty(
        node, staying, removal.asked_ms, removal.since_ms, outcomes, settings, now_ms
    )
    if moved.failure is not None:
        return give_up(removal, node, moved.failure, moved.pod)
    actions: tuple[Action, ...] = moved.evictions
    removal = msgspec.structs.replace(removal, asked_ms=moved.asked_ms)
    if moved.is_everybody_asked:
        removal, evictions = _evict_daemons(removal, node, pods, policy)
        actions += evictions
    return Step(removal, actions)


def _terminate(
    removal: Removal,
    node: Node,
    pods: Mapping[str, Pod],
    policy: NodeAutoscalingPolicy,
    now_ms: int,
) -> Step:
    """Return the end of a node without pods: daemons evicted, everybody's leave taken."""
    settings = policy.scale_down
    removal, evictions = _evict_daemons(removal, node, pods, policy)
    emptied_ms = removal.emptied_ms or now_ms
    removal = msgspec.structs.replace(removal, emptied_ms=emptied_ms)
    is_early = now_ms - removal.since_ms < settings.delete_delay_after_taint_seconds * 1000
    is_delayed = now_ms - emptied_ms < settings.node_deletion_delay_seconds * 1000
    if evictions or is_early or (delays(node) and is_delayed):
        return Step(removal, evictions)
    action = TerminateInstance(
        group=removal.group,
        instance_id=removal.instance_id,
        node=node.name,
        reason=f"{node.name} is empty and no longer needed",
    )
    ended = msgspec.structs.replace(removal, stage="terminating", terminated_ms=now_ms)
    return Step(ended, (action,))


def delays(node: Node) -> tuple[str, ...]:
    """Return the annotations by which others ask for time before an empty node is terminated."""
    return tuple(key for key in node.annotations if key.startswith(DELAY_DELETION_PREFIX))


def _await_end(removal: Removal, node: Node, outcomes: Sequence[Outcome], now_ms: int) -> Step:
    failed = _failed(outcomes, TerminateInstance, node.name)
    if failed is not None:
        return give_up(removal, node, "TerminationFailed", failed.code)
    if now_ms - removal.terminated_ms > TERMINATION_MAX_MS:
        return give_up(removal, node, "TerminationFailed", "the node is still there")
    return Step(removal)


def _claim(removal: Removal, node: Node) -> ClaimDisruption:
    claim = DisruptionClaim(OWN, "Underutilized" if removal.is_drain else "Empty", removal.since_ms)
    reason = f"{node.name} is no longer needed"
    return ClaimDisruption(node=node.name, node_uid=node.uid, claim=claim, reason=reason)


def _evict_daemons(
    removal: Removal, node: Node, pods: Mapping[str, Pod], policy: NodeAutoscalingPolicy
) -> tuple[Removal, tuple[Action, ...]]:
    """Evict DaemonSet pods, once."""
    if removal.are_daemons_asked:
        return removal, ()
    settings = policy.scale_down
    by_default = (
        settings.evict_daemon_sets_from_occupied_nodes
        if removal.is_drain
        else settings.evict_daemon_sets_from_empty_nodes
    )
    evictions = emptying.evict_daemons(
        node, pods, _emptying_settings(policy), by_default=by_default
    )
    return msgspec.structs.replace(removal, are_daemons_asked=True), evictions


def _emptying_settings(policy: NodeAutoscalingPolicy) -> EmptyingSettings:
    return EmptyingSettings(
        policy.scale_down.max_graceful_termination_seconds,
        policy.scale_down.max_pod_eviction_seconds,
        policy.drain.priority_floors,
    )


def _failed(
    outcomes: Iterable[Outcome],
    kind: type[AddTaint | TerminateInstance | ClaimDisruption],
    node: str,
) -> Outcome | None:
    for outcome in outcomes:
        action = outcome.action
        if isinstance(action, kind) and action.node == node and outcome.status != "done":
            return outcome
    return None
