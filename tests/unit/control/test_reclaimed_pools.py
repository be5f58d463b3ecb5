"""Which pools took nodes back, read from the nodes."""

from __future__ import annotations

import pytest

from kingtide.aws.autoscaling import CapacityPool
from kingtide.control.claims import DISRUPTION_CLAIM, DisruptionClaim, DisruptionReason, write_claim
from kingtide.control.interruption_taint import INTERRUPTED
from kingtide.control.reclaimed_pools import reclaimed_pools
from kingtide.kube.nodes import INSTANCE_TYPE_LABEL, LIFECYCLE_LABEL, ZONE_LABEL, Node
from kingtide.kube.pods import Condition
from kingtide.kube.resources import NO_RESOURCES
from kingtide.kube.taints import Taint

NOW_MS = 1_800_000_000_000
POOL = CapacityPool("m5.xlarge", "eu-west-1a", "spot")


def _node(
    name: str,
    *,
    kind: str = "spot-interruption",
    reason: DisruptionReason = "Interrupted",
    age_ms: int = 1_000,
    lifecycle: str = "spot",
    zone: str = "eu-west-1a",
    key: str = INTERRUPTED,
) -> Node:
    claim = DisruptionClaim("spot_interruption", reason, NOW_MS - age_ms)
    return Node(
        name=name,
        uid=name,
        labels={
            INSTANCE_TYPE_LABEL: "m5.xlarge",
            ZONE_LABEL: zone,
            LIFECYCLE_LABEL: lifecycle,
        },
        capacity=NO_RESOURCES,
        allocatable=NO_RESOURCES,
        created_ms=0,
        ready=Condition("True", 0),
        annotations={DISRUPTION_CLAIM: write_claim(claim)},
        taints=(Taint(key, "NoSchedule", kind),),
    )


def test_a_pool_is_told_with_its_latest_notice() -> None:
    nodes = [_node("a", age_ms=9_000), _node("b", age_ms=2_000), _node("c", age_ms=5_000)]
    assert reclaimed_pools(nodes, NOW_MS, 60_000) == {POOL: NOW_MS - 2_000}


def test_a_single_node_may_be_too_few() -> None:
    nodes = [_node("a"), _node("b"), _node("c", zone="eu-west-1b")]
    assert list(reclaimed_pools(nodes, NOW_MS, 60_000, at_least=2)) == [POOL]


@pytest.mark.parametrize("age_ms", [60_000, 60_001], ids=["recent", "long ago"])
def test_a_notice_is_recent_up_to_a_bound(age_ms: int) -> None:
    found = reclaimed_pools([_node("a", age_ms=age_ms)], NOW_MS, 60_000)
    assert list(found) == ([POOL] if age_ms == 60_000 else [])


@pytest.mark.parametrize(
    "node",
    [
        pytest.param(_node("a", kind="rebalance"), id="a recommendation takes nothing"),
        pytest.param(_node("a", kind="asg-terminate"), id="a group that gives back"),
        pytest.param(_node("a", reason="Degraded"), id="emptied for another reason"),
        pytest.param(_node("a", lifecycle="on-demand"), id="no spot"),
        pytest.param(_node("a", zone=""), id="nobody knows where"),
        pytest.param(_node("a", key="example.org/other"), id="another taint"),
    ],
)
def test_other_nodes_say_nothing_of_a_pool(node: Node) -> None:
    assert reclaimed_pools([node], NOW_MS, 60_000) == {}


def test_the_old_handlers_taint_counts_as_well() -> None:
    node = _node("a", key="aws-node-termination-handler/spot-itn", kind="an-event-id")
    assert list(reclaimed_pools([node], NOW_MS, 60_000)) == [POOL]
