"""When a node that may be taken, but need not be, is emptied: once its pods have a place.

A rebalance recommendation is often followed by no notice. So nothing is lost for it: the claim on
the node has new capacity made, and only when the room is there, for all pods that count, does the
drain begin. Pods of low priority yield their place anyway; they are not asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from kingtide.control.claims import capacity_claim
from kingtide.control.drain import SAFE_TO_EVICT, must_leave
from kingtide.control.places import find_places
from kingtide.control.room import Room
from kingtide.control.snapshot import ClusterView
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.nodes import Node

MAX_LOOKED_AT = 20
"""Nodes whose pods' places are looked for in one pass; a drain takes minutes, a look a
millisecond."""

Obstacle = Literal["NoRoomYet", "ProtectedPod"]


class Replaced(msgspec.Struct, frozen=True):
    """Nodes whose pods have a place elsewhere, and why the others are not emptied yet."""

    ready: tuple[str, ...] = ()
    obstacles: Mapping[str, Obstacle] = {}


def find_replaced(
    nodes: Sequence[Node],
    noticed: Iterable[str],
    cluster: ClusterView,
    policy: SpotInterruptionPolicy,
    now_ms: int,
) -> Replaced:
    """Return which of the nodes can be emptied without a pod that waits."""
    claimed = [node for node in nodes if capacity_claim(node.annotations) is not None]
    if not claimed:
        return Replaced(obstacles={node.name: "NoRoomYet" for node in nodes})
    closed = dict.fromkeys(noticed)
    closed.update((it.name, None) for it in cluster.nodes.values() if not _is_place(it))
    room = Room(cluster, closed=closed)
    ready: list[str] = []
    obstacles: dict[str, Obstacle] = {node.name: "NoRoomYet" for node in nodes}
    for node in claimed[:MAX_LOOKED_AT]:
        counts = _counts(node, cluster, policy, now_ms)
        if counts is None:
            obstacles[node.name] = "ProtectedPod"
        elif find_places(node.name, counts, (), cluster, room) is not None:
            del obstacles[node.name]
            ready.append(node.name)
    return Replaced(tuple(ready), obstacles)


def _is_place(node: Node) -> bool:
    return node.is_ready and not node.unschedulable and node.deletion_ms is None


def _counts(
    node: Node, cluster: ClusterView, policy: SpotInterruptionPolicy, now_ms: int
) -> dict[int, int] | None:
    """Return the pods that need a place, by shape; None where one must not be evicted."""
    counts: dict[int, int] = {}
    for pod in cluster.pods_on(node.name).values():
        if not must_leave(pod, now_ms):
            continue
        if pod.annotations.get(SAFE_TO_EVICT) == "false":
            return None
        if pod.deletion_ms is None and pod.spec.priority >= policy.low_priority_below:
            index = cluster.shapes.intern(pod).index
            counts[index] = counts.get(index, 0) + 1
    return counts
