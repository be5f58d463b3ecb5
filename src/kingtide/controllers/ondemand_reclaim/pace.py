"""How many pods of a workload may leave at once, so that the others can carry its load.

A disruption budget says what a workload cannot bear; many have none. Here no workload has more of
its replicas missing, for whatever cause, than a share of them while we evict its pods, at least
one. So the more of a workload stands on the nodes of a fallback, the more of its pods move at a
time, and a fallback of dozens of nodes ends in time without anybody noticing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kingtide.control.snapshot import ClusterView
from kingtide.kube.pods import OwnerReference, Pod

Owner = tuple[str, str, str]
"""(kind, namespace, name) of the controller that makes a pod."""


class Pace:
    """The evictions that each workload still bears in this pass; made for one pass."""

    def __init__(
        self,
        cluster: ClusterView,
        leaving: Iterable[Pod],
        asked_ms: Mapping[str, int],
        max_unavailable_percent: int,
    ) -> None:
        self._left: dict[Owner, int | None] = {}
        owners = dict.fromkeys((it for it in map(_owner, leaving) if it is not None), 0)
        ready = _ready(cluster, owners, asked_ms) if owners else owners
        for owner, count in ready.items():
            wanted = cluster.controller_replicas(*owner)
            if wanted is None:
                self._left[owner] = None
                continue
            bearable = max(1, wanted * max_unavailable_percent // 100)
            self._left[owner] = max(0, bearable - max(0, wanted - count))

    def may_go(self, pods: Iterable[Pod]) -> tuple[str, ...]:
        """Return the uids of the pods that may be evicted now, and count them as gone."""
        going = []
        for pod in pods:
            owner = _owner(pod)
            left = None if owner is None else self._left[owner]
            if not pod.is_ready or owner is None or left is None:
                going.append(pod.uid)
            elif left > 0:
                self._left[owner] = left - 1
                going.append(pod.uid)
        return tuple(going)


def _owner(pod: Pod) -> Owner | None:
    owner: OwnerReference | None = pod.owner
    return None if owner is None else (owner.kind, pod.namespace, owner.name)


def _ready(
    cluster: ClusterView, owners: Mapping[Owner, int], asked_ms: Mapping[str, int]
) -> dict[Owner, int]:
    """Return the Ready pods of some workloads that nobody has asked to leave."""
    counts = dict(owners)
    for name in cluster.nodes:
        for pod in cluster.pods_on(name).values():
            if not pod.is_ready or pod.deletion_ms is not None or pod.uid in asked_ms:
                continue
            owner = _owner(pod)
            if owner is not None and owner in counts:
                counts[owner] += 1
    return counts
