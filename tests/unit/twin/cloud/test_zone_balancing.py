"""A group replaces instances before they go: to balance zones, or on a recommendation."""

from __future__ import annotations

from collections import Counter

from kingtide.aws.autoscaling import LifecycleHook
from kingtide.twin.cloud_conditions import CloudConditions
from kingtide.twin.definition import NodeGroup
from kingtide.twin.latencies import constant
from tests.unit.twin.cloud.scene import (
    LAUNCH_MS,
    SPOT,
    START_MS,
    STEADY,
    ZONES,
    Scene,
    empty,
    every_pool,
    scene,
    spot_group,
)

LOOK_MS = 120_000
MINUTE_MS = 60_000
BALANCING = CloudConditions(0, zone_rebalancing=True)
LATENCIES = {**STEADY, "cloud.zone_rebalance": constant(LOOK_MS, "test")}


def crowded(running: int = 9, *, most: int = 40, closed_ms: int = 0) -> Scene:
    """A group all of whose instances are in one zone; the others opened after so long."""
    closed = tuple(pool for pool in every_pool() if pool.zone != ZONES[0])
    return scene(
        NodeGroup(spot_group(max_size=most), running=running),
        outages=[empty(closed, until_ms=closed_ms or 1)],
        latencies=LATENCIES,
        conditions=BALANCING,
    )


def start_in_one_zone(world: Scene) -> None:
    assert {i.pool.zone for i in world.active(SPOT)} == {ZONES[0]}


def zones(world: Scene) -> Counter[str]:
    return Counter(i.pool.zone for i in world.active(SPOT))


def nudge(world: Scene) -> None:
    """Any change of an instance has the group look."""
    world.cloud.set_desired_capacity(SPOT, 10, 9)


def test_zones_are_balanced_once_capacity_is_back() -> None:
    world = crowded(closed_ms=10 * MINUTE_MS)
    start_in_one_zone(world)
    nudge(world)
    world.run_for(10 * MINUTE_MS - 1)
    assert zones(world) == {ZONES[0]: 10}
    world.run_for(30 * MINUTE_MS)
    assert sorted(zones(world).values()) == [3, 3, 4]
    assert world.cloud.group(SPOT).desired_capacity == 10


def test_a_new_instance_is_in_service_before_an_old_one_ends() -> None:
    world = crowded()
    world.run_for(1)
    nudge(world)
    fewest = most = 10
    for _ in range(600):
        world.run_for(1_000)
        serving = sum(i.state == "InService" for i in world.active(SPOT))
        if world.engine.now_ms > START_MS + MINUTE_MS:
            fewest, most = min(fewest, serving), max(most, len(world.active(SPOT)))
    assert fewest == 10
    assert most > 10


def test_a_full_group_exceeds_its_maximum_by_a_tenth_at_most() -> None:
    world = crowded(running=20, most=21)
    world.run_for(1)
    world.cloud.set_desired_capacity(SPOT, 21, 20)
    most = 0
    for _ in range(1_200):
        world.run_for(1_000)
        most = max(most, len(world.active(SPOT)))
    assert most == 23
    assert sorted(zones(world).values()) == [7, 7, 7]


def test_balanced_zones_are_left_alone() -> None:
    world = scene(NodeGroup(spot_group(), running=7), latencies=LATENCIES, conditions=BALANCING)
    world.cloud.set_desired_capacity(SPOT, 8, 7)
    world.run_for(30 * MINUTE_MS)
    assert world.told.times_of("terminating") == []


def test_without_the_process_zones_stay_as_they_are() -> None:
    closed = tuple(pool for pool in every_pool() if pool.zone != ZONES[0])
    world = scene(
        NodeGroup(spot_group(max_size=40), running=9), outages=[empty(closed, until_ms=1)]
    )
    world.run_for(1)
    nudge(world)
    world.run_for(60 * MINUTE_MS)
    assert zones(world)[ZONES[0]] == 9


def test_an_instance_that_goes_for_balance_waits_for_its_hook() -> None:
    closed = tuple(pool for pool in every_pool() if pool.zone != ZONES[0])
    world = scene(
        NodeGroup(spot_group(max_size=40, termination_hook=LifecycleHook("drain", 600)), running=9),
        outages=[empty(closed, until_ms=1)],
        latencies=LATENCIES,
        conditions=BALANCING,
    )
    world.run_for(1)
    nudge(world)
    world.run_for(LOOK_MS + MINUTE_MS)
    states = Counter(i.state for i in world.cloud.instances())
    assert states["Terminating:Wait"] > 0
    assert world.told.times_of("terminating") == []


def test_a_recommended_instance_is_replaced_first_where_the_group_says_so() -> None:
    world = scene(NodeGroup(spot_group(capacity_rebalance=True), running=3))
    victim = world.active(SPOT)[0].instance_id
    world.cloud.recommend_rebalance([victim])
    assert [i.state for i in world.active(SPOT)] == [*["InService"] * 3, "Pending"]
    world.run_for(LAUNCH_MS)
    assert world.told.times_of("terminating") == [LAUNCH_MS]
    assert victim not in [i.instance_id for i in world.active(SPOT)]
    world.run_for(10 * MINUTE_MS)
    assert len(world.active(SPOT)) == 3


def test_a_recommendation_changes_nothing_where_the_group_does_not_say_so() -> None:
    world = scene(NodeGroup(spot_group(), running=3))
    world.cloud.recommend_rebalance([world.active(SPOT)[0].instance_id])
    world.run_for(10 * MINUTE_MS)
    assert world.told.times_of("terminating") == []


def test_an_instance_taken_before_its_replacement_runs_is_replaced_once() -> None:
    world = scene(NodeGroup(spot_group(capacity_rebalance=True), running=3))
    victim = world.active(SPOT)[0].instance_id
    world.cloud.recommend_rebalance([victim])
    world.cloud.reclaim([victim], notice_ms=1_000)
    world.run_for(10 * MINUTE_MS)
    assert len(world.active(SPOT)) == 3
    assert world.told.times_of("running") == [LAUNCH_MS]
