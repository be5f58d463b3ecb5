"""One look at a StatefulSet: create what is missing, take what is too many, then update.

An ordered set does one thing a look, and only when every pod before is available; a parallel one
does at once all there is to do. Scaling goes before updating.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/statefulset/stateful_set_control.go,
updateStatefulSet, processReplica and processCondemned.
"""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.controlplane.workloads.stateful.ordinals import (
    Members,
    is_healthy,
    is_steady,
    members,
    pod_name,
)
from kingtide.controlplane.workloads.stateful.step import NewMember, StatefulStep
from kingtide.controlplane.workloads.stateful.update import update
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import StatefulSet


def reconcile(stateful_set: StatefulSet, pods: Iterable[Pod], now_ms: int) -> StatefulStep:
    """Return the next step of a StatefulSet towards its replicas and its update revision.

    `pods` are all that exist, those that are being deleted too. Each step is followed by another
    look once its pods have changed.

    Raises:
        NotAnAmount: maxUnavailable is neither a number nor a percentage.
    """
    found = members(stateful_set, pods)
    if stateful_set.pod_management_policy == "Parallel":
        step = _all_at_once(stateful_set, found)
    else:
        step = _in_order(stateful_set, found, now_ms)
    if not step.is_rest or step.waits_for:
        return step
    return update(stateful_set, found.replicas, now_ms)


def new_revision(stateful_set: StatefulSet, ordinal: int) -> str:
    """Return the revision that a new pod is made from: the current one below the partition."""
    below = stateful_set.update_strategy == "RollingUpdate" and ordinal < stateful_set.partition
    return stateful_set.current_revision if below else stateful_set.update_revision


def _all_at_once(stateful_set: StatefulSet, found: Members) -> StatefulStep:
    create = tuple(
        NewMember(ordinal, new_revision(stateful_set, ordinal))
        for ordinal, pod in enumerate(found.replicas)
        if pod is None
    )
    ended = tuple(pod for pod in found.replicas if pod is not None and _is_to_be_replaced(pod))
    surplus = tuple(pod for pod in found.condemned if pod.deletion_ms is None)
    return StatefulStep(create, (*ended, *surplus))


def _in_order(stateful_set: StatefulSet, found: Members, now_ms: int) -> StatefulStep:
    for ordinal, pod in enumerate(found.replicas):
        if pod is None:
            return StatefulStep((NewMember(ordinal, new_revision(stateful_set, ordinal)),))
        if _is_to_be_replaced(pod):
            return StatefulStep(delete=(pod,))
        if pod.deletion_ms is not None or not is_steady(pod, stateful_set, now_ms):
            return StatefulStep(waits_for=pod_name(stateful_set.name, ordinal))
    return _scale_down_in_order(stateful_set, found, now_ms)


def _scale_down_in_order(stateful_set: StatefulSet, found: Members, now_ms: int) -> StatefulStep:
    """Delete the highest pod once it is available, or is the lowest of those that are not well."""
    if not found.condemned:
        return StatefulStep()
    highest = found.condemned[0]
    if highest.deletion_ms is not None:
        return StatefulStep(waits_for=highest.name)
    unwell = [pod for pod in reversed(found.condemned) if not is_healthy(pod)]
    lowest = unwell[0] if unwell else None
    if not is_steady(highest, stateful_set, now_ms) and highest is not lowest:
        return StatefulStep(waits_for=highest.name if lowest is None else lowest.name)
    return StatefulStep(delete=(highest,))


def _is_to_be_replaced(pod: Pod) -> bool:
    """A pod that has ended is deleted, to be created again under the same name."""
    return pod.is_terminal and pod.deletion_ms is None
