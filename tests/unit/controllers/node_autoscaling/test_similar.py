"""Which groups' next nodes are alike."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.controllers.node_autoscaling.node_template import NodeTemplate
from kingtide.controllers.node_autoscaling.similar import are_similar
from kingtide.kube.nodes import INSTANCE_TYPE_LABEL, Node
from kingtide.kube.resources import NO_RESOURCES
from kingtide.kube.taints import Taint
from tests.unit.controlplane.scheduling.situations import GIBIBYTE, node

GPU = (("nvidia.com/gpu", 1),)
TWO_GPUS = (("nvidia.com/gpu", 2),)
# 1,000 GiB, so that permille are whole.
LARGE_GIB = 1000


def _template(of: Node) -> NodeTemplate:
    return NodeTemplate(of, NO_RESOURCES, of.allocatable)


ONE = node("one", 4_000, LARGE_GIB, extended=GPU)


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        pytest.param(ONE, True, id="the same"),
        pytest.param(node("b", 8_000, LARGE_GIB, extended=GPU), False, id="other processors only"),
        pytest.param(node("b", 4_000, LARGE_GIB, extended=TWO_GPUS), False, id="other GPUs only"),
        pytest.param(node("b", 4_000, LARGE_GIB), False, id="no GPU"),
        pytest.param(node("b", 4_000, 985, extended=GPU), True, id="1.5 % less memory"),
        pytest.param(node("b", 4_000, 984, extended=GPU), False, id="1.6 % less memory"),
        pytest.param(
            node("b", 4_000, LARGE_GIB, extended=GPU, zone="eu-west-1b"), True, id="another zone"
        ),
        pytest.param(
            node("b", 4_000, LARGE_GIB, extended=GPU, labels={INSTANCE_TYPE_LABEL: "p3.2xlarge"}),
            True,
            id="another instance type",
        ),
        pytest.param(
            node("b", 4_000, LARGE_GIB, extended=GPU, labels={"team": "b"}), False, id="a label"
        ),
        pytest.param(
            node("b", 4_000, LARGE_GIB, extended=GPU, taints=(Taint("x", "NoSchedule"),)),
            False,
            id="a taint",
        ),
    ],
)
def test_nodes_are_alike_with_the_same_labels_taints_and_sizes(other: Node, alike: bool) -> None:
    assert are_similar(_template(ONE), _template(other)) is alike
    assert are_similar(_template(other), _template(ONE)) is alike


@pytest.mark.parametrize(("free_gib", "alike"), [(950, True), (949, False)])
def test_of_what_is_free_a_twentieth_may_differ(free_gib: int, alike: bool) -> None:
    free = msgspec.structs.replace(ONE.allocatable, memory_bytes=free_gib * GIBIBYTE)
    assert are_similar(_template(ONE), NodeTemplate(ONE, NO_RESOURCES, free)) is alike
