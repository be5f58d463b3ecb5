"""What kube-scheduler keeps in memory, nodes, pods and nominations, and what it asks of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from kingtide.controlplane.scheduling.failure import NO_VICTIMS, NOT_HELPFUL, FitFailure
from kingtide.controlplane.scheduling.fits import resource_refusals, static_refusal
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.placement import Placement
from kingtide.controlplane.scheduling.preemption import (
    Candidate,
    PlacedPod,
    Preemption,
    best_candidate,
    candidate_on,
)
from kingtide.controlplane.scheduling.shape import PodShape, ShapeTable
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.kube.resources import NO_RESOURCES, Resources
from kingtide.kube.workloads import PodDisruptionBudget

NOT_ELIGIBLE_NEVER = "not eligible due to preemptionPolicy=Never."
NOT_ELIGIBLE_TERMINATING = "not eligible due to a terminating pod on the nominated node."


class _Nomination(msgspec.Struct, frozen=True, gc=False):
    uid: str
    shape: PodShape
    node_name: str


class SchedulerCache:
    """The scheduler's view of the cluster; every change is told to it, nothing is looked up."""

    def __init__(self, shapes: ShapeTable | None = None) -> None:
        self.shapes = shapes if shapes is not None else ShapeTable()
        self.table = NodeTable(self.shapes)
        self.placement = Placement(self.table, self._reserved_on)
        self._pods: dict[str, PlacedPod] = {}
        self._by_node: dict[str, dict[str, PlacedPod]] = {}
        self._nominations: dict[str, _Nomination] = {}
        self._nominated_to: dict[str, dict[str, _Nomination]] = {}

    def set_node(self, node: Node) -> int:
        """Add or update a node and return its row.

        Pods that were placed there before it was known count from now on.
        """
        is_new = self.table.row_of(node.name) is None
        row = self.table.upsert(node)
        if is_new:
            for pod in self._by_node.get(node.name, {}).values():
                pod.row = row
                self.table.add(row, pod.shape)
        return row

    def remove_node(self, name: str) -> None:
        """Forget a node; its pods stay known until they are displaced."""
        self.table.remove(name)
        for pod in self._by_node.get(name, {}).values():
            pod.row = -1

    def place(self, pod: Pod, node_name: str) -> None:
        """Count a pod on a node (assumed, bound or seen), or take over its new version."""
        known = self._pods.get(pod.uid)
        if known is not None:
            if self._by_node.get(node_name, {}).get(pod.uid) is known:
                known.started_ms = pod.started_ms
                known.is_terminating = pod.deletion_ms is not None
                return
            self.displace(pod.uid)
        self.clear_nomination(pod.uid)
        row = self.table.row_of(node_name)
        placed = PlacedPod(
            uid=pod.uid,
            shape=self.shapes.intern(pod),
            row=-1 if row is None else row,
            started_ms=pod.started_ms,
            is_terminating=pod.deletion_ms is not None,
        )
        self._pods[pod.uid] = placed
        self._by_node.setdefault(node_name, {})[pod.uid] = placed
        if row is not None:
            self.table.add(row, placed.shape)

    def displace(self, uid: str) -> None:
        """Forget a pod that is gone or has ended for good; an unknown uid is ignored."""
        self.clear_nomination(uid)
        placed = self._pods.pop(uid, None)
        if placed is None:
            return
        for name, pods in self._by_node.items():
            if pods.pop(uid, None) is not None:
                if not pods:
                    del self._by_node[name]
                break
        if placed.row >= 0:
            self.table.take(placed.row, placed.shape)

    def mark_terminating(self, uid: str) -> None:
        """Note that a pod is being deleted; it keeps its room until displaced."""
        placed = self._pods.get(uid)
        if placed is not None:
            placed.is_terminating = True

    def nominate(self, pod: Pod, node_name: str) -> None:
        """Reserve room on a node, against lower priorities, for a pod that waits for its victims."""
        self.clear_nomination(pod.uid)
        nomination = _Nomination(pod.uid, self.shapes.intern(pod), node_name)
        self._nominations[pod.uid] = nomination
        self._nominated_to.setdefault(node_name, {})[pod.uid] = nomination
        self._touch(node_name)

    def clear_nomination(self, uid: str) -> None:
        """Give up a pod's reservation; an unknown uid is ignored."""
        nomination = self._nominations.pop(uid, None)
        if nomination is not None:
            there = self._nominated_to[nomination.node_name]
            del there[uid]
            if not there:
                del self._nominated_to[nomination.node_name]
            self._touch(nomination.node_name)

    def nominated_node(self, uid: str) -> str | None:
        """Return the node a pod is nominated to, None when it is not."""
        nomination = self._nominations.get(uid)
        return None if nomination is None else nomination.node_name

    def pods_on(self, node_name: str) -> Mapping[str, PlacedPod]:
        """Return the pods counted on a node by uid, terminating ones included."""
        return self._by_node.get(node_name, {})

    def pick(self, pod: Pod) -> str | None:
        """Return the node a pod gets now, None when no node can host it.

        The node that the pod is nominated to comes first, if it fits there.
        """
        shape = self.shapes.intern(pod)
        nominated = self.nominated_node(pod.uid)
        if nominated is not None:
            row = self.table.row_of(nominated)
            if row is not None and self._fits(pod.uid, shape, row):
                return nominated
        row = self.placement.pick(shape)
        return None if row < 0 else self.table.name_at(row)

    def diagnose(self, pod: Pod) -> FitFailure:
        """Return why each node refuses a pod, counted by reason."""
        return self.placement.diagnose(self.shapes.intern(pod))

    def ineligibility(self, pod: Pod) -> str:
        """Return why a pod may not preempt at all, empty if it may."""
        shape = self.shapes.intern(pod)
        if not shape.can_preempt:
            return NOT_ELIGIBLE_NEVER
        nominated = self.nominated_node(pod.uid)
        if nominated is not None and any(
            placed.is_terminating and placed.shape.priority < shape.priority
            for placed in self.pods_on(nominated).values()
        ):
            return NOT_ELIGIBLE_TERMINATING
        return ""

    def preempt(
        self, pod: Pod, now_ms: int, budgets: Sequence[PodDisruptionBudget]
    ) -> Preemption | None:
        """Return where a pod that fits nowhere should displace whom.

        None when nothing helps or the pod may not preempt.
        """
        if self.ineligibility(pod):
            return None
        shape = self.shapes.intern(pod)
        candidates: list[Candidate] = []
        for row in self.table.rows():
            candidate = self._candidate(pod.uid, shape, row, now_ms, budgets)
            if candidate is not None:
                candidates.append(candidate)
        if not candidates:
            return None
        best = best_candidate(candidates, now_ms)
        return Preemption(
            self.table.name_at(best.row), tuple(victim.uid for victim in best.victims)
        )

    def diagnose_preemption(self, pod: Pod) -> FitFailure:
        """Return the whole FailedScheduling verdict of a pod for which `preempt` found nobody."""
        failure = self.diagnose(pod)
        note = self.ineligibility(pod)
        if note:
            return msgspec.structs.replace(failure, preemption_note=note)
        shape = self.shapes.intern(pod)
        found: dict[str, int] = {}
        for row in self.table.rows():
            for reason in self._preemption_refusals(pod.uid, shape, row):
                found[reason] = found.get(reason, 0) + 1
        return msgspec.structs.replace(failure, preemption=found)

    def _candidate(
        self,
        uid: str,
        shape: PodShape,
        row: int,
        now_ms: int,
        budgets: Sequence[PodDisruptionBudget],
    ) -> Candidate | None:
        node = self.table.node_at(row)
        if static_refusal(shape, node) is not None:
            return None
        pods = self.pods_on(node.name).values()
        return candidate_on(
            shape, node, row, pods, self._reserved(uid, shape, node.name), budgets, now_ms
        )

    def _preemption_refusals(self, uid: str, shape: PodShape, row: int) -> tuple[str, ...]:
        node = self.table.node_at(row)
        if static_refusal(shape, node) is not None:
            return (NOT_HELPFUL,)
        if resource_refusals(shape, node.allocatable, NO_RESOURCES):
            return (NOT_HELPFUL,)
        used = self._reserved(uid, shape, node.name)
        has_victims = False
        for placed in self.pods_on(node.name).values():
            if placed.shape.priority < shape.priority:
                has_victims = True
            else:
                used = used + placed.shape.requests
        if not has_victims:
            return (NO_VICTIMS,)
        return resource_refusals(shape, node.allocatable, used)

    def _fits(self, uid: str, shape: PodShape, row: int) -> bool:
        node = self.table.node_at(row)
        if static_refusal(shape, node) is not None:
            return False
        used = self.table.requested(row) + self._reserved(uid, shape, node.name)
        return not resource_refusals(shape, node.allocatable, used)

    def _reserved(self, uid: str, shape: PodShape, node_name: str) -> Resources:
        total = NO_RESOURCES
        for other in self._nominated_to.get(node_name, {}).values():
            if other.uid != uid and other.shape.priority >= shape.priority:
                total = total + other.shape.requests
        return total

    def _reserved_on(self, shape: PodShape, row: int) -> Sequence[PodShape]:
        if not self._nominations:
            return ()
        there = self._nominated_to.get(self.table.name_at(row))
        if not there:
            return ()
        return [n.shape for n in there.values() if n.shape.priority >= shape.priority]

    def _touch(self, node_name: str) -> None:
        row = self.table.row_of(node_name)
        if row is not None:
            self.table.touch(row)
