"""How long a fallback to on-demand takes, part by part."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from kingtide.aws.autoscaling import CapacityPool
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.kube.workloads import ConfigMap
from kingtide.rehearsal.fallback import Fallback, Waiting, fallback
from kingtide.twin.definition import NodeGroup, PoolOutage, WorldDefinition
from kingtide.twin.world import World
from tests.twin.worlds import MINUTE_MS, application, definition, group, run_for

PRIORITIES = "10:\n  - on-demand\n50:\n  - spot\n"


def night(spot_groups: Sequence[str]) -> WorldDefinition:
    """Pods that need a node, groups of spot that have nothing, and one on-demand."""
    groups = [group(name, 0, spot=True) for name in spot_groups] + [group("on-demand", 0)]
    empty = [it for it in groups if it.group.lifecycle == "spot"]
    policy = NodeAutoscalingPolicy(
        capacity_failure_detection="activities",
        priority_config_map="kube-system/priorities",
        expander=("priority",),
    )
    made = definition(
        application("api", 3),
        groups=groups,
        node_autoscaling=policy,
        config_maps=(ConfigMap("kube-system", "priorities", {"priorities": PRIORITIES}),),
    )
    return msgspec.structs.replace(made, outages=(PoolOutage(_pools(empty), 0, None),))


def _pools(groups: Sequence[NodeGroup]) -> tuple[CapacityPool, ...]:
    return tuple(
        CapacityPool(kind, zone, "spot")
        for it in groups
        for kind in it.group.instance_types
        for zone in it.group.zones
    )


def measured(spot_groups: Sequence[str], minutes: int = 20) -> Fallback | None:
    made = night(spot_groups)
    world = World(made)
    waiting = Waiting(world)
    run_for(world, minutes * MINUTE_MS)
    lifecycles = {it.group.name: it.group.lifecycle for it in made.node_groups}
    return fallback(lifecycles, world.journal.marks, world.journal.decisions, waiting)


@pytest.mark.parametrize("spot_groups", [("spot-a",), ("spot-a", "spot-b")])
def test_on_demand_is_asked_soon_after_the_last_spot_group_failed(
    spot_groups: tuple[str, ...],
) -> None:
    found = measured(spot_groups)
    assert found is not None
    assert found.requested_ms is not None
    assert found.running_ms is not None
    assert 0 <= found.requested_ms - found.failed_ms <= MINUTE_MS
    assert found.requested_ms < found.running_ms


def test_pods_that_still_wait_have_no_time_to_running() -> None:
    found = measured(("spot-a",), minutes=2)
    assert found is not None
    assert found.running_ms is None


def test_a_night_without_failed_spot_launches_has_no_fallback() -> None:
    assert measured(()) is None
