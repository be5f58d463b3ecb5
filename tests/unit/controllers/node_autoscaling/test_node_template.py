"""What a group's next node will look like."""

from __future__ import annotations

import msgspec

from kingtide.aws.autoscaling import AutoScalingGroup
from kingtide.control.group_labels import LABEL_PREFIX
from kingtide.controllers.node_autoscaling.node_template import build_template
from kingtide.controllers.node_autoscaling.similar import are_similar
from kingtide.controllers.node_autoscaling.template_tags import RESOURCE_PREFIX
from kingtide.controlplane.node_resources import allocatable
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import INSTANCE_TYPE_LABEL, ZONE_LABEL, Node
from kingtide.kube.pods import Condition, Container, PodSpec, PodTemplate
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Taint, Toleration
from kingtide.kube.workloads import DaemonSet

GIB = 1024**3


def group(*types: str, **tags: str) -> AutoScalingGroup:
    return AutoScalingGroup(
        name="spot",
        min_size=0,
        max_size=10,
        desired_capacity=0,
        instance_types=types or ("c5.4xlarge", "r5.4xlarge"),
        zones=("eu-west-1a", "eu-west-1b"),
        tags=tags,
    )


def node(instance_type: str, memory_gib: int, **changes: object) -> Node:
    amounts = Resources(cpu_millicores=15_000, memory_bytes=memory_gib * GIB, pods=58)
    made = Node(
        name="real",
        uid="uid",
        labels={INSTANCE_TYPE_LABEL: instance_type, "team": "web", "kubernetes.io/hostname": "ip"},
        capacity=amounts,
        allocatable=amounts,
        created_ms=0,
        ready=Condition("True", 0),
    )
    return msgspec.structs.replace(made, **changes)


def daemon_set(name: str, cpu: int, *tolerations: Toleration, **selector: str) -> DaemonSet:
    requests = Resources(cpu_millicores=cpu, memory_bytes=GIB)
    spec = PodSpec(
        containers=(Container("main", requests=requests),),
        tolerations=tolerations,
        node_selector=tuple(selector.items()),
    )
    return DaemonSet("kube-system", name, name, PodTemplate({}, spec), LabelSelector())


def test_from_zero_the_first_type_tells_the_size() -> None:
    template = build_template(group(), None, (), ())
    assert template is not None
    assert template.node.allocatable == allocatable("c5.4xlarge")
    assert template.node.labels[INSTANCE_TYPE_LABEL] == "c5.4xlarge"
    assert template.node.labels[ZONE_LABEL] == "eu-west-1a"
    assert template.node.labels["topology.kubernetes.io/region"] == "eu-west-1"


def test_tags_give_labels_and_override_resources_from_zero() -> None:
    tags = {LABEL_PREFIX + "team": "api", RESOURCE_PREFIX + "memory": "20Gi"}
    tags[RESOURCE_PREFIX + "nvidia.com/gpu"] = "2"
    template = build_template(group(**tags), None, (), ())
    assert template is not None
    assert template.node.labels["team"] == "api"
    assert template.node.allocatable.memory_bytes == 20 * GIB
    assert template.node.allocatable.extended == (("nvidia.com/gpu", 2),)


def test_a_real_node_of_the_first_type_tells_more() -> None:
    template = build_template(group(), node("c5.4xlarge", 28), (), ())
    assert template is not None
    assert template.node.allocatable.memory_bytes == 28 * GIB
    assert template.node.labels["team"] == "web"
    assert "kubernetes.io/hostname" not in template.node.labels


def test_a_real_node_of_a_bigger_type_does_not_tell_the_size() -> None:
    template = build_template(group(), node("r5.4xlarge", 120), (), ())
    assert template is not None
    assert template.node.allocatable == allocatable("c5.4xlarge")


def test_a_type_nobody_knows_leaves_the_size_open_until_a_node_tells_it() -> None:
    assert build_template(group("z9.mega"), None, (), ()) is None
    template = build_template(group("z9.mega"), node("z9.mega", 28), (), ())
    assert template is not None
    assert template.node.allocatable.memory_bytes == 28 * GIB


def test_passing_taints_of_a_real_node_are_not_on_the_next() -> None:
    taints = (
        Taint("node.kubernetes.io/not-ready", "NoSchedule"),
        Taint("ToBeDeletedByClusterAutoscaler", "NoSchedule", "1"),
        Taint("kingtide.dev/interrupted", "NoSchedule", "rebalance"),
        Taint("aws-node-termination-handler/spot-itn", "NoSchedule", "x"),
        Taint("cni/starting", "NoSchedule"),
        Taint("dedicated", "NoSchedule", "api"),
    )
    template = build_template(group(), node("c5.4xlarge", 28, taints=taints), (), ("cni/starting",))
    assert template is not None
    assert [it.key for it in template.node.taints] == ["dedicated"]


def test_daemons_take_their_share_where_they_run() -> None:
    taints = (Taint("dedicated", "NoSchedule", "api"),)
    daemon_sets = (
        daemon_set("everywhere", 200, Toleration(operator="Exists")),
        daemon_set("not-there", 400),
        daemon_set("other-team", 800, Toleration(operator="Exists"), team="api"),
    )
    real = node("c5.4xlarge", 28, taints=taints)
    template = build_template(group(), real, daemon_sets, ())
    assert template is not None
    assert template.daemons == Resources(cpu_millicores=200, memory_bytes=GIB, pods=1)
    assert template.free.cpu_millicores == 14_800
    assert template.free.pods == 57


def test_spot_and_on_demand_are_never_alike() -> None:
    spot = build_template(group(**{LABEL_PREFIX + "lifecycle": "spot"}), None, (), ())
    on_demand = build_template(group(**{LABEL_PREFIX + "lifecycle": "on-demand"}), None, (), ())
    assert spot is not None
    assert on_demand is not None
    assert are_similar(spot, spot)
    assert not are_similar(spot, on_demand)


def test_another_zone_or_type_of_the_same_size_is_alike() -> None:
    a = build_template(group("c5.4xlarge"), None, (), ())
    b = build_template(group("c5d.4xlarge"), None, (), ())
    bigger = build_template(group("r5.4xlarge"), None, (), ())
    assert a is not None
    assert b is not None
    assert bigger is not None
    assert are_similar(a, b)
    assert not are_similar(a, bigger)
