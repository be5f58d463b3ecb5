"""Pods that will need another place because somebody empties their node: demand before they wait.

A capacity claim on a node says so, as long as it is meant to. Its pods count until their eviction
has begun; from then on the pods that take their places count, as pods that wait, so that none
counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kingtide.control.claims import CapacityClaim
from kingtide.control.drain import must_leave
from kingtide.control.room import Room
from kingtide.control.snapshot import ClusterView
from kingtide.controllers.node_autoscaling.claims_seen import Claims, in_force
from kingtide.controllers.node_autoscaling.demand import Demand
from kingtide.controllers.node_autoscaling.expendable import is_expendable
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.kube.pods import Pod


def claimed_demands(
    claims: Claims, cluster: ClusterView, policy: NodeAutoscalingPolicy, now_ms: int
) -> tuple[Demand, ...]:
    """Return the demands of claimed nodes, the most urgent claims first."""
    counts: dict[tuple[str, int], int] = {}
    firsts: dict[tuple[str, int], tuple[PodShape, Pod, CapacityClaim]] = {}
    for name, claim in _by_urgency(in_force(claims, now_ms)):
        for pod in moving_pods(name, cluster, policy, now_ms):
            shape = cluster.shapes.intern(pod)
            key = (claim.lifecycle, shape.index)
            if key not in counts:
                counts[key] = 0
                firsts[key] = (shape, pod, claim)
            counts[key] += 1
    return tuple(
        Demand(shape, counts[key], _workload(pod), claim.lifecycle)
        for key, (shape, pod, claim) in firsts.items()
    )


def moving_pods(
    node: str, cluster: ClusterView, policy: NodeAutoscalingPolicy, now_ms: int
) -> Iterable[Pod]:
    """Return the pods of a node that will be made again elsewhere and are still there."""
    cutoff = policy.expendable_pods_priority_cutoff
    return [
        pod
        for pod in cluster.pods_on(node).values()
        if pod.owner is not None
        and pod.deletion_ms is None
        and must_leave(pod, now_ms)
        and not is_expendable(pod.spec.priority, cutoff)
    ]


def close_claimed(
    claims: Claims, cluster: ClusterView, room: Room, policy: NodeAutoscalingPolicy, now_ms: int
) -> None:
    """Let nothing be placed on claimed nodes, and count as gone the pods that need room elsewhere.

    Before any pod is placed: who minds company must not mind the company that goes.
    """
    for name, found in in_force(claims, now_ms).items():
        if not found.takes_no_pods or name not in cluster.nodes:
            continue
        room.close(name)
        if found.capacity is None:
            continue
        room.company.leave_out(cluster.nodes[name])
        for pod in moving_pods(name, cluster, policy, now_ms):
            room.leave(name, cluster.shapes.intern(pod), 1)


def _by_urgency(claims: Claims) -> Iterator[tuple[str, CapacityClaim]]:
    urgent: list[tuple[bool, int, int, str, CapacityClaim]] = []
    for name, found in claims.items():
        claim = found.capacity
        if claim is not None:
            needed_by_ms = claim.needed_by_ms
            urgent.append((needed_by_ms is None, needed_by_ms or 0, claim.since_ms, name, claim))
    for _, _, _, name, claim in sorted(urgent, key=lambda it: it[:4]):
        yield name, claim


def _workload(pod: Pod) -> str:
    """Return a subject of its own, so that these pods are told apart from those that wait."""
    assert pod.owner is not None
    return f"moving/{pod.namespace}/{pod.owner.name}"
