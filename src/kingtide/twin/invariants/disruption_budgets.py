"""PodDisruptionBudgets: never broken by us, but in the last seconds of a notice."""

from __future__ import annotations

from kingtide.control.action import Action, EvictPod
from kingtide.control.claims import disruption_claim
from kingtide.control.node_actions import DeletePod
from kingtide.control.outcome import Outcome
from kingtide.controlplane.disruption.health import is_healthy
from kingtide.controlplane.disruption.matching import covers
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.twin.invariants.invariant import Invariant

BELOW_BUDGET = "DeletedBelowBudget"
"""The code of the verdict that a pod is deleted although its disruption budget refuses."""


class BudgetsOfPodsHold(Invariant):
    """Counts each budget's healthy pods itself, at each write of a pod.

    Pods that went for another reason a moment ago are forgiven: the API server did not know of them
    either when it granted the eviction. What an old leader deletes late is told by nobody: its
    report ended with its lease.
    """

    name = "budgets-of-pods-hold"
    rule = (
        "No eviction or deletion of ours leaves a PodDisruptionBudget fewer healthy pods than it"
        " wants, but in the last `lastNotice` of an interruption, and then a verdict of the same"
        " pass says so."
    )

    def follow(self) -> None:
        """Count every budget's pods."""
        budgets = self.world.store.disruption_budgets
        self._budgets_of: dict[str, tuple[str, ...]] = {}
        self._healthy: dict[str, int] = dict.fromkeys(budgets, 0)
        self._lost_ms: dict[str, dict[str, int]] = {key: {} for key in budgets}
        """When pods stopped to be healthy lately, by budget and uid; ours are taken out."""
        self._fell: dict[str, tuple[int, dict[str, int]]] = {}
        """Pods that fell at this instant: how many healthy ones each of their budgets had left."""
        self._to_be_told: dict[str, int] = {}
        """Pods (`pod/...`) that were deleted below their budgets, and when."""
        self._read = 0
        """How many of the journal's decisions were read."""
        if budgets:
            for pod in self.world.store.pods.values():
                self._on_pod(None, pod)
            self.world.store.on_pods(self._on_pod)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        if pod is None:
            return
        if pod.uid not in self._budgets_of:
            all_of_them = self.world.store.disruption_budgets.items()
            self._budgets_of[pod.uid] = tuple(key for key, it in all_of_them if covers(it, pod))
        was, is_now = old is not None and is_healthy(old), new is not None and is_healthy(new)
        keys = self._budgets_of[pod.uid]
        if new is None:
            del self._budgets_of[pod.uid]
        if was == is_now:
            return
        for key in keys:
            self._healthy[key] += is_now - was
            if was:
                self._lost_ms[key][pod.uid] = self.now_ms
        if was and keys:
            self._fell[pod.uid] = (self.now_ms, {key: self._healthy[key] for key in keys})

    def wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        """Look at what an eviction or deletion has just left."""
        if outcome.status != "done" or not isinstance(action, EvictPod | DeletePod):
            return
        at_ms, left = self._fell.pop(action.uid, (-1, {}))
        if at_ms != self.now_ms:
            return
        pod = self.world.store.pods.get(action.uid)
        node = None if pod is None else self.world.store.nodes.get(pod.node_name)
        for key, healthy in left.items():
            self._lost_ms[key].pop(action.uid, None)
            wanted = self.world.store.disruption_budgets[key].desired_healthy
            if healthy + self._lost_lately(key) >= wanted:
                continue
            subject = f"pod/{action.namespace}/{action.name}"
            if self._is_last_notice(node):
                if isinstance(action, DeletePod) and not self.world.writes.is_late:
                    self._to_be_told[subject] = self.now_ms
            else:
                told = f"{controller} left {key} {healthy} healthy pods of {wanted}"
                self.broken(subject, told)

    def minute(self) -> None:
        """Look for a verdict on each pod that was deleted below its budgets."""
        decisions = self.world.journal.decisions
        for decision in decisions[self._read :]:
            for verdict in decision.report.verdicts:
                if verdict.code != BELOW_BUDGET:
                    continue
                if self._to_be_told.get(verdict.subject) == decision.at_ms:
                    del self._to_be_told[verdict.subject]
        self._read = len(decisions)
        for subject in self._to_be_told:
            self.broken(subject, "deleted below its disruption budget, and no verdict says so")
        self._to_be_told = {}

    def _lost_lately(self, key: str) -> int:
        since_ms = self.now_ms - 1000 * self.bounds.budget_lag_seconds
        lost = self._lost_ms[key]
        for uid in [uid for uid, at_ms in lost.items() if at_ms < since_ms]:
            del lost[uid]
        return len(lost)

    def _is_last_notice(self, node: Node | None) -> bool:
        if node is not None and not self.world.machines.is_up(node.name):
            return True
        claim = None if node is None else disruption_claim(node.annotations)
        if claim is None or claim.reason != "Interrupted" or claim.deadline_ms is None:
            return False
        return claim.deadline_ms - self.now_ms <= 1000 * self.bounds.last_notice_seconds
