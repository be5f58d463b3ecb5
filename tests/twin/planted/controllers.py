"""Mistakes a controller could make: its decisions, changed on their way out.

Nothing of ours is patched: a world gets another controller through its seams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from kingtide.control.action import (
    Action,
    AddTaint,
    EvictPod,
    PatchScale,
    SetDesiredCapacity,
    TerminateInstance,
)
from kingtide.control.claims import disruption_claim
from kingtide.control.controller import Controller
from kingtide.control.decision import Decision
from kingtide.control.message_actions import AcknowledgeMessage
from kingtide.control.node_actions import ClaimDisruption, DeletePod
from kingtide.control.snapshot import Snapshot
from kingtide.kube.pods import Pod
from kingtide.roster.registry import CONTROLLERS
from kingtide.twin.seams import Seams

SPOT = "spot-nodes-workers-4x"

Change = Callable[[Decision[Any], Snapshot], tuple[Action, ...]]


def deciding(key: str, change: Change, *more: type[Action]) -> Seams:
    """A controller whose actions are changed on their way out."""
    real: Controller[Any, Any] = CONTROLLERS[key].controller

    def decide(*arguments: Any) -> Decision[Any]:
        decision = real.decide(*arguments)
        return msgspec.structs.replace(decision, actions=change(decision, arguments[0]))

    actions = (*real.actions, *more)
    return Seams(controllers={key: msgspec.structs.replace(real, decide=decide, actions=actions)})


def each(
    decision: Decision[Any], change: Callable[[Action], Sequence[Action]]
) -> tuple[Action, ...]:
    return tuple(it for action in decision.actions for it in change(action))


def double(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """Every request for nodes asks for twice as many more, and then one."""

    def change(action: Action) -> Sequence[Action]:
        if not isinstance(action, SetDesiredCapacity) or action.desired <= action.expected_desired:
            return (action,)
        more = 2 * (action.desired - action.expected_desired) + 1
        return (msgspec.structs.replace(action, desired=action.expected_desired + more),)

    return each(decision, change)


def impatient(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """What failed is asked for again as soon as it was put back."""

    def change(action: Action) -> Sequence[Action]:
        if not isinstance(action, SetDesiredCapacity) or action.desired >= action.expected_desired:
            return (action,)
        again = msgspec.structs.replace(
            action, desired=action.expected_desired, expected_desired=action.desired
        )
        return (action, again)

    return each(decision, change)


def never_terminates(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """Instances that never become a node are left running."""
    return each(
        decision, lambda it: () if isinstance(it, TerminateInstance) and not it.node else (it,)
    )


def terminates_at_once(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """A node that was chosen for removal is terminated with its pods."""

    def change(action: Action) -> Sequence[Action]:
        if not isinstance(action, AddTaint):
            return (action,)
        ending = TerminateInstance(
            reason="at once", group=SPOT, instance_id=action.node, node=action.node
        )
        return (action, ending)

    return each(decision, change)


def terminates_in_their_grace(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """A node that was chosen for removal is terminated as soon as its pods are told to stop."""

    def change(action: Action) -> Sequence[Action]:
        if not isinstance(action, AddTaint):
            return (action,)
        pods = snapshot.cluster.pods_on(action.node).values()
        ending = TerminateInstance(
            reason="at once", group=SPOT, instance_id=action.node, node=action.node
        )
        return (
            action,
            *(
                DeletePod(
                    reason="planted",
                    namespace=p.namespace,
                    name=p.name,
                    uid=p.uid,
                    grace_seconds=p.spec.termination_grace_period_seconds,
                )
                for p in pods
            ),
            ending,
        )

    return each(decision, change)


def acknowledges_early(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """Messages are acknowledged as they come, before anything stands on a node."""
    early = (
        AcknowledgeMessage(reason="read", message_id=message.message_id)
        for message in snapshot.inbox
    )
    return (*early, *(it for it in decision.actions if not isinstance(it, ClaimDisruption)))


def _pods(snapshot: Snapshot, name: str) -> list[Pod]:
    cluster = snapshot.cluster
    return [
        pod
        for node in cluster.nodes
        for pod in cluster.pods_on(node).values()
        if pod.name.startswith(name) and pod.is_ready and pod.deletion_ms is None
    ]


def _evictions(pods: Sequence[Pod], grace_seconds: int | None = None) -> tuple[Action, ...]:
    return tuple(
        EvictPod(
            reason="planted",
            namespace=pod.namespace,
            name=pod.name,
            uid=pod.uid,
            grace_seconds=grace_seconds,
        )
        for pod in pods
    )


def ignores_budgets(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """Pods are deleted where they should be evicted, a dozen in a pass."""
    deletions = tuple(
        DeletePod(reason="planted", namespace=p.namespace, name=p.name, uid=p.uid, grace_seconds=30)
        for p in _pods(snapshot, "front")[:12]
    )
    return (*decision.actions, *deletions)


def cuts_graces(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """A pod gets a second to end."""
    return (*decision.actions, *_evictions(_pods(snapshot, "encoders")[:1], 1))


def evicts_twice(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """A pod is evicted, and again."""
    return (*decision.actions, *(2 * _evictions(_pods(snapshot, "encoders")[:1])))


def moves_the_protected(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """A pod that nobody may move is evicted."""
    return (*decision.actions, *_evictions(_pods(snapshot, "closing")[:1]))


def meddles(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """Node autoscaling scales a Deployment, which it does not declare."""
    scale = PatchScale(
        reason="meddling", namespace="shop", name="api", replicas=1, expected_replicas=1
    )
    return (*decision.actions, scale)


def _rival_scale(decision: Decision[Any]) -> Iterator[Action]:
    """Node autoscaling takes the pause pods away whenever it asks for nodes."""
    if any(isinstance(it, SetDesiredCapacity) for it in decision.actions):
        for present in range(1, 9):
            yield PatchScale(
                reason="rivalry",
                namespace="overprovisioning",
                name="overprovisioning-workers",
                replicas=0,
                expected_replicas=present,
            )


def rivals(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """Two controllers scale one Deployment."""
    return (*decision.actions, *_rival_scale(decision))


def deletes_at_once(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """Pods of a noticed node are deleted, past their budgets, as soon as the notice stands."""
    cluster = snapshot.cluster
    noticed = [
        node
        for node in cluster.nodes.values()
        if (claim := disruption_claim(node.annotations)) and claim.reason == "Interrupted"
    ]
    deletions = tuple(
        DeletePod(reason="planted", namespace=p.namespace, name=p.name, uid=p.uid, grace_seconds=30)
        for node in noticed
        for p in cluster.pods_on(node.name).values()
        if p.deletion_ms is None
    )
    return (*decision.actions, *deletions)


def silent() -> Seams:
    """What is deleted below its budget is not told."""
    real: Controller[Any, Any] = CONTROLLERS["spotInterruption"].controller

    def decide(*arguments: Any) -> Decision[Any]:
        decision = real.decide(*arguments)
        told = tuple(it for it in decision.report.verdicts if it.code != "DeletedBelowBudget")
        report = msgspec.structs.replace(decision.report, verdicts=told)
        return msgspec.structs.replace(decision, report=report)

    return Seams(controllers={"spotInterruption": msgspec.structs.replace(real, decide=decide)})
