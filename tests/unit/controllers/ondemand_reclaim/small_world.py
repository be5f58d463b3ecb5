"""A small world around ondemand_reclaim: nodes, pods that move, a cloud that obeys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from kingtide.aws.autoscaling import (
    AutoScalingGroup,
    CapacityPool,
    Instance,
    Lifecycle,
    ScalingActivity,
)
from kingtide.control.action import Action, EvictPod, TerminateInstance
from kingtide.control.chance import Chance
from kingtide.control.claims import (
    DisruptionClaim,
    disruption_claim,
)
from kingtide.control.controller import check_declared
from kingtide.control.decision import Decision
from kingtide.control.group_labels import LABEL_PREFIX
from kingtide.control.index import ClusterIndex
from kingtide.control.outcome import Outcome, OutcomeStatus
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.ondemand_reclaim.decide import CONTROLLER
from kingtide.controllers.ondemand_reclaim.memory import OndemandReclaimMemory
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import GROUP_LABEL, LIFECYCLE_LABEL, Node
from kingtide.kube.pods import Condition, Container, OwnerReference, Pod, PodSpec, PodTemplate
from kingtide.kube.resources import Resources
from kingtide.kube.workloads import ReplicaSet
from tests.unit.controllers.node_writes import written

NOW_MS = 1_800_000_000_000
SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
GIB = 1024**3
AMOUNTS = Resources(cpu_millicores=4_000, memory_bytes=16 * GIB, pods=20)
POD_ENDS_MS = 10_000
POD_STARTS_MS = 45_000
CHANCE = Chance(seed=1, controller="ondemand_reclaim")


class Cloud:
    """A CloudView whose groups the test sets itself."""

    def __init__(self) -> None:
        self.groups: dict[str, AutoScalingGroup] = {}

    def activities_since(self, group: str, since_ms: int) -> Sequence[ScalingActivity]:
        return ()


class SmallWorld:
    """`run` makes a pass and performs its actions; `play` lets time go by in passes."""

    def __init__(self, **settings: Any) -> None:
        self.cluster = ClusterIndex()
        self.cloud = Cloud()
        self.policy = OndemandReclaimPolicy(**settings)
        self.memory: OndemandReclaimMemory = CONTROLLER.first_memory()
        self.now_ms = NOW_MS
        self.outcomes: tuple[Outcome, ...] = ()
        self.performed: list[Action] = []
        self.refused: dict[type[Action], str] = {}
        """Kinds of actions that the world refuses, with the code."""
        self.failed: dict[type[Action], str] = {}
        """Kinds of actions whose call fails, with the code."""
        self.do_pods_end = True
        self.least_ready: dict[str, int] = {}
        self.gone_ms: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        self._starts: dict[str, int] = {}
        self._pods = 0

    # ------------------------------------------------------------ the world

    def group(
        self,
        name: str,
        lifecycle: Lifecycle,
        *,
        nodes: int = 0,
        serves: str = "workers",
        age_ms: int = 3 * HOUR_MS,
        min_size: int = 0,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        self.cloud.groups[name] = AutoScalingGroup(
            name=name,
            min_size=min_size,
            max_size=100,
            desired_capacity=0,
            instance_types=("m5.xlarge",),
            zones=("eu-west-1a",),
            tags={LABEL_PREFIX + GROUP_LABEL: serves},
            on_demand_percentage_above_base=0 if lifecycle == "spot" else 100,
        )
        for number in range(nodes):
            self.node(f"{name}-{number}", name, age_ms=age_ms, labels=labels)

    def node(
        self,
        name: str,
        group_name: str,
        *,
        age_ms: int = 0,
        labels: Mapping[str, str] | None = None,
        conditions: Mapping[str, Condition] | None = None,
        **changes: Any,
    ) -> None:
        group = self.cloud.groups[group_name]
        serves = group.tags[LABEL_PREFIX + GROUP_LABEL]
        born_ms = self.now_ms - age_ms
        pool = CapacityPool("m5.xlarge", "eu-west-1a", group.lifecycle)
        added = Instance(f"i-{name}", group_name, pool, "InService", born_ms)
        self.cloud.groups[group_name] = msgspec.structs.replace(
            group,
            desired_capacity=group.desired_capacity + 1,
            instances=(*group.instances, added),
        )
        node = Node(
            name=name,
            uid=f"uid-{name}",
            labels={GROUP_LABEL: serves, LIFECYCLE_LABEL: group.lifecycle, **(labels or {})},
            capacity=AMOUNTS,
            allocatable=AMOUNTS,
            created_ms=born_ms,
            ready=Condition("True", born_ms),
            provider_id=f"aws:///eu-west-1a/i-{name}",
            conditions=conditions or {},
        )
        self.cluster.apply(None, msgspec.structs.replace(node, **changes))

    def pods(self, count: int, *, on: str, app: str = "web", **changes: Any) -> list[Pod]:
        """Add Ready pods on a node; the owner wants as many as were ever added."""
        requests = Resources(cpu_millicores=1_000, memory_bytes=GIB)
        spec = changes.pop("spec", PodSpec(containers=(Container("main", requests=requests),)))
        made = [self._new_pod(app, spec, on, **changes) for _ in range(count)]
        self.want(app, count)
        return made

    def change_node(self, name: str, **changes: Any) -> None:
        old = self.cluster.nodes[name]
        self.cluster.apply(old, msgspec.structs.replace(old, **changes))

    def ready_pods(self, app: str) -> int:
        return sum(
            pod.is_ready and pod.deletion_ms is None
            for name in self.cluster.nodes
            for pod in self.cluster.pods_on(name).values()
            if pod.labels.get("app") == app
        )

    def waits(self, app: str = "web", priority: int = 0) -> Pod:
        """Add a pod that the scheduler could not place."""
        spec = PodSpec(containers=(Container("main"),), priority=priority)
        pod = self._new_pod(app, spec, "")
        waiting = msgspec.structs.replace(
            pod, scheduled=Condition("False", self.now_ms, reason="Unschedulable"), ready=None
        )
        self.cluster.apply(pod, waiting)
        return waiting

    # ------------------------------------------------------------ the controller

    def run(self) -> Decision[OndemandReclaimMemory]:
        """Make a pass and perform its actions at once."""
        snapshot = Snapshot(self.cluster, self.cloud, "test", self.outcomes)
        decision = CONTROLLER.decide(snapshot, self.policy, self.memory, self.now_ms, CHANCE)
        check_declared(CONTROLLER, decision)
        for verdict in decision.report.verdicts:
            assert verdict.code in CONTROLLER.phrases.sentences, verdict
            CONTROLLER.phrases.tell(verdict)  # every detail its sentence needs is there
        self.memory = decision.memory
        self.outcomes = tuple(self._perform(action) for action in decision.actions)
        return decision

    def forget(self) -> None:
        """Restart the controller."""
        self.memory = CONTROLLER.first_memory()
        self.outcomes = ()

    def play(self, seconds: int, *, forgetting: bool = False) -> list[str]:
        """Let time go by in passes of 5 s and return the codes of what was reported."""
        codes: list[str] = []
        for _ in range(seconds // 5):
            if forgetting:
                self.forget()
            codes += [it.code for it in self.run().report.verdicts]
            self.now_ms += 5_000
            self.move()
        return codes

    def move(self) -> None:
        """End pods, make them again elsewhere, have them become Ready, remove nodes."""
        for uid, at_ms in list(self._starts.items()):
            if at_ms <= self.now_ms:
                del self._starts[uid]
                pod = self.cluster.pod(uid)
                if pod is not None:
                    ready = Condition("True", self.now_ms)
                    self.cluster.apply(pod, msgspec.structs.replace(pod, ready=ready))
        for uid, at_ms in list(self._ends.items()):
            if at_ms <= self.now_ms:
                del self._ends[uid]
                self._replace(uid)
        for group in self.cloud.groups.values():
            for instance in group.instances:
                if instance.state == "Terminating":
                    self._remove(instance)
        for app in {str(it.labels.get("app")): None for it in self._running()}:
            count = self.ready_pods(app)
            self.least_ready[app] = min(count, self.least_ready.get(app, count))

    def names(self, kind: type[Action]) -> list[str]:
        """Return the nodes, or pods, of all actions of a kind that were performed."""
        return [
            str(getattr(it, "node", None) or getattr(it, "name", None))
            for it in self.performed
            if isinstance(it, kind)
        ]

    def claim(self, node: str) -> DisruptionClaim | None:
        return disruption_claim(self.cluster.nodes[node].annotations)

    # ------------------------------------------------------------ what the world does

    def _perform(self, action: Action) -> Outcome:
        kind = type(action)
        if kind in self.refused or kind in self.failed:
            code = self.refused.get(kind) or self.failed[kind]
            status: OutcomeStatus = "refused" if kind in self.refused else "failed"
            return Outcome(action, status, self.now_ms, code)
        match action:
            case EvictPod():
                self._evict(action.uid)
            case TerminateInstance():
                self._terminate(action.group, action.instance_id)
            case _:
                node = self.cluster.nodes[str(getattr(action, "node", ""))]
                changed = written(node, action)
                if changed is None:
                    return Outcome(action, "precondition_failed", self.now_ms, "Claimed")
                self.cluster.apply(node, changed)
        self.performed.append(action)
        return Outcome(action, "done", self.now_ms)

    def _evict(self, uid: str) -> None:
        pod = self.cluster.pod(uid)
        assert pod is not None
        assert pod.deletion_ms is None, f"{pod.key} is evicted twice"
        self.cluster.apply(pod, msgspec.structs.replace(pod, deletion_ms=self.now_ms))
        if self.do_pods_end:
            self._ends[pod.uid] = self.now_ms + POD_ENDS_MS

    def _running(self) -> list[Pod]:
        return [it for name in self.cluster.nodes for it in self.cluster.pods_on(name).values()]

    def _replace(self, uid: str) -> None:
        pod = self.cluster.pod(uid)
        assert pod is not None
        self.cluster.apply(pod, None)
        if pod.owner is None or pod.owner.kind == "DaemonSet":
            return
        for name, node in self.cluster.nodes.items():
            is_full = len(self.cluster.pods_on(name)) >= 4
            if not node.unschedulable and node.is_spot and not is_full:
                made = self._new_pod(str(pod.labels["app"]), pod.spec, name)
                self.cluster.apply(made, msgspec.structs.replace(made, ready=None))
                self._starts[made.uid] = self.now_ms + POD_STARTS_MS
                return
        self.waits(str(pod.labels["app"]))

    def _new_pod(self, app: str, spec: PodSpec, on: str, **changes: Any) -> Pod:
        self._pods += 1
        pod = Pod(
            namespace="shop",
            name=f"{app}-{self._pods}",
            uid=f"pod-{self._pods}",
            spec=spec,
            labels={"app": app},
            created_ms=self.now_ms,
            owner=changes.pop("owner", OwnerReference("ReplicaSet", app)),
            node_name=on,
            phase="Running" if on else "Pending",
            ready=Condition("True", self.now_ms),
            **changes,
        )
        self.cluster.apply(None, pod)
        return pod

    def want(self, app: str, more: int) -> None:
        """Have the owner of some pods want so many more (or less)."""
        wanted = more + (self.cluster.controller_replicas("ReplicaSet", "shop", app) or 0)
        template = PodTemplate({"app": app}, PodSpec(containers=(Container("main"),)))
        self.cluster.apply(
            None, ReplicaSet("shop", app, f"rs-{app}", wanted, template, LabelSelector())
        )

    def _terminate(self, group_name: str, instance_id: str) -> None:
        group = self.cloud.groups[group_name]
        assert group.desired_capacity > group.min_size
        instances = tuple(
            it
            if it.instance_id != instance_id
            else msgspec.structs.replace(it, state="Terminating")
            for it in group.instances
        )
        self.cloud.groups[group_name] = msgspec.structs.replace(
            group, instances=instances, desired_capacity=group.desired_capacity - 1
        )

    def _remove(self, instance: Instance) -> None:
        group = self.cloud.groups[instance.group]
        kept = tuple(it for it in group.instances if it != instance)
        self.cloud.groups[group.name] = msgspec.structs.replace(group, instances=kept)
        name = instance.instance_id.removeprefix("i-")
        left = [it.key for it in self.cluster.pods_on(name).values() if it.owner is not None]
        assert not [it for it in left if "daemon" not in it], f"{name} went away with {left}"
        for pod in list(self.cluster.pods_on(name).values()):
            self.cluster.apply(pod, None)
            self._ends.pop(pod.uid, None)
        self.cluster.apply(self.cluster.nodes[name], None)
        self.gone_ms[name] = self.now_ms
