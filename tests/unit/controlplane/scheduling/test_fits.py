"""What nodes refuse, in the scheduler's words."""

from __future__ import annotations

import pytest

from kingtide.controlplane.scheduling import fits
from kingtide.controlplane.scheduling.shape import ShapeTable
from kingtide.kube.labels import NodeSelectorTerm, Requirement
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Container, PodSpec
from kingtide.kube.resources import Resources
from kingtide.kube.taints import UNSCHEDULABLE, Taint, Toleration
from tests.unit.controlplane.scheduling.situations import GIBIBYTE, node, pod, requesting

ON_SPOT = NodeSelectorTerm((Requirement("pool", "In", ("spot",)),))
ON_A = NodeSelectorTerm(match_fields=(Requirement("metadata.name", "In", ("a",)),))


@pytest.mark.parametrize(
    ("spec", "at", "reason"),
    [
        pytest.param(requesting(), node("a"), None, id="nothing stands against it"),
        pytest.param(
            requesting(), node("a", unschedulable=True), fits.UNSCHEDULABLE_NODE, id="cordoned"
        ),
        pytest.param(
            requesting(tolerations=(Toleration(UNSCHEDULABLE, "Exists"),)),
            node("a", unschedulable=True),
            None,
            id="cordon tolerated",
        ),
        pytest.param(
            requesting(),
            node("a", taints=(Taint("x", "NoExecute"),)),
            fits.UNTOLERATED_TAINT,
            id="tainted",
        ),
        pytest.param(
            requesting(), node("a", taints=(Taint("x", "PreferNoSchedule"),)), None, id="advice"
        ),
        pytest.param(
            requesting(node_selector=(("pool", "spot"),)),
            node("a"),
            fits.AFFINITY_MISMATCH,
            id="selector",
        ),
        pytest.param(
            requesting(required_node_affinity=(ON_SPOT,)),
            node("a", labels={"pool": "general"}),
            fits.AFFINITY_MISMATCH,
            id="affinity",
        ),
        pytest.param(
            requesting(required_node_affinity=(ON_SPOT, ON_A)), node("a"), None, id="one term"
        ),
        pytest.param(
            requesting(required_node_affinity=(ON_A,)),
            node("b", unschedulable=True),
            fits.OTHER_NODES_ONLY,
            id="bound to another node",
        ),
        pytest.param(requesting(required_node_affinity=(ON_A,)), node("a"), None, id="its node"),
    ],
)
def test_a_node_as_it_is_refuses(spec: PodSpec, at: Node, reason: str | None) -> None:
    assert fits.static_refusal(ShapeTable().intern(pod("p", spec)), at) == reason


OFFERED = Resources(1_000, GIBIBYTE, GIBIBYTE, 2, (("gpu", 1),))


@pytest.mark.parametrize(
    ("wanted", "used", "reasons"),
    [
        pytest.param(Resources(1_000, GIBIBYTE), Resources(), (), id="fits exactly"),
        pytest.param(
            Resources(1_001, GIBIBYTE + 1, GIBIBYTE + 1, 0, (("gpu", 2),)),
            Resources(pods=2),
            (
                "Too many pods",
                "Insufficient cpu",
                "Insufficient memory",
                "Insufficient ephemeral-storage",
                "Insufficient gpu",
            ),
            id="everything is short, all is told",
        ),
        pytest.param(
            Resources(),
            Resources(9_000, 9 * GIBIBYTE, pods=1),
            (),
            id="what is not asked counts not",
        ),
        pytest.param(
            Resources(extended=(("fpga", 1),)),
            Resources(),
            ("Insufficient fpga",),
            id="not offered",
        ),
    ],
)
def test_resources_refuse(wanted: Resources, used: Resources, reasons: tuple[str, ...]) -> None:
    spec = PodSpec(containers=(Container("main", requests=wanted),))
    shape = ShapeTable().intern(pod("p", spec))
    assert fits.resource_refusals(shape, OFFERED, used) == reasons


@pytest.mark.parametrize(
    ("cpu", "memory", "too_big"),
    [(1_000, 1_024, False), (1_001, 1, True), (1, 1_025, True)],
    ids=["a whole node", "more CPU", "more memory"],
)
def test_a_pod_larger_than_a_node_is_beyond_help(cpu: int, memory: int, too_big: bool) -> None:
    shape = ShapeTable().intern(pod("p", requesting(cpu, memory)))
    assert fits.exceeds(shape, OFFERED) is too_big
