"""The cloud takes, withholds and breaks instances; the cluster comes back, and nothing is lost."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kingtide.aws.autoscaling import CapacityPool, LifecycleHook
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.kube.nodes import ZONE_LABEL
from kingtide.twin.cloud_conditions import (
    AccountLaunch,
    CloudConditions,
    Course,
    CoursePoint,
    OtherAccount,
    PlannedReclaim,
    PlannedRecommendation,
    PoolDepth,
    PriceCourse,
    ZoneOutage,
)
from kingtide.twin.definition import NodeGroup
from kingtide.twin.world import World
from tests.twin.invariants import Invariants
from tests.twin.worlds import (
    MINUTE_MS,
    START_MS,
    ZONES,
    application,
    available,
    definition,
    group,
)

SPOT = tuple(
    CapacityPool(f"{family}.4xlarge", zone, "spot")
    for family in ("c5", "c5d", "m5")
    for zone in ZONES
)
PODS = 42


def at(minutes: int) -> int:
    return START_MS + minutes * MINUTE_MS


def node_group() -> NodeGroup:
    """A spot group with a hook that nobody answers within its minute."""
    made = group("workers", 14, spot=True, maximum=30)
    hook = LifecycleHook("drain", 60)
    return replace(made, group=replace(made.group, termination_hook=hook, capacity_rebalance=True))


def world_of(cloud: CloudConditions, seed: int = 1) -> World:
    """Pods of five cores, three to a node, on fourteen spot nodes."""
    return World(
        definition(
            application("api", PODS, 5_000),
            groups=(node_group(),),
            node_autoscaling=NodeAutoscalingPolicy(),
            hours=2,
            seed=seed,
            cloud=cloud,
        )
    )


EVERYTHING = CloudConditions(
    depths=(
        PoolDepth(
            SPOT,
            6,
            Course((CoursePoint(at(0), 1_000_000), CoursePoint(at(20), 500_000)), 20, MINUTE_MS),
        ),
    ),
    price_courses=(PriceCourse(SPOT, Course((), 20, 5 * MINUTE_MS)),),
    other_accounts=(
        OtherAccount("video", (AccountLaunch("c5.4xlarge", ZONES[0], 4, at(5), at(40)),)),
    ),
    zone_rebalancing=True,
    reclaims=(PlannedReclaim(at(10), SPOT, 300_000, 60_000),),
    recommendations=(PlannedRecommendation(at(15), SPOT, 200_000, MINUTE_MS),),
    zone_outages=(ZoneOutage(ZONES[1], at(25), at(45)),),
)


@pytest.mark.parametrize("seed", range(1, 4))
def test_after_everything_at_once_the_cluster_comes_back(seed: int) -> None:
    world = world_of(EVERYTHING, seed)
    join = world.node_life.join_faults
    join.slow_boots(200, at(20))
    Invariants(world).run_until(at(120))
    assert available(world, "api") == PODS
    assert sum(world.cloud.interruptions.reclaimed.values()) >= 4
    zones = [node.labels[ZONE_LABEL] for node in world.store.nodes.values() if node.is_ready]
    counts = [zones.count(zone) for zone in ZONES]
    assert max(counts) - min(counts) <= 1


def test_nodes_that_join_broken_or_never_are_replaced_once_the_fault_is_over() -> None:
    cloud = CloudConditions(reclaims=(PlannedReclaim(at(1), SPOT, 500_000, 0),))
    world = world_of(cloud)
    world.node_life.join_faults.never_join(300_000, at(20))
    world.node_life.join_faults.join_broken(400_000, at(20))
    world.run_until(at(15))
    broken = [n for n in world.store.nodes.values() if n.ready.reason == "KubeletNotReady"]
    lonely = [i for i in world.cloud.instances() if i.instance_id not in world.store.nodes]
    assert broken
    assert lonely
    world.run_until(at(120))
    assert available(world, "api") == PODS


def test_a_world_in_which_nothing_is_taken_is_the_same_as_one_without_conditions() -> None:
    """A hook, a planned time after the end and a deep pool leave no trace."""
    never = CloudConditions(reclaims=(PlannedReclaim(at(1_000), SPOT, 500_000, 0),))
    hashes = []
    for cloud in (CloudConditions(), never):
        world = world_of(cloud)
        world.run_until(at(30))
        hashes.append(world.trace_hash)
    assert hashes[0] == hashes[1]
