"""Carries out actions on the simulated cluster and cloud, with their preconditions."""

from __future__ import annotations

from kingtide.control.action import (
    Action,
    AddTaint,
    EvictPod,
    PatchScale,
    RemoveTaint,
    SetDesiredCapacity,
    TerminateInstance,
)
from kingtide.control.outcome import Outcome, OutcomeStatus
from kingtide.controlplane.disruption.eviction import EvictionRefused
from kingtide.kube.nodes import Node
from kingtide.twin.cloud.answer import Answer
from kingtide.twin.cloud.cloud import Cloud
from kingtide.twin.cluster.deletion import PodDeletion
from kingtide.twin.cluster.eviction import Eviction
from kingtide.twin.cluster.replica_sets import ReplicaSets
from kingtide.twin.cluster.store import Store
from kingtide.twin.engine import Engine


class UnknownAction(TypeError):
    """An action this world cannot perform: a defect."""


class Performer:
    """The one door through which controllers change the twin."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        cloud: Cloud,
        replica_sets: ReplicaSets,
        deletion: PodDeletion,
    ) -> None:
        self._engine = engine
        self._store = store
        self._cloud = cloud
        self._replica_sets = replica_sets
        self._eviction = Eviction(engine, store, deletion)

    def perform(self, action: Action) -> Outcome:
        """Do one action and say what became of it.

        Raises:
            UnknownAction: no such action exists in this world.
        """
        match action:
            case SetDesiredCapacity():
                return self._from(
                    action,
                    self._cloud.set_desired_capacity(
                        action.group, action.desired, action.expected_desired
                    ),
                )
            case TerminateInstance():
                return self._from(
                    action, self._cloud.terminate_instance(action.group, action.instance_id)
                )
            case AddTaint():
                return self._add_taint(action)
            case RemoveTaint():
                return self._remove_taint(action)
            case EvictPod():
                return self._evict(action)
            case PatchScale():
                return self._scale(action)
            case _:
                raise UnknownAction(type(action).__name__)

    def _outcome(
        self, action: Action, status: OutcomeStatus, code: str = "", message: str = ""
    ) -> Outcome:
        return Outcome(action, status, self._engine.now_ms, code, message)

    def _from(self, action: Action, answer: Answer) -> Outcome:
        return self._outcome(action, answer.status, answer.code, answer.message)

    def _node(self, name: str, uid: str) -> Node | None:
        node = self._store.nodes.get(name)
        return node if node is not None and node.uid == uid else None

    def _add_taint(self, action: AddTaint) -> Outcome:
        node = self._node(action.node, action.node_uid)
        if node is None:
            return self._outcome(action, "precondition_failed", "404", "no such node")
        wanted = (action.taint.key, action.taint.effect)
        others = tuple(t for t in node.taints if (t.key, t.effect) != wanted)
        self._store.update_node(node, taints=(*others, action.taint))
        return self._outcome(action, "done")

    def _remove_taint(self, action: RemoveTaint) -> Outcome:
        node = self._node(action.node, action.node_uid)
        if node is None:
            return self._outcome(action, "precondition_failed", "404", "no such node")
        unwanted = (action.key, action.effect)
        taints = tuple(t for t in node.taints if (t.key, t.effect) != unwanted)
        if taints != node.taints:
            self._store.update_node(node, taints=taints)
        return self._outcome(action, "done")

    def _evict(self, action: EvictPod) -> Outcome:
        pod = self._store.pods.get(action.uid)
        if pod is None or (pod.namespace, pod.name) != (action.namespace, action.name):
            return self._outcome(action, "precondition_failed", "404", "no such pod")
        verdict = self._eviction.evict(pod, action.grace_seconds)
        if isinstance(verdict, EvictionRefused):
            return self._outcome(action, "refused", str(verdict.code), verdict.text)
        return self._outcome(action, "done")

    def _scale(self, action: PatchScale) -> Outcome:
        deployment = self._store.deployments.get(f"{action.namespace}/{action.name}")
        if deployment is None:
            return self._outcome(action, "failed", "404", "no such Deployment")
        if deployment.replicas != action.expected_replicas:
            return self._outcome(
                action, "precondition_failed", "409", f"it has {deployment.replicas} replicas now"
            )
        self._replica_sets.scale(deployment, action.replicas)
        return self._outcome(action, "done")
