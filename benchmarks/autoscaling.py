"""Passes of node_autoscaling on a big cluster: nothing changed, pods waiting, seen the first time.

`python -m benchmarks.autoscaling` prints the medians in milliseconds.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import msgspec

from kingtide.aws.autoscaling import (
    AutoScalingGroup,
    CapacityPool,
    Instance,
    Lifecycle,
    ScalingActivity,
)
from kingtide.control.chance import Chance
from kingtide.control.decision import Decision
from kingtide.control.index import ClusterIndex
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.node_autoscaling.decide import decide
from kingtide.controllers.node_autoscaling.memory import NodeAutoscalingMemory
from kingtide.controlplane.node_resources import allocatable
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL, INSTANCE_TYPE_LABEL, ZONE_LABEL, Node
from kingtide.kube.pods import Condition, Container, OwnerReference, Pod, PodSpec, PodTemplate
from kingtide.kube.resources import Resources
from kingtide.kube.workloads import ConfigMap, ReplicaSet

NODES, PODS, GROUPS, SHAPES = 1_000, 30_000, 12, 50
PENDING = 500
TYPE = "m5.4xlarge"
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
START_MS = 1_800_000_000_000
GIB = 1024**3
CHANCE = Chance(1, "node_autoscaling")
POLICY = NodeAutoscalingPolicy()

UNCHANGED_RUNS, PENDING_RUNS, COLD_RUNS = 200, 15, 7
"""Short passes are timed often; a cold pass is long enough to need few."""


class _Cloud:
    """A CloudView of groups without a failure."""

    def __init__(self, groups: dict[str, AutoScalingGroup]) -> None:
        self.groups = groups

    def activities_since(self, group: str, since_ms: int) -> Sequence[ScalingActivity]:
        return ()


class _World:
    """The cluster and its cloud, built once; passes do not change them."""

    def __init__(self) -> None:
        self.cluster = ClusterIndex()
        self.specs = [_spec(number) for number in range(SHAPES)]
        instances: list[list[Instance]] = [[] for _ in range(GROUPS)]
        for number in range(NODES):
            instances[number % GROUPS].append(self._node(number))
        groups = [_group(number, tuple(found)) for number, found in enumerate(instances)]
        self.cloud = _Cloud({group.name: group for group in groups})
        for number in range(SHAPES):
            self.cluster.apply(None, _replica_set(number, self.specs[number]))
        for number in range(PODS):
            self._pod(number, node=f"node-{_place(number)}")
        tiers = {"priorities": "20: [^spot-]\n10: [^on-demand-]\n"}
        name = "cluster-autoscaler-priority-expander"
        self.cluster.apply(None, ConfigMap("kube-system", name, tiers))

    def add_pending(self) -> None:
        """Have pods wait that fit on no node that is there."""
        for number in range(PODS, PODS + PENDING):
            self._pod(number, node="")

    def decide(self, memory: NodeAutoscalingMemory, now_ms: int) -> Decision[NodeAutoscalingMemory]:
        """Make one pass."""
        snapshot = Snapshot(self.cluster, self.cloud, "bench")
        return decide(snapshot, POLICY, memory, now_ms, CHANCE)

    def _node(self, number: int) -> Instance:
        name, instance_id, zone = f"node-{number}", f"i-{number:06d}", ZONES[number % 3]
        amounts = allocatable(TYPE)
        labels = {INSTANCE_TYPE_LABEL: TYPE, HOSTNAME_LABEL: name, ZONE_LABEL: zone}
        node = Node(
            name=name,
            uid=name,
            labels=labels,
            capacity=amounts,
            allocatable=amounts,
            created_ms=START_MS - 86_400_000,
            ready=Condition("True", START_MS - 86_300_000),
            provider_id=f"aws:///{zone}/{instance_id}",
        )
        self.cluster.apply(None, node)
        group = number % GROUPS
        lifecycle: Lifecycle = "spot" if group < GROUPS // 2 else "on-demand"
        pool = CapacityPool(TYPE, zone, lifecycle)
        return Instance(instance_id, _name(group), pool, "InService", START_MS - 86_400_000)

    def _pod(self, number: int, node: str) -> None:
        shape = number % SHAPES
        spec = self.specs[shape]
        if not node:  # wide, so that no room is left for it on nodes that are there
            container = Container("app", requests=Resources(cpu_millicores=11_500 + shape))
            spec = msgspec.structs.replace(spec, containers=(container,))
        condition = Condition("True" if node else "False", START_MS - 60_000, "Unschedulable")
        pod = Pod(
            namespace="bench",
            name=f"app{shape}-{number}",
            uid=f"pod-{number}",
            spec=spec,
            labels={"app": f"app{shape}"},
            created_ms=START_MS - 60_000,
            owner=OwnerReference("ReplicaSet", f"app{shape}"),
            node_name=node,
            phase="Running" if node else "Pending",
            scheduled=condition,
        )
        self.cluster.apply(None, pod)


def _place(number: int) -> int:
    """Return the node of a pod: every fifth has half as many as the others, so may be unneeded."""
    node = number % NODES
    gives_away = node % 5 == 0 and (number // NODES) % 2 == 1
    return node + 1 + (number // NODES // 2) % 4 if gives_away else node


def measure_passes() -> dict[str, float]:
    """Return median milliseconds by kind of pass: `unchanged`, `pending_500` and `cold`."""
    world = _World()
    cold = _milliseconds(COLD_RUNS, lambda: world.decide(NodeAutoscalingMemory(), START_MS))
    memory = world.decide(NodeAutoscalingMemory(), START_MS).memory
    memory = world.decide(memory, START_MS + 10_000).memory
    unchanged = _milliseconds(UNCHANGED_RUNS, lambda: world.decide(memory, START_MS + 20_000))
    world.add_pending()
    asked = world.decide(memory, START_MS + 30_000).actions
    if not asked:
        raise RuntimeError("500 pending pods caused no node: this measures something else")
    pending = _milliseconds(PENDING_RUNS, lambda: world.decide(memory, START_MS + 30_000))
    return {"unchanged": unchanged, "pending_500": pending, "cold": cold}


def _milliseconds(runs: int, work: Callable[[], object]) -> float:
    taken = []
    gc.collect()
    gc.disable()  # the fixture's own hundred thousands of objects are not the pass's work
    try:
        for _ in range(runs):
            began = time.perf_counter()
            work()
            taken.append(time.perf_counter() - began)
    finally:
        gc.enable()
    return round(1000 * statistics.median(taken), 3)


def _name(number: int) -> str:
    kind = "spot" if number < GROUPS // 2 else "on-demand"
    return f"{kind}-workers{number}-4x"


def _group(number: int, instances: tuple[Instance, ...]) -> AutoScalingGroup:
    tags = {
        "k8s.io/cluster-autoscaler/enabled": "true",
        "k8s.io/cluster-autoscaler/bench": "true",
    }
    percentage = 0 if number < GROUPS // 2 else 100
    return AutoScalingGroup(
        name=_name(number),
        min_size=0,
        max_size=400,
        desired_capacity=len(instances),
        instance_types=(TYPE,),
        zones=ZONES,
        tags=tags,
        on_demand_percentage_above_base=percentage,
        instances=instances,
    )


def _spec(number: int) -> PodSpec:
    requests = Resources(cpu_millicores=300 + number, memory_bytes=GIB)
    return PodSpec(containers=(Container("app", requests=requests),))


def _replica_set(number: int, spec: PodSpec) -> ReplicaSet:
    name = f"app{number}"
    template = PodTemplate({"app": name}, spec)
    return ReplicaSet("bench", name, name, PODS // SHAPES, template, LabelSelector())


if __name__ == "__main__":
    for kind, milliseconds in measure_passes().items():
        sys.stdout.write(f"{kind:12} {milliseconds:8.3f} ms\n")
