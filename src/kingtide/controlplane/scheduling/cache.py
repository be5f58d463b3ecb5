"""What kube-scheduler keeps in memory, nodes, pods and nominations, and what it asks of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from kingtide.controlplane.scheduling.bounds_kept import KeptBounds
from kingtide.controlplane.scheduling.budgets import Budgets
from kingtide.controlplane.scheduling.eligibility import (
    NOT_ELIGIBLE_NEVER,
    NOT_ELIGIBLE_TERMINATING,
    waits_for_victims,
)
from kingtide.controlplane.scheduling.evictable import Evictable
from kingtide.controlplane.scheduling.failure import FitFailure
from kingtide.controlplane.scheduling.filters import Filters
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.nominations import Nominations
from kingtide.controlplane.scheduling.placed_pod import PlacedPod
from kingtide.controlplane.scheduling.placement import Placement
from kingtide.controlplane.scheduling.preemption import Candidate, Preemption
from kingtide.controlplane.scheduling.refusal import Refusal
from kingtide.controlplane.scheduling.requeue import may_use
from kingtide.controlplane.scheduling.sampling import NodeSampling
from kingtide.controlplane.scheduling.shape import PodShape, ShapeTable, may_preempt
from kingtide.controlplane.scheduling.vain_eviction import vain_eviction, vain_outcomes
from kingtide.controlplane.scheduling.victim_search import VictimSearch
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import PodDisruptionBudget, Service


class SchedulerCache:
    """The scheduler's view of the cluster; every change is told to it, nothing is looked up.

    `sampling` None looks at all nodes for every pod.
    """

    def __init__(
        self, shapes: ShapeTable | None = None, sampling: NodeSampling | None = None
    ) -> None:
        self.shapes = shapes if shapes is not None else ShapeTable()
        self.table = NodeTable(self.shapes)
        self.nominations = Nominations(self.table)
        self.placement = Placement(self.table, self.nominations, sampling)
        self.evictable = Evictable()
        self.nodes_looked_at = 0
        """How many nodes all preemption searches so far looked at closely: what they cost."""
        self._bounds = KeptBounds(self.table, self.evictable, self.nominations)
        self._budgets = Budgets(())
        self._pods: dict[str, PlacedPod] = {}
        self._by_node: dict[str, dict[str, PlacedPod]] = {}

    # ------------------------------------------------------------ what it is told

    def set_node(self, node: Node) -> int:
        """Add or update a node and return its row.

        Pods that were placed there before it was known count from now on.
        """
        is_new = self.table.row_of(node.name) is None
        row = self.table.upsert(node)
        self.evictable.grow(self.table.capacity)
        if is_new:
            for pod in self._by_node.get(node.name, {}).values():
                self._count(pod, row)
            self.nominations.node_came(node.name, row)
        return row

    def remove_node(self, name: str) -> None:
        """Forget a node; its pods stay known until they are displaced."""
        for pod in self._by_node.get(name, {}).values():
            self._discount(pod)
        self.nominations.node_goes(name)
        self.table.remove(name)

    def set_service(self, service: Service) -> None:
        """Add or update a Service; its pods are spread by default."""
        self.shapes.directory.set_service(service)

    def set_owner(self, kind: str, namespace: str, name: str, selector: LabelSelector) -> None:
        """Add or update a ReplicaSet, StatefulSet or ReplicationController; see `set_service`."""
        self.shapes.directory.set_owner(kind, namespace, name, selector)

    def remove_owner(self, kind: str, namespace: str, name: str) -> None:
        """Forget an owner that is gone; an unknown one is ignored."""
        self.shapes.directory.remove_owner(kind, namespace, name)

    def set_namespace(self, name: str, labels: Mapping[str, str]) -> None:
        """Take over a namespace's labels, which namespace selectors of affinities read."""
        self.shapes.directory.set_namespace(name, labels)
        for pod in self._pods.values():
            if pod.shape.namespace == name:
                row = pod.row
                self._discount(pod)
                pod.shape = self.shapes.refreshed(pod.shape)
                if row >= 0:
                    self._count(pod, row)

    def place(self, pod: Pod, node_name: str) -> None:
        """Count a pod on a node (assumed, bound or seen), or take over its new version."""
        known = self._pods.get(pod.uid)
        if known is not None:
            if known.node_name == node_name:
                self._update(known, pod)
                return
            self.displace(pod.uid)
        if self.nominations.count:
            self.nominations.clear(pod.uid)
        uid, is_terminating = pod.uid, pod.deletion_ms is not None
        shape = self.shapes.intern(pod)
        placed = PlacedPod(uid, shape, node_name, -1, pod.started_ms, is_terminating)
        self._pods[uid] = placed
        there = self._by_node.get(node_name)
        if there is None:
            there = self._by_node[node_name] = {}
        there[uid] = placed
        row = self.table.row_of(node_name)
        if row is not None:
            self._count(placed, row)

    def displace(self, uid: str) -> None:
        """Forget a pod that is gone or has ended for good; an unknown uid is ignored."""
        self.nominations.clear(uid)
        placed = self._pods.pop(uid, None)
        if placed is not None:
            pods = self._by_node[placed.node_name]
            del pods[uid]
            if not pods:
                del self._by_node[placed.node_name]
            self._discount(placed)

    def mark_terminating(self, uid: str) -> None:
        """Note that a pod is being deleted; it keeps its room until displaced."""
        placed = self._pods.get(uid)
        if placed is not None and not placed.is_terminating:
            placed.is_terminating = True
            if placed.row >= 0:
                self.table.terminate(placed.row, placed.shape)

    def nominate(self, pod: Pod, node_name: str) -> None:
        """Reserve room on a node, against lower priorities, for a pod that waits for victims."""
        self.nominations.add(pod.uid, self.shapes.intern(pod), node_name)

    def clear_nomination(self, uid: str) -> None:
        """Give up a pod's reservation; an unknown uid is ignored."""
        self.nominations.clear(uid)

    # ------------------------------------------------------------ what it is asked

    def nominated_node(self, uid: str) -> str | None:
        """Return the node a pod is nominated to, None when it is not."""
        return self.nominations.node_of(uid)

    def pods_on(self, node_name: str) -> Mapping[str, PlacedPod]:
        """Return the pods counted on a node by uid, terminating ones included."""
        return self._by_node.get(node_name, {})

    def pick(self, pod: Pod) -> str | None:
        """Return the node a pod gets now, None when no node can host it.

        The node that the pod is nominated to comes first, if it fits there.
        """
        shape = self.shapes.intern(pod)
        if self.nominations.count:
            nominated = self.nominations.node_of(pod.uid)
            row = None if nominated is None else self.table.row_of(nominated)
            if row is not None and self._refusal(pod.uid, shape, row) is None:
                return nominated
        found = self.placement.pick(shape)
        return None if found < 0 else self.table.name_at(found)

    def diagnose(self, pod: Pod) -> FitFailure:
        """Return why each node refuses a pod, counted by reason."""
        return self.placement.diagnose(self.shapes.intern(pod))

    def may_fit(self, shape: PodShape, row: int) -> bool:
        """Return whether a node's labels, taints and free resources would do for a pod of a shape.

        Room that is kept for a nominated pod helps only pods of its shape, or of higher priority.
        """
        return may_use(shape, self.table, row, self.nominations.reserved(shape, row))

    def ineligibility(self, pod: Pod) -> str:
        """Return why a pod may not preempt at all, empty if it may."""
        if not may_preempt(pod.spec):
            return NOT_ELIGIBLE_NEVER
        nominated = self.nominations.node_of(pod.uid)
        row = None if nominated is None else self.table.row_of(nominated)
        if nominated is None or row is None:
            return ""
        shape = self.shapes.intern(pod)
        refusal = self._refusal(pod.uid, shape, row)
        if waits_for_victims(shape, refusal, self.pods_on(nominated).values()):
            return NOT_ELIGIBLE_TERMINATING
        return ""

    def preempt(
        self, pod: Pod, now_ms: int, budgets: Sequence[PodDisruptionBudget]
    ) -> Preemption | None:
        """Return where a pod that fits nowhere should displace whom.

        None when nothing helps or the pod may not preempt. Whoever carries it out evicts the
        victims, nominates the pod and clears the nominations of the outranked.
        """
        if self.ineligibility(pod):
            return None
        best = self._search(pod, now_ms, budgets)
        if best is None:
            return None
        node_name = self.table.name_at(best.row)
        outranked: tuple[str, ...] = ()
        if not all(victim.is_terminating for victim in best.victims):
            priority = self.shapes.intern(pod).priority
            outranked = tuple(
                other.uid
                for other in self.nominations.on(node_name)
                if other.shape.priority < priority
            )
        for victim in best.victims:
            victim.is_victim = True
        return Preemption(node_name, tuple(victim.uid for victim in best.victims), outranked)

    def diagnose_preemption(
        self, pod: Pod, now_ms: int = 0, budgets: Sequence[PodDisruptionBudget] = ()
    ) -> FitFailure:
        """Return the whole FailedScheduling verdict of a pod for which `preempt` found nobody."""
        failure = self.diagnose(pod)
        if failure.node_count == 0:
            return failure
        note = self.ineligibility(pod)
        if note:
            return msgspec.structs.replace(failure, preemption_note=note)
        shape = self.shapes.intern(pod)
        allowed = self.placement.allowed_by_resources_alone(shape)
        if allowed is not None and self.nominations.row_of(pod.uid) < 0:
            found = vain_eviction(shape, self.table, self.evictable, self.nominations, allowed)
        else:
            found = vain_outcomes(self.victim_search(pod, now_ms, budgets).outcomes().values())
        return msgspec.structs.replace(failure, preemption=found)

    def victim_search(
        self, pod: Pod, now_ms: int, budgets: Sequence[PodDisruptionBudget]
    ) -> VictimSearch:
        """Return a search for the victims of a pod; for explaining, `preempt` makes its own."""
        if not self._budgets.are(budgets):
            self._budgets = Budgets(budgets)
        return VictimSearch(
            pod.uid,
            self.shapes.intern(pod),
            self.table,
            self._by_node,
            self.nominations,
            self._budgets,
            now_ms,
        )

    # ------------------------------------------------------------ inside

    def _count(self, pod: PlacedPod, row: int) -> None:
        pod.row = row
        self.table.add(row, pod.shape)
        if pod.is_terminating:
            self.table.terminate(row, pod.shape)
        self.evictable.add(pod)

    def _discount(self, pod: PlacedPod) -> None:
        if pod.row >= 0:
            self.table.take(pod.row, pod.shape, terminating=pod.is_terminating)
            self.evictable.take(pod)
            pod.row = -1

    def _update(self, known: PlacedPod, pod: Pod) -> None:
        if known.started_ms != pod.started_ms:
            known.started_ms = pod.started_ms
            if known.row >= 0:
                self.evictable.note_start(known)
        if pod.deletion_ms is not None:
            self.mark_terminating(pod.uid)

    def _refusal(self, uid: str, shape: PodShape, row: int) -> Refusal | None:
        filters = Filters(shape, self.table)
        reserved = self.nominations.reserved(shape, row, uid)
        return filters.refusal_with(filters.load(row), reserved)

    def _search(
        self, pod: Pod, now_ms: int, budgets: Sequence[PodDisruptionBudget]
    ) -> Candidate | None:
        search = self.victim_search(pod, now_ms, budgets)
        shape = search.shape
        allowed = self.placement.allowed_by_resources_alone(shape)
        if allowed is None:
            best = search.node_by_node()
        else:
            best = search.by_bound(self._bounds.of(shape), allowed)
        self.nodes_looked_at += search.looked_at
        return best
