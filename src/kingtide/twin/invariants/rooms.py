"""Room on nodes, counted from the pods themselves."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.kube.pods import Pod, pod_requests
from kingtide.kube.resources import NO_RESOURCES, Resources


def taken(pods: Iterable[Pod]) -> Resources:
    """Return what pods take on a node; those that have ended take nothing."""
    total = NO_RESOURCES
    for pod in pods:
        if not pod.is_terminal:
            total = total + pod_requests(pod.spec) + Resources(pods=1)
    return total


def holds(room: Resources) -> bool:
    """Return whether no amount is below nothing."""
    amounts = (room.cpu_millicores, room.memory_bytes, room.ephemeral_storage_bytes, room.pods)
    return min(amounts) >= 0 and all(amount >= 0 for _, amount in room.extended)


def is_daemon(pod: Pod) -> bool:
    """Return whether a pod belongs to its node."""
    return pod.owner is not None and pod.owner.kind == "DaemonSet"
