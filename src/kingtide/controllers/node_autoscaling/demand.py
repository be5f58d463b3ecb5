"""Which pods wait for a node, grouped by what the scheduler sees of them."""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.control.snapshot import ClusterView
from kingtide.controllers.node_autoscaling.expendable import is_expendable
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.kube.durations import parse_duration_ms
from kingtide.kube.pods import Pod

SCALE_UP_DELAY = "cluster-autoscaler.kubernetes.io/pod-scale-up-delay"


class Demand(msgspec.Struct, frozen=True, gc=False):
    """Waiting pods of one shape; `workload` is the first one's owner, or itself.

    `lifecycle` is what a node has to be to help them: `spot` for pods that leave an on-demand node
    because spot could take them.
    """

    shape: PodShape
    count: int
    workload: str
    lifecycle: Literal["any", "spot"] = "any"

    @property
    def is_spot_only(self) -> bool:
        """Whether only spot nodes help."""
        return self.lifecycle == "spot"


class Waiting(msgspec.Struct, frozen=True):
    """All pods that wait: demands in the order of arrival, and those with a place promised.

    `look_again_ms` is when pods that are too young now will count, None when there are none.
    """

    demands: tuple[Demand, ...] = ()
    nominated: tuple[Pod, ...] = ()
    expendable: int = 0
    look_again_ms: int | None = None

    @property
    def pods(self) -> int:
        """How many pods need a place."""
        return sum(demand.count for demand in self.demands)


NOBODY_WAITS = Waiting()


def waiting(cluster: ClusterView, policy: NodeAutoscalingPolicy, now_ms: int) -> Waiting:
    """Return who waits for a node.

    A pod with a nominated node has its place as soon as its victims are gone. While every pod is
    younger than the new-pod age nobody counts: the scheduler may not have tried the room that just
    became free.
    """
    if not cluster.unschedulable_pods:
        return NOBODY_WAITS
    counts: dict[int, int] = {}
    firsts: dict[int, tuple[PodShape, Pod]] = {}
    nominated: list[Pod] = []
    expendable = 0
    oldest_ms: int | None = None
    look_again_ms: int | None = None
    intern = cluster.shapes.intern
    for pod in cluster.unschedulable_pods.values():
        if is_expendable(pod.spec.priority, policy.expendable_pods_priority_cutoff):
            expendable += 1
            continue
        waits_until_ms = pod.created_ms + scale_up_delay_ms(pod, policy)
        if waits_until_ms > now_ms:
            look_again_ms = waits_until_ms if look_again_ms is None else look_again_ms
            look_again_ms = min(look_again_ms, waits_until_ms)
            continue
        if pod.nominated_node_name and pod.nominated_node_name in cluster.nodes:
            nominated.append(pod)
            continue
        shape = intern(pod)
        if shape.index not in counts:
            counts[shape.index] = 0
            firsts[shape.index] = (shape, pod)
        counts[shape.index] += 1
        if oldest_ms is None or pod.created_ms < oldest_ms:
            oldest_ms = pod.created_ms
    if oldest_ms is not None:
        old_enough_ms = oldest_ms + policy.new_pod_age_seconds * 1000
        if old_enough_ms > now_ms:
            return Waiting((), tuple(nominated), expendable, old_enough_ms)
    demands = tuple(
        Demand(shape, counts[index], workload_of(pod)) for index, (shape, pod) in firsts.items()
    )
    return Waiting(demands, tuple(nominated), expendable, look_again_ms)


def scale_up_delay_ms(pod: Pod, policy: NodeAutoscalingPolicy) -> int:
    """Return how old a pod must be to cause a node; its annotation can only ask for more.

    Source:
    https://github.com/kubernetes-sigs/cluster-autoscaler/blob/33c3f97b/pkg/core/static_autoscaler.go
    (filterOutYoungPods).
    """
    default_ms = policy.new_pod_scale_up_delay_seconds * 1000
    written = pod.annotations.get(SCALE_UP_DELAY)
    asked_ms = None if written is None else parse_duration_ms(written)
    return default_ms if asked_ms is None else max(default_ms, asked_ms)


def workload_of(pod: Pod) -> str:
    """Return `kind/namespace/name` of who makes a pod, `pod/namespace/name` where nobody does."""
    if pod.owner is None:
        return f"pod/{pod.key}"
    return f"{pod.owner.kind.lower()}/{pod.namespace}/{pod.owner.name}"
