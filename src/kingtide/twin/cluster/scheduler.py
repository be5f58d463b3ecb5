"""The scheduler as a component.

One pod at a time from the queue to a node, by `controlplane.scheduling`.
"""

from __future__ import annotations

from collections.abc import Callable

from kingtide.controlplane.scheduling.cache import SchedulerCache
from kingtide.controlplane.scheduling.failure import FitFailure
from kingtide.controlplane.scheduling.queue import QueuedPod, SchedulingQueue
from kingtide.controlplane.scheduling.requeue import may_follow
from kingtide.controlplane.scheduling.sampling import NodeSampling
from kingtide.fleet.policies.scheduler import SchedulerPolicy
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Pod
from kingtide.kube.workloads import ReplicaSet
from kingtide.twin.cluster.store import Store
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal
from kingtide.twin.latencies import LatencyTable


class Scheduler:
    """Binds pending pods; `delete` asks for a victim's graceful deletion."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        latencies: LatencyTable,
        journal: Journal,
        delete: Callable[[Pod], None],
        policy: SchedulerPolicy | None = None,
    ) -> None:
        policy = SchedulerPolicy() if policy is None else policy
        self.cache = SchedulerCache(sampling=NodeSampling(policy.percentage_of_nodes_to_score))
        self.queue = SchedulingQueue(pops_from_backoff=policy.pop_from_backoff_queue)
        self.preemptions = 0
        self.attempts = 0
        self.diagnoses = 0
        self._engine = engine
        self._store = store
        self._journal = journal
        self._delete = delete
        self._cycle_ms = max(1, latencies.draw_ms("scheduler.bind", "scheduler"))
        self._running = False
        self._free_at_ms = 0
        self._alarm_ms: int | None = None
        store.on_pods(self._on_pod, heeds_refusals=False)
        store.on_nodes(self._on_node)
        store.on_replica_sets(self._on_replica_set)

    # ------------------------------------------------------------ the cycle

    def _kick(self) -> None:
        if not self._running:
            self._running = True
            self._engine.at(self._free_at_ms, EventClass.WORLD, self._cycle)

    def _cycle(self) -> None:
        now_ms = self._engine.now_ms
        queued = self.queue.pop(now_ms)
        if queued is None:
            self._running = False
            self._set_alarm()
            return
        self._attempt(queued)
        self._free_at_ms = now_ms + self._cycle_ms
        self._engine.at(self._free_at_ms, EventClass.WORLD, self._cycle)

    def _set_alarm(self) -> None:
        wake_ms = self.queue.next_wake_ms()
        if wake_ms is not None and (self._alarm_ms is None or wake_ms < self._alarm_ms):
            self._alarm_ms = wake_ms
            self._engine.at(wake_ms, EventClass.WORLD, self._alarm, wake_ms)

    def _alarm(self, alarm_ms: int) -> None:
        if self._alarm_ms == alarm_ms:
            self._alarm_ms = None
            self._kick()

    def _attempt(self, queued: QueuedPod) -> None:
        self.attempts += 1
        pod = self._store.pods.get(queued.uid)
        if pod is None or pod.deletion_ms is not None or pod.node_name:
            self.queue.remove(queued.uid)
            return
        now_ms = self._engine.now_ms
        node = self.cache.pick(pod)
        if node is not None:
            self.queue.done(pod.uid)
            self._engine.trace(f"bind {pod.uid} {node}")
            self._store.update_pod(
                pod, node_name=node, nominated_node_name="", scheduled=Condition("True", now_ms)
            )
            return
        self.queue.park(queued, now_ms)
        if self.cache.ineligibility(pod):
            self._refuse([pod])  # it waits for its victims; others of its shape may find some
        elif not self._preempt(pod):
            # All pods of a shape fit or none does: they are refused together.
            alike = self.queue.park_shape(queued.shape, now_ms)
            self._refuse([pod, *(self._store.pods[uid] for uid in alike)])

    def _preempt(self, pod: Pod) -> bool:
        budgets = tuple(self._store.disruption_budgets.values())
        preemption = self.cache.preempt(pod, self._engine.now_ms, budgets)
        if preemption is None:
            return False
        self.cache.nominate(pod, preemption.node_name)
        for uid in preemption.outranked:
            self._give_up_nomination(uid)
        self._engine.trace(f"preempt {pod.uid} {preemption.node_name}")
        # Of a pod that found victims, kube-scheduler tells the filters' reasons only.
        self.diagnoses += 1
        refusal = self._refusal(self.cache.diagnose(pod))
        self._store.update_pod(pod, nominated_node_name=preemption.node_name, scheduled=refusal)
        for uid in preemption.victims:
            victim = self._store.pods[uid]
            if victim.deletion_ms is not None:
                continue  # on its way out already, for another pod's sake
            self.preemptions += 1
            self._journal.mark(
                "preempted",
                victim.key,
                f"{victim.key} was preempted on {preemption.node_name} by {pod.key}",
            )
            self._delete(victim)
        return True

    def _give_up_nomination(self, uid: str) -> None:
        """A pod of higher priority takes the room that this one waits for."""
        self.cache.clear_nomination(uid)
        pod = self._store.pods.get(uid)
        if pod is not None and pod.nominated_node_name:
            self._store.update_pod(pod, nominated_node_name="")

    def _refuse(self, pods: list[Pod]) -> None:
        """Tell pods of one shape why they have no node, unless they know that they have none."""
        fresh = [pod for pod in pods if not pod.is_unschedulable]
        if fresh:
            self.diagnoses += 1
            budgets = tuple(self._store.disruption_budgets.values())
            failure = self.cache.diagnose_preemption(fresh[0], self._engine.now_ms, budgets)
            refusal = self._refusal(failure)
            for pod in fresh:
                self._engine.trace(f"unschedulable {pod.uid}")
                self._store.update_pod(pod, scheduled=refusal)

    def _refusal(self, failure: FitFailure) -> Condition:
        return Condition("False", self._engine.now_ms, "Unschedulable", failure.message)

    # ------------------------------------------------------------ what the scheduler is told

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            if old is None:
                return
            if old.node_name:
                self.cache.displace(old.uid)
                self._wake(old.node_name)
            else:
                self.cache.clear_nomination(old.uid)
                self.queue.remove(old.uid)
        elif new.node_name:
            if old is None or not old.node_name:
                self.cache.place(new, new.node_name)
                self._wake_company(new)
            elif old.deletion_ms is None and new.deletion_ms is not None:
                self.cache.mark_terminating(new.uid)
            elif old.started_ms != new.started_ms:
                self.cache.place(new, new.node_name)
            elif old.phase != new.phase and new.is_terminal:
                self.cache.displace(new.uid)
                self._wake(new.node_name)
            elif _is_another_shape(old, new) and not new.is_terminal:
                self.cache.displace(new.uid)
                self.cache.place(new, new.node_name)
        elif old is None:
            self.queue.add(new.uid, self.cache.shapes.intern(new), self._engine.now_ms)
            self._kick()
        elif _is_another_shape(old, new):
            self.queue.remove(new.uid)
            self.queue.add(new.uid, self.cache.shapes.intern(new), self._engine.now_ms)
            self._kick()

    def _on_node(self, old: Node | None, new: Node | None) -> None:
        if new is None:
            if old is not None:
                self.cache.remove_node(old.name)
            return
        self.cache.set_node(new)
        if old is None or old.taints != new.taints or old.unschedulable != new.unschedulable:
            self._wake(new.name)

    def _on_replica_set(self, replica_set: ReplicaSet, *, gone: bool) -> None:
        """Its pods are spread over hosts and zones by default."""
        namespace, name = replica_set.namespace, replica_set.name
        if gone:
            self.cache.remove_owner("ReplicaSet", namespace, name)
        else:
            self.cache.set_owner("ReplicaSet", namespace, name, replica_set.selector)

    def _wake_company(self, bound: Pod) -> None:
        """Try parked pods again that wanted this one's company, or count it for spreading."""
        if not self.queue.parked_count:
            return
        shape = self.cache.shapes.intern(bound)
        if self.queue.wake(self._engine.now_ms, lambda parked: may_follow(parked, shape)):
            self._kick()

    def _wake(self, node_name: str) -> None:
        """Try parked pods again that may now fit on one node.

        Room that is kept for a nominated pod helps only pods of its shape, or of higher priority.
        """
        if not self.queue.parked_count:
            return
        row = self.cache.table.row_of(node_name)
        if row is not None and self.queue.wake(
            self._engine.now_ms, lambda shape: self.cache.may_fit(shape, row)
        ):
            self._kick()


def _is_another_shape(old: Pod, new: Pod) -> bool:
    """Return whether a pod was given another owner or other labels; rarely, so by identity."""
    return old.labels is not new.labels or old.owner is not new.owner
