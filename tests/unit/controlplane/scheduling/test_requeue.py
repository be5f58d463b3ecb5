"""Who may be schedulable once another pod was bound."""

from __future__ import annotations

import pytest

from kingtide.controlplane.scheduling.requeue import may_follow
from kingtide.controlplane.scheduling.shape import ShapeTable
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import ZONE_LABEL
from kingtide.kube.pods import PodAffinityTerm, PodSpec, TopologySpreadConstraint
from tests.unit.controlplane.scheduling.situations import pod, requesting

WEB = LabelSelector((("app", "web"),))


@pytest.mark.parametrize(
    ("spec", "helps"),
    [
        pytest.param(requesting(100), False, id="who asks for room only"),
        pytest.param(
            requesting(required_pod_affinity=(PodAffinityTerm(ZONE_LABEL, WEB),)),
            True,
            id="who wants its company",
        ),
        pytest.param(
            requesting(required_pod_anti_affinity=(PodAffinityTerm(ZONE_LABEL, WEB),)),
            False,
            id="who keeps away from it",
        ),
        pytest.param(
            requesting(
                topology_spread=(TopologySpreadConstraint(1, ZONE_LABEL, "DoNotSchedule", WEB),)
            ),
            True,
            id="who counts it for spreading",
        ),
    ],
)
def test_a_bound_pod_helps(spec: PodSpec, helps: bool) -> None:
    shapes = ShapeTable()
    waiting = shapes.intern(pod("waiting", spec, app="batch"))
    assert may_follow(waiting, shapes.intern(pod("bound", app="web"))) is helps
    assert not may_follow(waiting, shapes.intern(pod("bound", app="web", namespace="other")))
