"""Small worlds made by hand, for tests that look at one thing."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kingtide.aws.autoscaling import AutoScalingGroup
from kingtide.controlplane.hpa.model import (
    HpaControllerConfig,
    HpaSpec,
    ResourceMetric,
    UtilizationTarget,
)
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL, Node
from kingtide.kube.pods import Condition, Container, PodSpec, PodTemplate
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Taint, Toleration
from kingtide.kube.workloads import DaemonSet
from kingtide.roster.registry import ControllerRun
from kingtide.twin.definition import (
    Application,
    Autoscaler,
    DemandPoint,
    NodeGroup,
    Outage,
    WorldDefinition,
)
from kingtide.twin.latencies import Latency, constant
from kingtide.twin.world import World

START_MS = 1_700_000_000_000
SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
GIB = 1 << 30
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
PROMPT = constant(2_000, "test")


def fixed_node(name: str, millicores: int = 4_000, taints: tuple[Taint, ...] = ()) -> Node:
    """A node that no cloud stands behind, old and Ready; 16 GiB and 110 pods."""
    room = Resources(millicores, 16 * GIB, 100 * GIB, 110)
    since_ms = START_MS - 24 * HOUR_MS
    return Node(
        name,
        f"node/{name}",
        {HOSTNAME_LABEL: name},
        room,
        room,
        since_ms,
        Condition("True", since_ms),
        taints=taints,
    )


def group(
    name: str, running: int, *, spot: bool = False, maximum: int = 100, size: str = "4xlarge"
) -> NodeGroup:
    """An Auto Scaling group of three types in three zones."""
    types = tuple(f"{family}.{size}" for family in ("c5", "c5d", "m5"))
    tags = {
        "k8s.io/cluster-autoscaler/enabled": "true",
        "k8s.io/cluster-autoscaler/test": "true",
    }
    return NodeGroup(
        AutoScalingGroup(name, 0, maximum, 0, types, ZONES, tags, 0, 0 if spot else 100),
        running=running,
    )


def spec(
    millicores: int,
    *,
    priority: int = 0,
    grace_seconds: int = 30,
    tolerations: tuple[Toleration, ...] = (),
    limit_millicores: int | None = None,
) -> PodSpec:
    """One container with this CPU request and a MiB of memory a millicore."""
    requests = Resources(millicores, millicores << 20)
    limits = None if limit_millicores is None else Resources(limit_millicores)
    return PodSpec(
        (Container("c", requests=requests, limits=limits),),
        priority=priority,
        termination_grace_period_seconds=grace_seconds,
        tolerations=tolerations,
    )


def autoscaler(
    name: str,
    least: int,
    most: int,
    *,
    target_percent: int = 70,
    stabilization_seconds: int = 300,
) -> Autoscaler:
    """A CPU autoscaler without behaviours, with its controller's downscale window."""
    metric = ResourceMetric("cpu", UtilizationTarget(target_percent))
    return Autoscaler(
        HpaSpec("test", name, most, (metric,), least),
        HpaControllerConfig(downscale_stabilization_seconds=stabilization_seconds),
    )


def application(
    name: str,
    replicas: int,
    millicores: int = 1_000,
    *,
    priority: int = 0,
    priority_class: str = "default",
    demand: Sequence[tuple[int, int]] = (),
    scaling: Autoscaler | None = None,
    ready_after_ms: Latency | None = PROMPT,
    grace_seconds: int = 30,
    idle_millicores: int = 0,
    startup_millicores: int = 0,
    depends_on: str | None = None,
    outages: tuple[Outage, ...] = (),
    tolerations: tuple[Toleration, ...] = (),
    limit_millicores: int | None = None,
) -> Application:
    """A Deployment; `demand` is (milliseconds after the start, millicores)."""
    pod_spec = spec(
        millicores,
        priority=priority,
        grace_seconds=grace_seconds,
        tolerations=tolerations,
        limit_millicores=limit_millicores,
    )
    return Application(
        namespace="test",
        name=name,
        priority_class=priority_class,
        template=PodTemplate({"app": name}, pod_spec),
        replicas=replicas,
        demand=tuple(DemandPoint(START_MS + at_ms, amount) for at_ms, amount in demand),
        idle_millicores=idle_millicores,
        ready_after_ms=ready_after_ms,
        startup_millicores=startup_millicores,
        autoscaler=scaling,
        depends_on=depends_on,
        outages=outages,
    )


def pause(replicas: int, millicores: int = 2_000) -> Application:
    """Overprovisioning: pause pods of priority -10 that go without grace."""
    return application(
        "overprovisioning",
        replicas,
        millicores,
        priority=-10,
        priority_class="overprovisioning",
        ready_after_ms=None,
        grace_seconds=0,
    )


def daemon_set(name: str, millicores: int = 300, *, priority: int = 2_000_001_000) -> DaemonSet:
    """A DaemonSet for every node without taints."""
    template = PodTemplate({"daemon": name}, spec(millicores, priority=priority))
    return DaemonSet("kube-system", name, f"daemonset/{name}", template, LabelSelector())


def definition(
    *applications: Application,
    nodes: Sequence[Node] = (),
    groups: Sequence[NodeGroup] = (),
    seed: int = 1,
    hours: int = 1,
    **changes: object,
) -> WorldDefinition:
    """A world of these parts, without controllers of ours unless `changes` say so.

    `node_autoscaling=policy` and `overprovisioning=(policy, ...)` are short for `controllers`.
    """
    fields: dict[str, object] = {
        "cluster_name": "test",
        "seed": seed,
        "start_ms": START_MS,
        "end_ms": START_MS + hours * HOUR_MS,
        "node_groups": tuple(groups),
        "applications": applications,
        "fixed_nodes": tuple(nodes),
        **changes,
    }
    autoscaling = fields.pop("node_autoscaling", None)
    pauses = fields.pop("overprovisioning", ())
    assert isinstance(pauses, tuple)
    runs = [("nodeAutoscaling", autoscaling), *(("overprovisioning", it) for it in pauses)]
    controllers = tuple(
        ControllerRun(key, policy) for key, policy in runs if isinstance(policy, msgspec.Struct)
    )
    fields.setdefault("controllers", controllers)
    return WorldDefinition(**fields)  # type: ignore[arg-type]  # fields by name, as tests give them


def run_for(world: World, duration_ms: int) -> None:
    """Move a world on by some time."""
    assert world.run_until(world.engine.now_ms + duration_ms)


def pods_of(world: World, name: str) -> int:
    """How many pods of an application exist that nobody is deleting."""
    return world.availability.applications[f"test/{name}"].pods


def available(world: World, name: str) -> int:
    """How many pods of an application are Ready."""
    return world.availability.applications[f"test/{name}"].available


def replicas(world: World, name: str) -> int:
    """How many replicas an application's Deployment wants."""
    return world.store.deployments[f"test/{name}"].replicas
