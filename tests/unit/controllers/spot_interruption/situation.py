"""A small scripted world: nodes, pods that end and are made again, a queue and hooks.

It does what the controller asks for, at once and with the API's own preconditions, so that a test
can follow an interruption from its message to the end of its machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from whenever import Instant

from kingtide.aws.autoscaling import AutoScalingGroup, CapacityPool, Instance, InstanceState
from kingtide.aws.interruptions.queue_body import Reading
from kingtide.control.action import Action, EvictPod, TerminateInstance
from kingtide.control.chance import Chance
from kingtide.control.claims import (
    disruption_claim,
)
from kingtide.control.controller import check_declared
from kingtide.control.decision import Decision
from kingtide.control.inbox import Message
from kingtide.control.index import ClusterIndex
from kingtide.control.message_actions import (
    AcknowledgeMessage,
    CompleteLifecycleAction,
    RecordLifecycleHeartbeat,
)
from kingtide.control.node_actions import (
    DeletePod,
)
from kingtide.control.outcome import Outcome, OutcomeStatus
from kingtide.control.report import Verdict
from kingtide.control.snapshot import Snapshot
from kingtide.control.workload_actions import ScaleWorkload
from kingtide.controllers.spot_interruption.decide import CONTROLLER
from kingtide.controllers.spot_interruption.memory import SpotInterruptionMemory
from kingtide.controlplane.disruption.eviction import EvictionRefused, may_evict
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.labels import LabelSelector, selector_matches
from kingtide.kube.nodes import INSTANCE_TYPE_LABEL, LIFECYCLE_LABEL, ZONE_LABEL, Node
from kingtide.kube.pods import Condition, Container, OwnerReference, Pod, PodSpec, PodTemplate
from kingtide.kube.resources import Resources
from kingtide.kube.scalables import Scalable
from kingtide.kube.taints import Taint
from kingtide.kube.workloads import Deployment, PodDisruptionBudget
from tests.unit.controllers.node_writes import written

START_MS = 1_800_000_000_000
AMOUNTS = Resources(cpu_millicores=8000, memory_bytes=32 * 1024**3, pods=110)
SMALL = Resources(cpu_millicores=100, memory_bytes=64 * 1024**2)
POD_START_MS = 45_000

A = TypeVar("A", bound=Action)


class HandMadeCloud:
    """A CloudView whose groups a test sets itself."""

    def __init__(self) -> None:
        self.groups: dict[str, AutoScalingGroup] = {}

    def activities_since(self, group: str, since_ms: int) -> tuple[()]:
        del group, since_ms
        return ()


class Situation:
    """The world, the controller's memory, and everything that was asked for."""

    def __init__(self, **settings: Any) -> None:
        self.cluster = ClusterIndex()
        self.cloud = HandMadeCloud()
        self.policy = SpotInterruptionPolicy(**settings)
        self.memory = SpotInterruptionMemory()
        self.now_ms = START_MS
        self.inbox: dict[str, Message] = {}
        self.actions: list[tuple[int, Action]] = []
        self.verdicts: list[Verdict] = []
        self.evicted: list[str] = []
        self.deletions: list[int] = []
        """How many milliseconds were left of the notice at each deletion."""
        self.wake_at_ms: int | None = START_MS
        self.passes = 0
        self.cloud_answers: list[tuple[OutcomeStatus, str]] = []
        """What the next calls to the cloud are answered; done when there is nothing."""
        self.full = False
        """Whether replacements find no node."""
        self._outcomes: tuple[Outcome, ...] = ()
        self._numbers = 0
        self._ends_ms: dict[str, int] = {}
        self._readings: dict[str, Reading] = {}

    # ------------------------------------------------------------ the world

    def node(self, name: str, *, instance_id: str = "", **changes: Any) -> Node:
        """Add a Ready spot node."""
        instance_id = instance_id or self.instance(name)
        node = Node(
            name=name,
            uid=f"uid-{name}",
            labels={
                INSTANCE_TYPE_LABEL: "m5.2xlarge",
                ZONE_LABEL: "eu-west-1a",
                LIFECYCLE_LABEL: "spot",
            },
            capacity=AMOUNTS,
            allocatable=AMOUNTS,
            created_ms=self.now_ms,
            ready=Condition("True", self.now_ms),
            provider_id=f"aws:///eu-west-1a/{instance_id}",
        )
        self.cluster.apply(None, msgspec.structs.replace(node, **changes))
        return self.cluster.nodes[name]

    @staticmethod
    def instance(name: str) -> str:
        """The instance id of a node added without one."""
        number = int.from_bytes(name.encode()[-8:], "big")
        return f"i-{number:017x}"

    def launch(
        self, instance_id: str, state: InstanceState = "InService", group: str = "spot"
    ) -> None:
        """Have the cloud know an instance."""
        pool = CapacityPool("m5.2xlarge", "eu-west-1a", "spot")
        known = self.cloud.groups.get(group)
        others = () if known is None else known.instances
        others = tuple(it for it in others if it.instance_id != instance_id)
        instance = Instance(instance_id, group, pool, state, self.now_ms)
        self.cloud.groups[group] = AutoScalingGroup(
            group, 0, 10, 1, ("m5.2xlarge",), ("eu-west-1a",), {}, instances=(*others, instance)
        )

    def pods(
        self,
        count: int,
        *,
        on: str,
        app: str = "web",
        priority: int = 0,
        grace_seconds: int = 30,
        **changes: Any,
    ) -> list[Pod]:
        """Add Ready pods of a Deployment."""
        spec = PodSpec(
            containers=(Container("main", requests=SMALL),),
            priority=priority,
            termination_grace_period_seconds=grace_seconds,
        )
        return [self._pod(spec, app, on, changes) for _ in range(count)]

    def deployment(self, app: str, replicas: int, **annotations: str) -> None:
        """Have the cluster know a Deployment; its ReplicaSet is `app-5d`."""
        selector = LabelSelector(match_labels=(("app", app),))
        template = PodTemplate({"app": app}, PodSpec(containers=()))
        self.cluster.apply(
            None, Deployment("shop", app, f"uid-{app}", replicas, template, selector)
        )
        said = {f"kingtide.dev/{key.replace('_', '-')}": it for key, it in annotations.items()}
        self.cluster.apply(
            None,
            Scalable("Deployment", "shop", app, f"uid-{app}", annotations=said, size=replicas),
        )

    def scaled_by_hpa(self, app: str) -> None:
        hpa = Scalable(
            "HorizontalPodAutoscaler",
            "shop",
            app,
            target_kind="Deployment",
            target_name=app,
            size=1,
        )
        self.cluster.apply(None, hpa)

    def budget(self, app: str, minimum: int) -> None:
        """Have at least so many pods of an app healthy."""
        self.cluster.apply(
            None,
            PodDisruptionBudget(
                "shop",
                app,
                LabelSelector(match_labels=(("app", app),)),
                min_available=str(minimum),
                desired_healthy=minimum,
            ),
        )
        self._sync_budgets()

    def waiting(self, priority: int = 0) -> Pod:
        """Add a pod that finds no node."""
        (pod,) = self.pods(1, on="", app="waits", priority=priority)
        return pod

    def change_node(self, name: str, **changes: Any) -> None:
        old = self.cluster.nodes[name]
        self.cluster.apply(old, msgspec.structs.replace(old, **changes))

    def remove_node(self, name: str) -> None:
        """End a machine: its node goes, and its pods with it."""
        for pod in list(self.cluster.pods_on(name).values()):
            self.cluster.apply(pod, None)
        self.cluster.apply(self.cluster.nodes[name], None)

    # ------------------------------------------------------------ the queue

    def message(self, message_id: str, body: str) -> None:
        """Deliver a message, or deliver it again."""
        known = self.inbox.get(message_id)
        count = 1 if known is None else known.receive_count + 1
        self.inbox[message_id] = Message(message_id, body, self.now_ms, count)
        self.wake_at_ms = self.now_ms

    def interrupt(self, name: str, message_id: str = "", *, ago_ms: int = 0) -> None:
        """Deliver a spot interruption warning for a node."""
        detail = {"instance-id": self._instance_of(name), "instance-action": "terminate"}
        self._event(
            message_id or f"itn-{name}", "EC2 Spot Instance Interruption Warning", detail, ago_ms
        )

    def recommend(self, name: str) -> None:
        """Deliver a rebalance recommendation for a node."""
        detail = {"instance-id": self._instance_of(name)}
        self._event(f"reb-{name}", "EC2 Instance Rebalance Recommendation", detail)

    def change_state(self, name: str, state: str) -> None:
        detail = {"instance-id": self._instance_of(name), "state": state}
        self._event(f"state-{name}-{state}", "EC2 Instance State-change Notification", detail)

    def hold(self, name: str, message_id: str = "", group: str = "spot") -> None:
        """Have a termination hook wait for a node."""
        detail = {
            "EC2InstanceId": self._instance_of(name),
            "AutoScalingGroupName": group,
            "LifecycleHookName": "drain",
            "LifecycleActionToken": f"token-{name}",
        }
        self._event(message_id or f"hook-{name}", "EC2 Instance-terminate Lifecycle Action", detail)

    def schedule(self, name: str, in_seconds: int) -> None:
        """Deliver a scheduled change of a node's instance."""
        start = iso_to_rfc(self.now_ms + in_seconds * 1000)
        detail = {
            "service": "EC2",
            "eventTypeCategory": "scheduledChange",
            "startTime": start,
            "affectedEntities": [{"entityValue": self._instance_of(name)}],
        }
        self._event(f"change-{name}", "AWS Health Event", detail)

    def _event(
        self, message_id: str, kind: str, detail: Mapping[str, Any], ago_ms: int = 0
    ) -> None:
        body = {"detail-type": kind, "time": iso(self.now_ms - ago_ms), "detail": detail}
        self.message(message_id, json.dumps(body))

    def _instance_of(self, name: str) -> str:
        node = self.cluster.nodes.get(name)
        return self.instance(name) if node is None else node.instance_id

    # ------------------------------------------------------------ passes

    def run(self) -> Decision[SpotInterruptionMemory]:
        """Make one pass and perform what it asks for."""
        snapshot = Snapshot(
            self.cluster, self.cloud, "test", self._outcomes, tuple(self.inbox.values())
        )
        chance = Chance(1, CONTROLLER.name)
        decision = CONTROLLER.decide(snapshot, self.policy, self.memory, self.now_ms, chance)
        check_declared(CONTROLLER, decision)
        self.passes += 1
        self.memory, self.wake_at_ms = decision.memory, decision.wake_at_ms
        self.verdicts += decision.report.verdicts
        self._readings |= self.memory.readings
        self._outcomes = tuple(self._perform(action) for action in decision.actions)
        self.actions += [(self.now_ms, action) for action in decision.actions]
        return decision

    def follow(self, seconds: int) -> None:
        """Let time pass second by second, with the passes that the controller asks for."""
        end_ms = self.now_ms + seconds * 1000
        while True:
            if self.wake_at_ms is not None and self.wake_at_ms <= self.now_ms:
                self.run()
            if self.now_ms >= end_ms:
                return
            self.now_ms += 1000
            self._pass_time()

    def crash(self) -> None:
        """Lose the memory and what became of the last actions."""
        self.memory, self._outcomes = SpotInterruptionMemory(), ()
        self.wake_at_ms = self.now_ms

    def asked(self, kind: type[A]) -> list[A]:
        """Every action of a kind so far."""
        return [it for _, it in self.actions if isinstance(it, kind)]

    def codes(self, subject: str) -> list[str]:
        """What was said of a subject, in order."""
        return [it.code for it in self.verdicts if it.subject == subject]

    def reading(self, message_id: str) -> Reading | None:
        """What the body of a message is understood as."""
        return self._readings.get(message_id)

    # ------------------------------------------------------------ performing

    def _perform(self, action: Action) -> Outcome:
        status, code = self._do(action)
        return Outcome(action, status, self.now_ms, code)

    def _do(self, action: Action) -> tuple[OutcomeStatus, str]:
        match action:
            case EvictPod():
                return self._evict(action)
            case DeletePod():
                pod = self.cluster.pod(action.uid)
                if pod is None:
                    return "precondition_failed", "404"
                claim = disruption_claim(self.cluster.nodes[pod.node_name].annotations)
                assert claim is not None
                assert claim.deadline_ms is not None
                self.deletions.append(claim.deadline_ms - self.now_ms)
                self._end_pod(pod, action.grace_seconds)
                return "done", ""
            case AcknowledgeMessage():
                self.inbox.pop(action.message_id, None)
                return "done", ""
            case CompleteLifecycleAction() | RecordLifecycleHeartbeat() | TerminateInstance():
                return self.cloud_answers.pop(0) if self.cloud_answers else ("done", "")
            case ScaleWorkload():
                return self._scale(action)
            case _:
                return self._do_on_node(action)

    def _do_on_node(self, action: Any) -> tuple[OutcomeStatus, str]:
        node = self.cluster.nodes.get(action.node)
        if node is None or node.uid != action.node_uid:
            return "precondition_failed", "404"
        changed = written(node, action)
        if changed is None:
            return "precondition_failed", "Claimed"
        self.cluster.apply(node, changed)
        return "done", ""

    def _scale(self, action: ScaleWorkload) -> tuple[OutcomeStatus, str]:
        old = self.cluster.scalables[f"Deployment/{action.namespace}/{action.name}"]
        if old.size != action.expected_replicas:
            return "precondition_failed", "409"
        said = {
            key: it for key, it in old.annotations.items() if key not in dict(action.annotations)
        }
        said |= {key: it for key, it in action.annotations if it is not None}
        self.cluster.apply(
            old, msgspec.structs.replace(old, size=action.replicas, annotations=said)
        )
        if action.replicas > action.expected_replicas:
            (spec,) = {pod.spec for pod in self._pods_of(action.name)}
            self._pod(spec, action.name, "elsewhere", {}, ready=False)
        return "done", ""

    def _evict(self, action: EvictPod) -> tuple[OutcomeStatus, str]:
        pod = self.cluster.pod(action.uid)
        if pod is None:
            return "precondition_failed", "404"
        verdict = may_evict(pod, self.cluster.disruption_budgets.values(), self.now_ms)
        if isinstance(verdict, EvictionRefused):
            return "refused", str(verdict.code)
        if verdict.budget is not None:
            self.cluster.apply(self.cluster.disruption_budgets[verdict.budget.key], verdict.budget)
        self.evicted.append(pod.uid)
        grace_seconds = action.grace_seconds
        own = pod.spec.termination_grace_period_seconds
        self._end_pod(pod, own if grace_seconds is None else grace_seconds)
        return "done", ""

    def _end_pod(self, pod: Pod, grace_seconds: int) -> None:
        going = msgspec.structs.replace(
            pod, deletion_ms=self.now_ms, deletion_grace_seconds=grace_seconds, ready=None
        )
        self.cluster.apply(pod, going)
        self._ends_ms[pod.uid] = self.now_ms + min(grace_seconds, 5) * 1000
        target = "" if self.full else "elsewhere"
        self._pod(pod.spec, pod.labels["app"], target, {}, ready=False)

    # ------------------------------------------------------------ time

    def _pass_time(self) -> None:
        for uid, end_ms in list(self._ends_ms.items()):
            pod = self.cluster.pod(uid)
            if pod is None:
                del self._ends_ms[uid]
            elif end_ms <= self.now_ms:
                self.cluster.apply(pod, None)
        for pod in self._all_pods():
            is_due = pod.created_ms + POD_START_MS <= self.now_ms
            if pod.node_name and not pod.is_ready and pod.deletion_ms is None and is_due:
                ready = Condition("True", self.now_ms)
                self.cluster.apply(pod, msgspec.structs.replace(pod, ready=ready))
        self._sync_budgets()

    def _sync_budgets(self) -> None:
        for budget in list(self.cluster.disruption_budgets.values()):
            healthy = sum(
                pod.is_ready and selector_matches(budget.selector, pod.labels)
                for pod in self._all_pods()
            )
            allowed = max(0, healthy - budget.desired_healthy)
            changed = msgspec.structs.replace(
                budget, current_healthy=healthy, disruptions_allowed=allowed, disrupted_pods={}
            )
            self.cluster.apply(budget, changed)

    def _all_pods(self) -> list[Pod]:
        names = [*self.cluster.nodes, "elsewhere"]
        return [pod for name in names for pod in self.cluster.pods_on(name).values()]

    def _pods_of(self, app: str) -> list[Pod]:
        return [pod for pod in self._all_pods() if pod.labels["app"] == app]

    def ready(self, app: str) -> int:
        """How many pods of an app are Ready."""
        return sum(pod.is_ready for pod in self._pods_of(app))

    def _pod(
        self, spec: PodSpec, app: str, on: str, changes: Mapping[str, Any], *, ready: bool = True
    ) -> Pod:
        self._numbers += 1
        waits = Condition("False", self.now_ms, reason="Unschedulable")
        pod = Pod(
            namespace="shop",
            name=f"{app}-{self._numbers}",
            uid=f"pod-{self._numbers}",
            spec=spec,
            labels={"app": app},
            created_ms=self.now_ms,
            owner=OwnerReference("ReplicaSet", f"{app}-5d"),
            node_name=on,
            phase="Running" if on else "Pending",
            scheduled=Condition("True", self.now_ms) if on else waits,
            ready=Condition("True", self.now_ms) if on and ready else None,
        )
        pod = msgspec.structs.replace(pod, **changes)
        self.cluster.apply(None, pod)
        return pod


def taint(kind: str) -> Taint:
    """The taint of a notice."""
    return Taint("kingtide.dev/interrupted", "NoSchedule", kind)


def iso(at_ms: int) -> str:
    """A time as EventBridge writes it."""
    return Instant.from_timestamp(at_ms, unit="millisecond").format_iso()


def iso_to_rfc(at_ms: int) -> str:
    """A time as AWS Health writes it."""
    return Instant.from_timestamp(at_ms, unit="millisecond").format_rfc2822()
