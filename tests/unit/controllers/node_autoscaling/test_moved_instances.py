"""Instances are told apart by what their group says of them."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.aws.autoscaling import AutoScalingGroup, CapacityPool, Instance, InstanceState
from kingtide.controllers.node_autoscaling.moved_instances import Described, moved_instances
from kingtide.controllers.node_autoscaling.template_tags import default_options
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy

OPTIONS = default_options(NodeAutoscalingPolicy().scale_down)
OTHERS = msgspec.structs.replace(OPTIONS, unneeded_ms=OPTIONS.unneeded_ms + 1)
POOL = CapacityPool("c5.large", "eu-west-1a", "spot")


def instance(instance_id: str, state: InstanceState = "InService") -> Instance:
    return Instance(instance_id, "g", POOL, state, 300)


def described(*instances: Instance) -> Described:
    group = AutoScalingGroup("g", 0, 9, 2, ("c5.large",), ("eu-west-1a",), {}, instances=instances)
    return group, OPTIONS


BEFORE = described(instance("i-1"), instance("i-2"))


@pytest.mark.parametrize(
    ("new", "moved"),
    [
        pytest.param(BEFORE, [], id="nothing changed"),
        pytest.param(described(instance("i-2"), instance("i-1")), [], id="told anew and shuffled"),
        pytest.param(described(instance("i-1")), ["i-2"], id="one went"),
        pytest.param(described(*BEFORE[0].instances, instance("i-3")), ["i-3"], id="one came"),
        pytest.param(
            described(instance("i-1", "Terminating"), instance("i-2")), ["i-1"], id="one leaves"
        ),
        pytest.param(
            described(instance("i-1", "Pending"), instance("i-2")), [], id="one is not in service"
        ),
        pytest.param((BEFORE[0], OTHERS), ["i-1", "i-2"], id="other options"),
        pytest.param(None, ["i-1", "i-2"], id="no group of ours any more"),
    ],
)
def test_instances_that_stand_otherwise_are_told(new: Described | None, moved: list[str]) -> None:
    assert list(moved_instances(BEFORE, new)) == moved
    assert sorted(moved_instances(new, BEFORE)) == moved
