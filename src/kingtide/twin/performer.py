"""Carries out actions on the simulated cluster and cloud, with their preconditions."""

from __future__ import annotations

from kingtide.control.action import (
    NODE_EXISTS,
    Action,
    AddTaint,
    EvictPod,
    PatchScale,
    RemoveTaint,
    SetDesiredCapacity,
    TerminateInstance,
)
from kingtide.control.message_actions import (
    AcknowledgeMessage,
    CompleteLifecycleAction,
    RecordLifecycleHeartbeat,
)
from kingtide.control.node_actions import (
    ClaimCapacity,
    ClaimDisruption,
    Cordon,
    DeletePod,
    ReleaseCapacity,
    ReleaseDisruption,
    SetNodeLabel,
    Uncordon,
)
from kingtide.control.outcome import DONE, Answer, Outcome
from kingtide.control.workload_actions import WorkloadAction
from kingtide.control.workload_change import NO_SUCH_DEPLOYMENT, not_scalable
from kingtide.controlplane.disruption.eviction import EvictionRefused
from kingtide.kube.pods import Pod
from kingtide.twin.cloud.cloud import Cloud
from kingtide.twin.cluster.deletion import PodDeletion
from kingtide.twin.cluster.eviction import Eviction
from kingtide.twin.cluster.replica_sets import ReplicaSets
from kingtide.twin.cluster.store import Store
from kingtide.twin.engine import Engine
from kingtide.twin.node_changes import NodeChanges
from kingtide.twin.queue_calls import InterruptionQueue, LifecycleHooks, NoMessages
from kingtide.twin.workload_changes import WorkloadChanges

_NOTHING_QUEUED = NoMessages()
_NO_SUCH_POD = Answer("precondition_failed", "404", "no such pod")


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
        queue: InterruptionQueue = _NOTHING_QUEUED,
        hooks: LifecycleHooks = _NOTHING_QUEUED,
        workloads: WorkloadChanges | None = None,
    ) -> None:
        self._engine = engine
        self._store = store
        self._cloud = cloud
        self._replica_sets = replica_sets
        self._deletion = deletion
        self._queue = queue
        self._hooks = hooks
        self._workloads = workloads
        self._nodes = NodeChanges(store)
        self._eviction = Eviction(engine, store, deletion)

    def perform(self, action: Action) -> Outcome:
        """Do one action and say what became of it.

        Raises:
            UnknownAction: no such action exists in this world.
        """
        answer = self._answer(action)
        return answer.to(action, self._engine.now_ms)

    def _answer(self, action: Action) -> Answer:
        match action:
            case SetDesiredCapacity():
                return self._cloud.set_desired_capacity(
                    action.group, action.desired, action.expected_desired
                )
            case TerminateInstance():
                return self._terminate(action)
            case AddTaint() | RemoveTaint() | Cordon() | Uncordon() | SetNodeLabel():
                return self._nodes.perform(action)
            case ClaimDisruption() | ReleaseDisruption() | ClaimCapacity() | ReleaseCapacity():
                return self._nodes.perform(action)
            case EvictPod():
                return self._evict(action)
            case DeletePod():
                return self._delete(action)
            case PatchScale():
                return self._scale(action)
            case AcknowledgeMessage() | CompleteLifecycleAction() | RecordLifecycleHeartbeat():
                return self._reply(action)
            case it if isinstance(it, WorkloadAction) and self._workloads is not None:
                return self._workloads.perform(it)
            case _:
                raise UnknownAction(type(action).__name__)

    def _terminate(self, action: TerminateInstance) -> Answer:
        if not action.node:
            nodes = self._store.nodes.values()
            node = next((it for it in nodes if it.instance_id == action.instance_id), None)
            if node is not None:
                message = f"{action.instance_id} is the node {node.name}"
                return Answer("precondition_failed", NODE_EXISTS, message)
        return self._cloud.terminate_instance(action.group, action.instance_id)

    def _reply(
        self, action: AcknowledgeMessage | CompleteLifecycleAction | RecordLifecycleHeartbeat
    ) -> Answer:
        match action:
            case AcknowledgeMessage():
                return self._queue.acknowledge(action.message_id)
            case CompleteLifecycleAction():
                return self._hooks.complete_lifecycle_action(
                    action.group, action.hook, action.instance_id, action.token, action.result
                )
            case RecordLifecycleHeartbeat():
                return self._hooks.record_lifecycle_heartbeat(
                    action.group, action.hook, action.instance_id, action.token
                )

    def _pod(self, action: EvictPod | DeletePod) -> Pod | None:
        pod = self._store.pods.get(action.uid)
        if pod is None or (pod.namespace, pod.name) != (action.namespace, action.name):
            return None
        return pod

    def _evict(self, action: EvictPod) -> Answer:
        pod = self._pod(action)
        if pod is None:
            return _NO_SUCH_POD
        verdict = self._eviction.evict(pod, action.grace_seconds)
        if isinstance(verdict, EvictionRefused):
            return Answer("refused", str(verdict.code), verdict.text)
        return DONE

    def _delete(self, action: DeletePod) -> Answer:
        pod = self._pod(action)
        if pod is None:
            return _NO_SUCH_POD
        self._deletion.delete(pod, action.grace_seconds)
        return DONE

    def _scale(self, action: PatchScale) -> Answer:
        deployment = self._store.deployments.get(f"{action.namespace}/{action.name}")
        if deployment is None:
            return NO_SUCH_DEPLOYMENT
        refused = not_scalable(deployment.replicas, action)
        if refused is not None:
            return refused
        self._replica_sets.scale(deployment, action.replicas)
        return DONE
