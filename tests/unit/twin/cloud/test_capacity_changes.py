"""Pools have so many instances to give, and what they have changes."""

from __future__ import annotations

import pytest

from kingtide.aws.autoscaling import CapacityPool
from kingtide.twin.cloud.interruptions import NOTICE_MS
from kingtide.twin.cloud_conditions import (
    AccountLaunch,
    CloudConditions,
    Course,
    CoursePoint,
    OtherAccount,
    PoolDepth,
)
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.cloud.scene import (
    HEALTH_CHECK_MS,
    LAUNCH_MS,
    ON_DEMAND,
    REACTION_MS,
    RETRY_MS,
    SPOT,
    START_MS,
    Scene,
    every_pool,
    on_demand_group,
    scene,
    spot_group,
)

MINUTE_MS = 60_000
A = "eu-west-3a"
POOL = CapacityPool("c5.4xlarge", A, "spot")
ONE_POOL = {"zones": (A,), "instance_types": ("c5.4xlarge",)}


def of_depth(
    *depths: PoolDepth, running: int = 0, accounts: tuple[OtherAccount, ...] = ()
) -> Scene:
    conditions = CloudConditions(0, depths, other_accounts=accounts)
    group = NodeGroup(spot_group(max_size=40, **ONE_POOL), running=running)
    return scene(group, conditions=conditions)


def test_launches_are_fulfilled_in_part() -> None:
    world = of_depth(PoolDepth((POOL,), 4))
    world.cloud.set_desired_capacity(SPOT, 6, 0)
    world.run_for(REACTION_MS)
    assert len(world.active(SPOT)) == 4
    assert [wanted for _, wanted in world.told.failures] == [2]
    assert world.cloud.pools.left(POOL) == 0


def test_what_ends_gives_its_place_back() -> None:
    world = of_depth(PoolDepth((POOL,), 4), running=4)
    assert world.cloud.pools.left(POOL) == 0
    world.cloud.terminate_instance(SPOT, world.active(SPOT)[0].instance_id)
    assert world.cloud.pools.left(POOL) == 1
    world.cloud.set_desired_capacity(SPOT, 5, 3)
    world.run_for(REACTION_MS)
    assert len(world.active(SPOT)) == 4


def test_an_instance_cancelled_before_it_runs_gives_its_place_back_too() -> None:
    world = of_depth(PoolDepth((POOL,), 1))
    world.cloud.set_desired_capacity(SPOT, 1, 0)
    world.run_for(REACTION_MS)
    assert world.cloud.pools.left(POOL) == 0
    world.cloud.terminate_instance(SPOT, world.active(SPOT)[0].instance_id)
    assert world.cloud.pools.left(POOL) == 1


def test_a_pool_moves_along_its_course() -> None:
    points = (CoursePoint(START_MS, 1_000_000), CoursePoint(START_MS + 10 * MINUTE_MS, 500_000))
    world = of_depth(PoolDepth((POOL,), 20, Course(points, every_ms=MINUTE_MS)))
    left = []
    for _ in range(12):
        left.append(world.cloud.pools.left(POOL))
        world.run_for(MINUTE_MS)
    assert left == [20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 10]


def test_noise_stays_within_its_bounds_and_differs_by_pool_and_time() -> None:
    depth = PoolDepth(every_pool(), 1_000, Course(noise_percent=20, every_ms=MINUTE_MS))
    world = scene(conditions=CloudConditions(0, (depth,)))
    seen = []
    for _ in range(30):
        seen.append(tuple(world.cloud.pools.left(pool) or 0 for pool in every_pool()))
        world.run_for(MINUTE_MS)
    values = [value for row in seen for value in row]
    assert min(values) >= 800
    assert max(values) <= 1_200
    assert max(values) - min(values) > 300
    assert len({row[0] for row in seen}) > 10
    assert len(set(seen[0])) > 3


def test_a_pool_that_falls_below_what_is_in_use_takes_the_difference_back() -> None:
    points = (
        CoursePoint(START_MS + MINUTE_MS, 1_000_000),
        CoursePoint(START_MS + 2 * MINUTE_MS, 400_000),
    )
    world = of_depth(PoolDepth((POOL,), 10, Course(points, every_ms=MINUTE_MS)), running=10)
    world.run_for(2 * MINUTE_MS - 1)
    assert world.told.interruptions == []
    world.run_for(1)
    assert world.told.interruptions == [(6, NOTICE_MS, "the pool has less to give")]
    world.run_for(NOTICE_MS)
    assert len(world.told.times_of("terminating")) == 6
    world.run_for(10 * MINUTE_MS)
    assert len(world.told.interruptions) == 1
    assert len(world.active(SPOT)) == 4


def test_a_pool_that_keeps_falling_counts_those_already_warned() -> None:
    points = (CoursePoint(START_MS, 1_000_000), CoursePoint(START_MS + 10 * MINUTE_MS, 0))
    world = of_depth(PoolDepth((POOL,), 10, Course(points, every_ms=MINUTE_MS)), running=10)
    world.run_for(3 * MINUTE_MS)
    assert [count for count, _, _ in world.told.interruptions] == [1, 1, 1]


def test_more_than_a_pool_holds_at_the_start_is_taken_back() -> None:
    world = of_depth(PoolDepth((POOL,), 3), running=5)
    world.run_for(0)
    assert [count for count, _, _ in world.told.interruptions] == [2]


def test_on_demand_runs_out_too_and_is_never_taken_back() -> None:
    pool = CapacityPool("c5.4xlarge", A, "on-demand")
    points = (
        CoursePoint(START_MS + MINUTE_MS, 1_000_000),
        CoursePoint(START_MS + 2 * MINUTE_MS, 0),
    )
    depth = PoolDepth((pool,), 3, Course(points, every_ms=MINUTE_MS))
    group = NodeGroup(on_demand_group(**ONE_POOL), running=2)
    world = scene(group, conditions=CloudConditions(0, (depth,)))
    world.cloud.set_desired_capacity(ON_DEMAND, 5, 2)
    world.run_for(10 * MINUTE_MS)
    assert len(world.active(ON_DEMAND)) == 3
    assert world.told.interruptions == []
    assert "c5.4xlarge capacity" in world.told.failures[0][0].status_message


def test_the_deepest_pool_is_the_one_with_most_left() -> None:
    depths = [
        PoolDepth((CapacityPool(kind, A, "spot"),), depth)
        for kind, depth in (("c5.4xlarge", 3), ("c5d.4xlarge", 5), ("c5n.4xlarge", 4))
    ]
    group = NodeGroup(spot_group(zones=(A,)))
    world = scene(group, conditions=CloudConditions(0, tuple(depths)))
    world.cloud.set_desired_capacity(SPOT, 6, 0)
    world.run_for(REACTION_MS)
    kinds = [i.pool.instance_type for i in world.active(SPOT)]
    # Each launch leaves its pool less deep; of equal ones the first listed.
    assert [kind.partition(".")[0] for kind in kinds] == ["c5d", "c5d", "c5n", "c5", "c5d", "c5n"]


def test_a_pool_whose_depth_nobody_said_is_deeper_than_any_number() -> None:
    depth = PoolDepth((POOL, CapacityPool("c5d.4xlarge", A, "spot")), 1_000_000)
    group = NodeGroup(spot_group(zones=(A,)))
    world = scene(group, conditions=CloudConditions(0, (depth,)))
    world.cloud.set_desired_capacity(SPOT, 3, 0)
    world.run_for(REACTION_MS)
    assert {i.pool.instance_type for i in world.active(SPOT)} == {"c5n.4xlarge"}


# -- other accounts


def launch(instances: int, from_ms: int, until_ms: int | None = None) -> OtherAccount:
    until = None if until_ms is None else START_MS + until_ms
    one = AccountLaunch("c5.4xlarge", A, instances, START_MS + from_ms, until)
    return OtherAccount("video", (one,))


def test_another_account_takes_what_is_free_first() -> None:
    world = of_depth(PoolDepth((POOL,), 10), running=4, accounts=(launch(6, MINUTE_MS),))
    world.run_for(MINUTE_MS)
    assert world.told.interruptions == []
    assert world.cloud.pools.left(POOL) == 0


def test_another_account_takes_our_spot_and_is_named() -> None:
    accounts = (launch(7, MINUTE_MS),)
    world = of_depth(PoolDepth((POOL,), 10), running=8, accounts=accounts)
    world.run_for(MINUTE_MS)
    why = "account video launched 7 c5.4xlarge on demand in eu-west-3a"
    assert world.told.interruptions == [(5, NOTICE_MS, why)]
    world.run_for(NOTICE_MS + HEALTH_CHECK_MS + 10 * MINUTE_MS)
    assert len(world.active(SPOT)) == 3
    assert world.cloud.interruptions.reclaimed == {why: 5}


def test_what_another_account_ends_can_be_had_again() -> None:
    accounts = (launch(7, MINUTE_MS, 10 * MINUTE_MS),)
    world = of_depth(PoolDepth((POOL,), 10), running=8, accounts=accounts)
    world.run_for(10 * MINUTE_MS + RETRY_MS + LAUNCH_MS)
    assert len(world.active(SPOT)) == 8


def test_another_account_gets_no_more_than_there_is_on_demand() -> None:
    on_demand = CapacityPool("c5.4xlarge", A, "on-demand")
    depths = (PoolDepth((POOL,), 10), PoolDepth((on_demand,), 2))
    world = of_depth(*depths, running=10, accounts=(launch(7, MINUTE_MS),))
    world.run_for(MINUTE_MS)
    assert ("account", f"video 2/7 {on_demand}", MINUTE_MS) in world.told.events
    assert [count for count, _, _ in world.told.interruptions] == [2]
    assert world.cloud.pools.left(on_demand) == 0


# -- faults


def test_a_depth_that_is_set_holds_until_its_time() -> None:
    world = of_depth(PoolDepth((POOL,), 10, Course(every_ms=MINUTE_MS)), running=4)
    world.cloud.set_depth([POOL], 1, START_MS + 5 * MINUTE_MS)
    world.cloud.set_desired_capacity(SPOT, 8, 4)
    world.run_for(5 * MINUTE_MS - 1)
    assert len(world.active(SPOT)) == 5
    world.run_for(RETRY_MS + 1)
    assert len(world.active(SPOT)) == 8


def test_a_depth_that_is_set_on_a_boundless_pool_goes_again() -> None:
    world = scene(NodeGroup(spot_group(**ONE_POOL)))
    world.cloud.set_depth([POOL], 2, START_MS + MINUTE_MS)
    assert world.cloud.pools.left(POOL) == 2
    world.run_for(MINUTE_MS)
    assert world.cloud.pools.left(POOL) is None


def test_closed_pools_launch_nothing_and_keep_what_runs() -> None:
    world = scene(NodeGroup(spot_group(), running=3))
    world.cloud.close_pools(every_pool(), START_MS + 2 * MINUTE_MS)
    world.cloud.set_desired_capacity(SPOT, 4, 3)
    world.run_for(2 * MINUTE_MS)
    assert len(world.active(SPOT)) == 3
    world.run_for(RETRY_MS)
    assert len(world.active(SPOT)) == 4


@pytest.mark.parametrize("lifecycle", ["spot", "on-demand"])
def test_a_lost_zone_takes_all_its_instances_and_launches_none(lifecycle: str) -> None:
    group = spot_group() if lifecycle == "spot" else on_demand_group()
    world = scene(NodeGroup(group, running=9))
    world.cloud.lose_zone(A, START_MS + 30 * MINUTE_MS)
    assert world.told.events[0] == ("zone lost", f"{A} 3", 0)
    assert world.told.times_of("terminating") == [0, 0, 0]
    world.run_for(HEALTH_CHECK_MS + LAUNCH_MS)
    zones = [i.pool.zone for i in world.active(group.name)]
    assert len(zones) == 9
    assert A not in zones
