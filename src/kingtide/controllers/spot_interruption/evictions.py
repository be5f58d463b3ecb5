"""The calls by which chosen pods leave: an eviction, or a deletion where a budget must not hold."""

from __future__ import annotations

from kingtide.control.action import Action, EvictPod
from kingtide.control.node_actions import DeletePod
from kingtide.controllers.spot_interruption.leaving import Leaving
from kingtide.controllers.spot_interruption.order import Chosen

LAST_SECOND_MS = 1_000
"""A pod's grace period ends this long before its machine, so that its end is still reported."""


def calls(chosen: Chosen, now_ms: int) -> tuple[Action, ...]:
    """Return the call for each pod that leaves now."""
    return tuple(
        _delete(it, now_ms) if it.pod.uid in chosen.against_budget else _evict(it, now_ms)
        for it in chosen.go
    )


def grace_seconds(it: Leaving, now_ms: int) -> int | None:
    """Return the grace period that still fits, None where the pod's own does.

    At least 1 s: without any, the API forgets a pod that may still run, and a StatefulSet would
    make its twin.
    """
    if it.deadline_ms is None:
        return None
    left_seconds = max(1, (it.deadline_ms - now_ms - LAST_SECOND_MS) // 1000)
    own = it.pod.spec.termination_grace_period_seconds
    return left_seconds if left_seconds < own else None


def _evict(it: Leaving, now_ms: int) -> EvictPod:
    return EvictPod(
        namespace=it.pod.namespace,
        name=it.pod.name,
        uid=it.pod.uid,
        grace_seconds=grace_seconds(it, now_ms),
        reason=f"{it.node.name} is taken by the cloud",
    )


def _delete(it: Leaving, now_ms: int) -> DeletePod:
    own = it.pod.spec.termination_grace_period_seconds
    fitting = grace_seconds(it, now_ms)
    return DeletePod(
        namespace=it.pod.namespace,
        name=it.pod.name,
        uid=it.pod.uid,
        grace_seconds=own if fitting is None else fitting,
        reason=f"{it.node.name} ends within seconds, and its disruption budget refuses",
    )
