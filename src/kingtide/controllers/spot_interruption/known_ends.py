"""Ends that are no news: one of our controllers, or the group, ends the instance already.

Whoever scales a node down or replaces it brings about a state change of its instance, and a wait of
its hook. Neither takes the node from its owner, nor is there room to claim: the owner has seen to
that. A state change is news only where nobody took the node, or where it ends a notice early.
"""

from __future__ import annotations

from collections.abc import Callable

from kingtide.aws.autoscaling import Instance
from kingtide.aws.interruptions.events import InterruptionEvent, LifecycleAction, StateChange
from kingtide.control.claims import disruption_claim
from kingtide.control.drain import must_leave
from kingtide.control.removal_taint import is_being_deleted
from kingtide.control.snapshot import ClusterView
from kingtide.controllers.spot_interruption.notice import NAME
from kingtide.kube.nodes import Node

InstanceOf = Callable[[str], Instance | None]
"""A group's instance by its id, None where no group has it."""


def is_end_known(
    event: InterruptionEvent,
    node: Node,
    cluster: ClusterView,
    instance_of: InstanceOf,
    now_ms: int,
) -> bool:
    """Return whether an event only tells an end that is seen to.

    A hook's wait does so once the node is empty: as long as pods are left they need this
    controller's haste, whoever began.
    """
    match event:
        case StateChange():
            claim = disruption_claim(node.annotations)
            if claim is None:
                return is_being_deleted(node, now_ms) or _is_given_up(event, instance_of)
            if claim.by == NAME:
                return _is_empty(node, cluster, now_ms)
            return not claim.rests or is_being_deleted(node, now_ms)
        case LifecycleAction():
            claim = disruption_claim(node.annotations)
            is_taken = is_being_deleted(node, now_ms) or (claim is not None and claim.by != NAME)
            return is_taken and _is_empty(node, cluster, now_ms)
        case _:
            return False


def _is_empty(node: Node, cluster: ClusterView, now_ms: int) -> bool:
    return not any(must_leave(it, now_ms) for it in cluster.pods_on(node.name).values())


def _is_given_up(event: StateChange, instance_of: InstanceOf) -> bool:
    """Return whether the group ends the instance: it replaces it without being asked."""
    instance = instance_of(event.instance_id)
    return instance is not None and instance.is_leaving
