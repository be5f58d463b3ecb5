"""Which pods a ReplicaSet deletes first when it has too many.

Source: kubernetes pkg/controller/controller_utils.go, ActivePodsWithRanks (v1.36), with
LogarithmicScaleDown on: ages are compared by their binary order of magnitude, ties go to the uid.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from kingtide.kube.pods import Pod

DELETION_COST_ANNOTATION = "controller.kubernetes.io/pod-deletion-cost"
_PHASE_ORDER = {"Pending": 0, "Unknown": 1, "Running": 2, "Succeeded": 2, "Failed": 2}


def pods_to_delete(pods: Iterable[Pod], count: int, now_ms: int) -> Sequence[Pod]:
    """Return `count` of a ReplicaSet's active pods in the order in which they are deleted."""
    active = list(pods)
    on_node = Counter(pod.node_name for pod in active if pod.node_name)
    active.sort(key=lambda pod: _rank(pod, on_node, now_ms))
    return active[:count]


def _rank(pod: Pod, on_node: Counter[str], now_ms: int) -> tuple[int, ...] | tuple[object, ...]:
    ready_ms = pod.ready.since_ms if pod.ready is not None and pod.is_ready else None
    return (
        pod.node_name != "",
        _PHASE_ORDER[pod.phase],
        pod.is_ready,
        _deletion_cost(pod),
        -on_node[pod.node_name] if pod.node_name else 0,
        _age_magnitude(now_ms, ready_ms),
        _age_magnitude(now_ms, pod.created_ms),
        pod.uid,
    )


def _age_magnitude(now_ms: int, since_ms: int | None) -> int:
    """Return the binary order of magnitude of an age, which Kubernetes takes in nanoseconds.

    0 for no age.
    """
    if since_ms is None or now_ms <= since_ms:
        return 0
    return ((now_ms - since_ms) * 1_000_000).bit_length()


def _deletion_cost(pod: Pod) -> int:
    text = pod.annotations.get(DELETION_COST_ANNOTATION, "0")
    try:
        return int(text)
    except ValueError:
        return 0
