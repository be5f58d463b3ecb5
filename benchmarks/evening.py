"""Big evenings as world definitions: many nodes, many applications, two peaks."""

from __future__ import annotations

from kingtide.aws.autoscaling import AutoScalingGroup
from kingtide.controlplane.hpa.model import (
    HpaControllerConfig,
    HpaSpec,
    ResourceMetric,
    UtilizationTarget,
)
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Container, PodSpec, PodTemplate
from kingtide.kube.resources import Resources
from kingtide.kube.workloads import ConfigMap, DaemonSet
from kingtide.roster.registry import CONTROLLERS, ControllerRun
from kingtide.twin.definition import (
    Application,
    Autoscaler,
    DemandPoint,
    NodeGroup,
    WorldDefinition,
)
from kingtide.twin.latencies import Latency
from kingtide.twin.seed import SeedTree

START_MS = 1_700_000_000_000
MINUTE_MS = 60_000
GIB = 1024**3
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
SIZES = {
    "4x": ("c5.4xlarge", "c5d.4xlarge", "c6i.4xlarge", "m5.4xlarge", "m5d.4xlarge", "m6i.4xlarge"),
}
USABLE_MILLICORES = 14_500
"""Of a 16-core node after kube-reserved and the DaemonSets below."""
READY_AFTER = Latency(((0, 15_000), (50, 25_000), (100, 45_000)), "benchmark")


def evening(
    *,
    nodes: int,
    pods: int,
    hours: int,
    applications: int = 50,
    groups: int = 12,
    seed: int = 1,
    every_controller: bool = True,
) -> WorldDefinition:
    """Return an evening with two peaks of +55 % in a minute.

    `pods` application pods run on `nodes` nodes at the start; half of the groups are spot. Pods
    request what fills the nodes to about 90 %. All registered controllers run, or those only that a
    scenario runs unasked.
    """
    seeds = SeedTree(seed)
    request = USABLE_MILLICORES * nodes * 9 // 10 // pods
    each = pods // applications
    apps = tuple(
        _application(number, each, request, hours, seeds) for number in range(applications)
    )
    spot = groups // 2
    return WorldDefinition(
        cluster_name="bench",
        seed=seed,
        start_ms=START_MS,
        end_ms=START_MS + hours * 60 * MINUTE_MS,
        node_groups=tuple(
            _group(number, nodes, spot=number < spot, running=nodes // spot if number < spot else 0)
            for number in range(groups)
        ),
        applications=(*apps, _pause()),
        daemon_sets=tuple(_daemon_set(number) for number in range(2)),
        config_maps=(
            ConfigMap(
                "kube-system",
                "cluster-autoscaler-priority-expander",
                {"priorities": "50:\n  - ^spot-nodes-\n10:\n  - ^on-demand-\n"},
            ),
            ConfigMap(
                "overprovisioning",
                "overprovisioning",
                {"ladder": '{"coresToReplicas":[[16,4],[100,10],[200,20],[5000,60]]}'},
            ),
        ),
        controllers=tuple(
            ControllerRun(key, registered.policy())
            for key, registered in CONTROLLERS.items()
            if every_controller or registered.runs_unasked
        ),
    )


def _group(number: int, most: int, *, spot: bool, running: int) -> NodeGroup:
    name = f"{'spot-nodes' if spot else 'on-demand'}-workers{number}-4x"
    tags = {
        "k8s.io/cluster-autoscaler/enabled": "true",
        "k8s.io/cluster-autoscaler/bench": "true",
    }
    percentage = 0 if spot else 100
    group = AutoScalingGroup(name, 0, most, 0, SIZES["4x"], ZONES, tags, 0, percentage)
    return NodeGroup(group, running=running)


def _application(
    number: int, replicas: int, request: int, hours: int, seeds: SeedTree
) -> Application:
    name = f"app{number:02d}"
    base = replicas * request * 69 // 100
    # Two peaks for everybody, ten minutes apart, each application a few minutes beside the others.
    first = hours * 30 + seeds.below(4, "bench/first", name)
    second = first + 10 + seeds.below(3, "bench/second", name)
    share = (100, 100, 155, 155, 110, 110, 155, 155, 100)
    minutes = (
        0,
        first,
        first + 1,
        first + 4,
        first + 7,
        second,
        second + 1,
        second + 5,
        second + 9,
    )
    demand = tuple(
        DemandPoint(START_MS + m * MINUTE_MS, base * s // 100)
        for m, s in zip(minutes, share, strict=True)
    )
    priority, name_of_class = ((5, "high"), (0, "default"), (-5, "low"))[number % 3]
    resources = Resources(cpu_millicores=request, memory_bytes=GIB)
    spec = PodSpec(containers=(Container("app", requests=resources),), priority=priority)
    hpa = HpaSpec(
        "bench",
        name,
        replicas * 3,
        (ResourceMetric("cpu", UtilizationTarget(70)),),
        max(1, replicas // 2),
    )
    return Application(
        namespace="bench",
        name=name,
        priority_class=name_of_class,
        template=PodTemplate(labels={"app": name}, spec=spec),
        replicas=replicas,
        demand=demand,
        ready_after_ms=READY_AFTER,
        startup_millicores=request // 2,
        autoscaler=Autoscaler(hpa, HpaControllerConfig()),
    )


def _pause() -> Application:
    resources = Resources(cpu_millicores=4_000, memory_bytes=4 * GIB)
    spec = PodSpec(
        containers=(Container("pause", requests=resources),),
        priority=-10,
        termination_grace_period_seconds=0,
    )
    template = PodTemplate(labels={"app": "overprovisioning"}, spec=spec)
    return Application("overprovisioning", "overprovisioning", "overprovisioning", template, 20)


def _daemon_set(number: int) -> DaemonSet:
    resources = Resources(cpu_millicores=300, memory_bytes=GIB // 2)
    container = Container("daemon", requests=resources, limits=resources)
    template = PodTemplate(
        labels={"daemon": str(number)},
        spec=PodSpec(containers=(container,), priority=2_000_001_000),
    )
    return DaemonSet("kube-system", f"daemon{number}", f"daemon{number}", template, LabelSelector())
