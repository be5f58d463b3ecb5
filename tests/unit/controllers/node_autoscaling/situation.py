"""A cluster and a cloud built by hand, and a controller run on them pass by pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from kingtide.aws.autoscaling import (
    AutoScalingGroup,
    CapacityPool,
    Instance,
    InstanceState,
    ScalingActivity,
)
from kingtide.control.action import Action, SetDesiredCapacity, TerminateInstance
from kingtide.control.budget import Budget
from kingtide.control.chance import Chance
from kingtide.control.claims import (
    CAPACITY_CLAIM,
    DISRUPTION_CLAIM,
    CapacityClaim,
    DisruptionClaim,
    write_claim,
)
from kingtide.control.controller import check_declared
from kingtide.control.decision import Decision
from kingtide.control.index import ClusterIndex
from kingtide.control.outcome import Outcome
from kingtide.control.report import Verdict
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.node_autoscaling.decide import CONTROLLER
from kingtide.controllers.node_autoscaling.memory import NodeAutoscalingMemory
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import INSTANCE_TYPE_LABEL, Node
from kingtide.kube.pods import Condition, Container, OwnerReference, Pod, PodSpec, PodTemplate
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Taint
from kingtide.kube.workloads import ConfigMap, ReplicaSet

START_MS = 1_800_000_000_000
SECOND_MS = 1_000
MINUTE_MS = 60_000
GIB = 1024**3

CLUSTER_NAME = "test"
OURS = {
    "k8s.io/cluster-autoscaler/enabled": "true",
    f"k8s.io/cluster-autoscaler/{CLUSTER_NAME}": "true",
}
NODE_AMOUNTS = Resources(cpu_millicores=4000, memory_bytes=16 * GIB, pods=110)
CONTROLLER_CHANCE = Chance(seed=1, controller="node_autoscaling")


class HandMadeCloud:
    """A CloudView whose groups and activities a test sets itself."""

    def __init__(self) -> None:
        self.groups: dict[str, AutoScalingGroup] = {}
        self.activities: list[ScalingActivity] = []

    def activities_since(self, group: str, since_ms: int) -> Sequence[ScalingActivity]:
        return [it for it in self.activities if it.group == group and it.start_ms >= since_ms]


class Situation:
    """What the controller sees, and its memory; `run` makes one pass."""

    def __init__(self, **settings: Any) -> None:
        self.cluster = ClusterIndex()
        self.cloud = HandMadeCloud()
        self.policy = NodeAutoscalingPolicy(**settings)
        self.memory = NodeAutoscalingMemory()
        self.now_ms = START_MS
        self.outcomes: tuple[Outcome, ...] = ()
        self.budgets: tuple[Budget, ...] = ()
        self._numbers = 0

    # ------------------------------------------------------------ the world

    def group(
        self,
        name: str,
        *,
        nodes: int = 0,
        desired: int | None = None,
        min_size: int = 0,
        max_size: int = 10,
        tags: Mapping[str, str] | None = None,
        instance_types: tuple[str, ...] = ("m5.xlarge",),
        zones: tuple[str, ...] = ("eu-west-1a",),
        on_demand: bool = False,
    ) -> None:
        """Add a group with Ready nodes; `desired` is their number unless given."""
        self.cloud.groups[name] = AutoScalingGroup(
            name=name,
            min_size=min_size,
            max_size=max_size,
            desired_capacity=nodes if desired is None else desired,
            instance_types=instance_types,
            zones=zones,
            tags={**OURS, **(tags or {})},
            on_demand_percentage_above_base=100 if on_demand else 0,
        )
        for number in range(nodes):
            self.node(f"{name}-{number}", name)

    def set_desired(self, name: str, desired: int) -> None:
        self._change_group(name, desired_capacity=desired)

    def launch(
        self, name: str, instance_id: str, state: InstanceState = "InService", zone: str = ""
    ) -> None:
        """Add an instance to a group, or give a known one another state."""
        group = self.cloud.groups[name]
        pool = CapacityPool(group.instance_types[0], zone or group.zones[0], group.lifecycle)
        others = tuple(it for it in group.instances if it.instance_id != instance_id)
        added = Instance(instance_id, name, pool, state, self.now_ms)
        self._change_group(name, instances=(*others, added))

    def lose(self, name: str, instance_id: str) -> None:
        """Take an instance out of its group."""
        group = self.cloud.groups[name]
        kept = tuple(it for it in group.instances if it.instance_id != instance_id)
        self._change_group(name, instances=kept)

    def node(
        self,
        name: str,
        group: str | None,
        *,
        ready: bool = True,
        amounts: Resources = NODE_AMOUNTS,
        taints: tuple[Taint, ...] = (),
        annotations: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Node:
        """Add a node with its instance in a group (None: in no group)."""
        instance_id = f"i-{name}"
        if group is not None:
            self.launch(group, instance_id)
        node = Node(
            name=name,
            uid=f"uid-{name}",
            labels={INSTANCE_TYPE_LABEL: "m5.xlarge", **(labels or {})},
            capacity=amounts,
            allocatable=amounts,
            created_ms=self.now_ms,
            ready=Condition("True" if ready else "False", self.now_ms),
            provider_id=f"aws:///eu-west-1a/{instance_id}",
            taints=taints,
            annotations=annotations or {},
        )
        self.cluster.apply(self.cluster.nodes.get(name), node)
        return node

    def change_node(self, name: str, **changes: Any) -> None:
        old = self.cluster.nodes[name]
        self.cluster.apply(old, msgspec.structs.replace(old, **changes))

    def claim(
        self,
        name: str,
        *,
        disruption: DisruptionClaim | None = None,
        capacity: CapacityClaim | None = None,
    ) -> None:
        """Have a node bear exactly these claims."""
        claims = {DISRUPTION_CLAIM: disruption, CAPACITY_CLAIM: capacity}
        written = {key: write_claim(it) for key, it in claims.items() if it is not None}
        self.change_node(name, annotations=written)

    def remove_node(self, name: str) -> None:
        self.cluster.apply(self.cluster.nodes[name], None)

    def pods(
        self,
        count: int,
        *,
        on: str = "",
        cpu: int = 1000,
        memory: int = 1 * GIB,
        app: str = "web",
        namespace: str = "shop",
        priority: int = 0,
        spec: PodSpec | None = None,
        age_ms: int = MINUTE_MS,
        bare: bool = False,
        **changes: Any,
    ) -> list[Pod]:
        """Add pods, unschedulable ones unless `on` names their node."""
        if spec is None:
            requests = Resources(cpu_millicores=cpu, memory_bytes=memory)
            spec = PodSpec(containers=(Container("main", requests=requests),), priority=priority)
        labels = {"app": app}
        self._owner(namespace, app, spec, labels)
        made = []
        for _ in range(count):
            self._numbers += 1
            pod = Pod(
                namespace=namespace,
                name=f"{app}-{self._numbers}",
                uid=f"pod-{self._numbers}",
                spec=spec,
                labels=labels,
                created_ms=self.now_ms - age_ms,
                owner=None if bare else OwnerReference("ReplicaSet", app),
                node_name=on,
                phase="Running" if on else "Pending",
                scheduled=(
                    Condition("True", self.now_ms)
                    if on
                    else Condition("False", self.now_ms, reason="Unschedulable")
                ),
                **changes,
            )
            self.cluster.apply(None, pod)
            made.append(pod)
        return made

    def change_pod(self, uid: str, **changes: Any) -> None:
        old = self.cluster.pod(uid)
        assert old is not None
        self.cluster.apply(old, msgspec.structs.replace(old, **changes))

    def remove_pod(self, uid: str) -> None:
        self.cluster.apply(self.cluster.pod(uid), None)

    def priorities(self, text: str) -> None:
        config_map = ConfigMap(
            "kube-system", "cluster-autoscaler-priority-expander", {"priorities": text}
        )
        self.cluster.apply(self.cluster.config_maps.get(config_map.key), config_map)

    def fail_launch(self, group: str, message: str = "InsufficientInstanceCapacity") -> None:
        """Add a failed scaling activity that starts now."""
        self.cloud.activities.append(
            ScalingActivity(
                activity_id=str(len(self.cloud.activities)),
                group=group,
                status="Failed",
                start_ms=self.now_ms,
                end_ms=self.now_ms,
                cause="desired capacity was raised",
                status_message=message,
            )
        )

    # ------------------------------------------------------------ the controller

    def run(self, seconds: int = 0) -> Decision[NodeAutoscalingMemory]:
        """Let time pass and make one pass; its memory is kept, its actions are not performed."""
        self.now_ms += seconds * SECOND_MS
        snapshot = Snapshot(
            self.cluster, self.cloud, CLUSTER_NAME, self.outcomes, budgets=self.budgets
        )
        decision = CONTROLLER.decide(
            snapshot, self.policy, self.memory, self.now_ms, CONTROLLER_CHANCE
        )
        check_declared(CONTROLLER, decision)
        for verdict in decision.report.verdicts:
            assert verdict.code in CONTROLLER.phrases.sentences, verdict
            CONTROLLER.phrases.tell(verdict)  # every detail its sentence needs is there
        self.memory = decision.memory
        self.outcomes = ()
        return decision

    def forget(self) -> None:
        """Restart the controller."""
        self.memory = CONTROLLER.first_memory()

    def answer(self, *actions: Action, status: Any = "done", code: str = "") -> None:
        """Tell the next pass what became of actions."""
        self.outcomes = (
            *self.outcomes,
            *(Outcome(it, status, self.now_ms, code) for it in actions),
        )

    def _change_group(self, name: str, **changes: Any) -> None:
        group = self.cloud.groups[name]
        self.cloud.groups[name] = msgspec.structs.replace(group, **changes)

    def _owner(self, namespace: str, name: str, spec: PodSpec, labels: Mapping[str, str]) -> None:
        self.cluster.apply(
            None,
            ReplicaSet(
                namespace=namespace,
                name=name,
                uid=f"{namespace}/{name}",
                replicas=3,
                template=PodTemplate(labels, spec),
                selector=LabelSelector(),
            ),
        )


def requests(decision: Decision[NodeAutoscalingMemory]) -> dict[str, tuple[int, int]]:
    """Return (expected, desired) by group."""
    return {
        it.group: (it.expected_desired, it.desired)
        for it in decision.actions
        if isinstance(it, SetDesiredCapacity)
    }


def terminated(decision: Decision[NodeAutoscalingMemory]) -> list[str]:
    """Return the ids of the instances to be terminated."""
    return [it.instance_id for it in decision.actions if isinstance(it, TerminateInstance)]


def of_kind(decision: Decision[NodeAutoscalingMemory], kind: type[Any]) -> list[Any]:
    """Return the actions of one kind."""
    return [it for it in decision.actions if isinstance(it, kind)]


def codes(decision: Decision[NodeAutoscalingMemory], subject: str) -> list[str]:
    """Return the codes of a subject's verdicts."""
    return [it.code for it in decision.report.verdicts if it.subject == subject]


def verdict(decision: Decision[NodeAutoscalingMemory], code: str) -> Verdict:
    """Return the only verdict with a code."""
    (found,) = [it for it in decision.report.verdicts if it.code == code]
    return found
