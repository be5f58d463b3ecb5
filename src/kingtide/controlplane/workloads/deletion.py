"""Which pods a ReplicaSet deletes first when it has too many.

Source: kubernetes pkg/controller/controller_utils.go, ActivePodsWithRanks (v1.36), with
LogarithmicScaleDown on: ages are compared by their binary order of magnitude, ties go to the uid.
Restart counts are left out, because pods here do not restart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cmp_to_key
from operator import itemgetter

from kingtide.kube.pods import Pod

DELETION_COST_ANNOTATION = "controller.kubernetes.io/pod-deletion-cost"
_PHASE_ORDER = {"Pending": 0, "Unknown": 1, "Running": 2, "Succeeded": 2, "Failed": 2}
_COST = re.compile(r"0|-?[1-9][0-9]{0,9}")
_NS_PER_MS = 1_000_000


_Rank = tuple[bool, int, bool, int, int]
_Candidate = tuple[_Rank, int, str, Pod, int | None, int, int]
"""A pod with what is compared: its rank, smaller goes first; then the ages.

(rank, first magnitude, uid, pod, ready since, created, magnitude of its creation). The first
magnitude is of its readiness where it is Ready, else of its creation: all that tells most pods
apart. `ready since` is None for a pod that is not Ready. Both times are milliseconds of whole
seconds, as the API server stores them; magnitudes are of the ages. A plain tuple, because a
ReplicaSet that shrinks makes one of each of its pods at every look.
"""


def pods_to_delete(pods: Iterable[Pod], count: int, now_ms: int) -> Sequence[Pod]:
    """Return `count` of a ReplicaSet's active pods in the order in which they are deleted."""
    active = list(pods)
    on_node = Counter([pod.node_name for pod in active if pod.node_name])
    magnitudes = _Magnitudes(now_ms)
    candidates = [_candidate(pod, on_node, magnitudes) for pod in active]
    if _is_told_by_one_age(candidates):
        candidates.sort(key=_FIRST_THREE)
    else:
        candidates.sort(key=cmp_to_key(_compare))
    return [candidate[3] for candidate in candidates[: max(0, count)]]


_FIRST_THREE = itemgetter(0, 1, 2)


class _Magnitudes(dict[int, int]):
    """The magnitude of the age of whole seconds, worked out once a second: many pods share one."""

    def __init__(self, now_ms: int) -> None:
        super().__init__()
        self._now_ms = now_ms

    def __missing__(self, since_ms: int) -> int:
        found = self[since_ms] = _age_magnitude(self._now_ms, since_ms)
        return found


def _candidate(pod: Pod, on_node: Counter[str], magnitudes: _Magnitudes) -> _Candidate:
    node, ready = pod.node_name, pod.is_ready
    cost = _deletion_cost(pod) if pod.annotations else 0
    rank = (node != "", _PHASE_ORDER[pod.phase], ready, cost, -on_node[node] if node else 0)
    created_ms = pod.created_ms // 1000 * 1000
    created_magnitude = magnitudes[created_ms]
    if not ready or pod.ready is None:
        return (rank, created_magnitude, pod.uid, pod, None, created_ms, created_magnitude)
    ready_ms = pod.ready.since_ms // 1000 * 1000
    first_magnitude = magnitudes[ready_ms]
    return (rank, first_magnitude, pod.uid, pod, ready_ms, created_ms, created_magnitude)


def _compare(a: _Candidate, b: _Candidate) -> int:
    """Negative if `a` goes first.

    Of two ages only the first that differs is looked at: where both are of one magnitude, the uid
    decides at once. Where nothing differs Kubernetes leaves the order open; here it is the uid's.
    """
    rank, first_magnitude, uid, _, ready_ms, created_ms, created_magnitude = a
    other_rank, other_first, other_uid, _, other_ready_ms, other_created_ms, other_created = b
    if rank != other_rank:
        return -1 if rank < other_rank else 1
    if ready_ms != other_ready_ms:
        magnitudes = first_magnitude - other_first
    elif created_ms != other_created_ms:
        magnitudes = created_magnitude - other_created
    else:
        magnitudes = 0
    return magnitudes or (-1 if uid < other_uid else 1)


def _is_told_by_one_age(candidates: Iterable[_Candidate]) -> bool:
    """Whether the first three fields sort as `_compare` does, at a tenth of the price.

    They do unless pods that are Ready since the same second differ in the magnitude of their age.
    """
    ages: dict[int, int] = {}
    for _, _, _, _, ready_ms, _, magnitude in candidates:
        if ready_ms is not None and ages.setdefault(ready_ms, magnitude) != magnitude:
            return False
    return True


def _age_magnitude(now_ms: int, since_ms: int) -> int:
    """Return the binary order of magnitude of an age, which Kubernetes takes in nanoseconds.

    0 for no age.
    """
    return (max(0, now_ms - since_ms) * _NS_PER_MS).bit_length()


def _deletion_cost(pod: Pod) -> int:
    """The cost that an annotation sets; 0 where it sets none or what Kubernetes does not accept.

    That is a 32-bit integer without a plus sign or leading zeros (pkg/apis/core/helper, v1.36).
    """
    text = pod.annotations.get(DELETION_COST_ANNOTATION, "0")
    cost = int(text) if _COST.fullmatch(text) else 0
    return cost if -(1 << 31) <= cost < 1 << 31 else 0
