"""Which pods wait for a node, grouped by what the scheduler sees of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.control.snapshot import ClusterView
from kingtide.control.unschedulable import AlikePods
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


def waiting(cluster: ClusterView, policy: NodeAutoscalingPolicy, now_ms: int) -> Waiting:
    """Return who waits for a node.

    A pod with a nominated node has its place as soon as its victims are gone. While every pod is
    younger than the new-pod age nobody counts: the scheduler may not have tried the room that just
    became free.
    """
    counted = _Counted(cluster, policy, now_ms)
    for group in cluster.unschedulable_alike:
        counted.add(group)
    nominated = tuple(pod for _, pod in sorted(counted.nominated, key=lambda it: it[0]))
    if counted.oldest_ms is not None:
        old_enough_ms = counted.oldest_ms + policy.new_pod_age_seconds * 1000
        if old_enough_ms > now_ms:
            return Waiting((), nominated, counted.expendable, old_enough_ms)
    demands = tuple(
        Demand(shape, counted.counts[shape.index], workload_of(pod))
        for _, shape, pod in sorted(counted.firsts.values(), key=lambda it: it[0])
    )
    return Waiting(demands, nominated, counted.expendable, counted.look_again_ms)


class _Counted:
    """Pods that wait, counted by group; one by one only where they are not of one mind.

    `firsts` are the first pods to come of each shape, by its index, with their arrivals;
    `oldest_ms` is when the oldest pod was created, or one that is old enough, None for no pod.
    """

    def __init__(self, cluster: ClusterView, policy: NodeAutoscalingPolicy, now_ms: int) -> None:
        self.counts: dict[int, int] = {}
        self.firsts: dict[int, tuple[int, PodShape, Pod]] = {}
        self.nominated: list[tuple[int, Pod]] = []
        self.expendable = 0
        self.oldest_ms: int | None = None
        self.look_again_ms: int | None = None
        self._nodes = cluster.nodes
        self._policy = policy
        self._now_ms = now_ms
        self._old_enough_ms = now_ms - policy.new_pod_age_seconds * 1000

    def add(self, group: AlikePods) -> None:
        """Count a group of pods."""
        shape = group.shape
        if is_expendable(shape.priority, self._policy.expendable_pods_priority_cutoff):
            self.expendable += len(group)
            return
        delay_ms = scale_up_delay_ms(group.any_pod, self._policy)
        unpromised = group.unpromised
        if group.newest_ms + delay_ms > self._now_ms:
            unpromised = self._without_young(unpromised, delay_ms)
        self._wait(shape, unpromised)
        if not group.nominated:
            return
        for arrival, pod in self._without_young(group.nominated, delay_ms).items():
            if pod.nominated_node_name in self._nodes:
                self.nominated.append((arrival, pod))
            else:
                self._wait(shape, {arrival: pod})

    def _without_young(self, pods: Mapping[int, Pod], delay_ms: int) -> dict[int, Pod]:
        """Return the pods that are old enough to cause a node, and note when others will be."""
        kept: dict[int, Pod] = {}
        for arrival, pod in pods.items():
            waits_until_ms = pod.created_ms + delay_ms
            if waits_until_ms <= self._now_ms:
                kept[arrival] = pod
            elif self.look_again_ms is None or waits_until_ms < self.look_again_ms:
                self.look_again_ms = waits_until_ms
        return kept

    def _wait(self, shape: PodShape, pods: Mapping[int, Pod]) -> None:
        """Count pods of one shape, in the order of their arrival, as waiting."""
        if not pods:
            return
        arrival, pod = next(iter(pods.items()))
        self.counts[shape.index] = self.counts.get(shape.index, 0) + len(pods)
        known = self.firsts.get(shape.index)
        if known is None or arrival < known[0]:
            self.firsts[shape.index] = (arrival, shape, pod)
        for pod in pods.values():
            if self.oldest_ms is not None and self.oldest_ms <= self._old_enough_ms:
                break  # one old enough is enough
            if self.oldest_ms is None or pod.created_ms < self.oldest_ms:
                self.oldest_ms = pod.created_ms


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
