"""Replays one case of scheduling.json: nodes, pods in stages, victims that go or stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kingtide.controlplane.scheduling import profile
from kingtide.controlplane.scheduling.cache import SchedulerCache
from kingtide.controlplane.scheduling.eligibility import NOT_ELIGIBLE_TERMINATING
from kingtide.controlplane.scheduling.failure import FitFailure
from kingtide.controlplane.scheduling.queue import QueuedPod, SchedulingQueue
from kingtide.controlplane.scheduling.requeue import may_follow
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import PodDisruptionBudget, Service
from tests.vectors.scheduling_objects import (
    Object,
    PriorityClasses,
    known,
    node_of,
    pod_of,
    selector_of,
)

RECORDED_AT_MS = 1_900_000_000_000
"""A time after every recorded start; pods without a start count as started now."""
SETTLED_MS = 60_000
"""Longer than any back-off, shorter than the flush of parked pods."""


class Replay:
    """One scheduler, told what happens in the order of the recording."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.cache = SchedulerCache()
        self.queue = SchedulingQueue()
        self.pods: dict[str, Pod] = {}
        self.nodes: dict[str, str] = {}
        self.victims: dict[str, None] = {}
        self.failures: dict[str, list[FitFailure]] = {}
        self.first_attempts: list[str] = []
        self.scores: dict[str, dict[str, dict[str, int]]] = {}
        self.existing: dict[str, str] = {}
        self._now_ms = RECORDED_AT_MS
        self._budgets: list[PodDisruptionBudget] = []
        self._classes = PriorityClasses(given["objects"])
        for it in given["objects"]:
            self._tell(it)
        for it in given["nodes"]:
            self.cache.set_node(node_of(it))
        for it in given["existing_pods"]:
            pod = pod_of(it, self._classes)
            if not pod.is_terminal:
                self.cache.place(pod, pod.node_name)
                self.pods[pod.uid] = pod
                self.existing[pod.uid] = pod.node_name

    def _tell(self, it: Object) -> None:
        name, kind = it["metadata"]["name"], it["kind"]
        namespace = it["metadata"].get("namespace", "default")
        match kind:
            case "Service":
                pairs = tuple(sorted(it["spec"].get("selector", {}).items()))
                self.cache.set_service(Service(namespace, name, pairs))
            case "ReplicaSet" | "StatefulSet":
                selector = selector_of(it["spec"]["selector"]) or LabelSelector()
                self.cache.set_owner(kind, namespace, name, selector)
            case "ReplicationController":
                pairs = tuple(sorted(it["spec"]["selector"].items()))
                self.cache.set_owner(kind, namespace, name, LabelSelector(pairs))
            case "Namespace":
                self.cache.set_namespace(name, it["metadata"].get("labels", {}))
            case "PodDisruptionBudget":
                known(it["spec"], "maxUnavailable", "minAvailable", "selector")
                selector = selector_of(it["spec"].get("selector")) or LabelSelector()
                allowed = it["status"]["disruptionsAllowed"]
                self._budgets.append(PodDisruptionBudget(namespace, name, selector, allowed))
            case _:
                assert kind in ("PriorityClass", "RuntimeClass"), f"nobody reads a {kind}"

    def stage(self, wanted: list[Object]) -> None:
        """Create pods and schedule until nothing moves any more."""
        for it in wanted:
            pod = pod_of(it, self._classes)
            self.pods[pod.uid] = pod
            self.queue.add(pod.uid, self.cache.shapes.intern(pod), self._now_ms)
        self.settle()

    def settle(self) -> None:
        """Schedule until only an event could help those that wait."""
        end_ms = self._now_ms + SETTLED_MS
        while True:
            queued = self.queue.pop(self._now_ms)
            if queued is not None:
                self._attempt(queued)
                continue
            wake_ms = self.queue.next_wake_ms()
            if wake_ms is None or wake_ms > end_ms:
                self._now_ms = end_ms
                return
            self._now_ms = max(wake_ms, self._now_ms)

    def remove_victims(self) -> None:
        """Let every terminating pod end, as a kubelet would, and schedule on."""
        for uid in [*self.victims, *(u for u, p in self.pods.items() if p.deletion_ms is not None)]:
            self.cache.displace(uid)
        self.queue.wake(self._now_ms)
        self.settle()

    def _attempt(self, queued: QueuedPod) -> None:
        pod = self.pods[queued.uid]
        shape = self.cache.shapes.intern(pod)
        if queued.attempts == 1:
            self.first_attempts.append(pod.uid)
            self._keep_scores(pod)
        node_name = self.cache.pick(pod)
        if node_name is not None:
            self.queue.done(pod.uid)
            self.cache.place(pod, node_name)
            self.nodes[pod.uid] = node_name
            self.queue.wake(self._now_ms, lambda parked: may_follow(parked, shape))
            return
        self.queue.park(queued, self._now_ms)
        found = self.cache.preempt(pod, self._now_ms, self._budgets)
        if found is None:
            failure = self.cache.diagnose_preemption(pod, self._now_ms, self._budgets)
            if failure.preemption_note != NOT_ELIGIBLE_TERMINATING:
                self.cache.clear_nomination(pod.uid)
        else:
            failure = self.cache.diagnose(pod)
            for uid in found.outranked:
                self.cache.clear_nomination(uid)
            self.cache.nominate(pod, found.node_name)
            for uid in found.victims:
                self.victims[uid] = None
                self.cache.mark_terminating(uid)
        self.failures.setdefault(pod.uid, []).append(failure)

    def _keep_scores(self, pod: Pod) -> None:
        table, shape = self.cache.table, self.cache.shapes.intern(pod)
        rows = profile.feasible_rows(table, shape, self.cache.nominations)
        if len(rows) > 1:  # a single feasible node gets the pod without being scored
            self.scores[pod.name] = {
                table.name_at(row): dict(scores)
                for row, scores in profile.plugin_scores(table, shape, rows).items()
            }
