"""Spot prices that move are paid as they are at each moment."""

from __future__ import annotations

from kingtide.aws.autoscaling import CapacityPool
from kingtide.aws.prices import price_micro_usd_per_hour
from kingtide.twin.cloud_conditions import CloudConditions, Course, CoursePoint, PriceCourse
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.cloud.scene import SPOT, START_MS, every_pool, scene, spot_group

HOUR_MS = 3_600_000
POOL = CapacityPool("c5.4xlarge", "eu-west-3a", "spot")
USUAL = price_micro_usd_per_hour("c5.4xlarge", "spot", "eu-west-3")
ONE_POOL = spot_group(zones=("eu-west-3a",), instance_types=("c5.4xlarge",))


def test_running_instances_pay_the_price_of_the_moment() -> None:
    points = (CoursePoint(START_MS, 1_000_000), CoursePoint(START_MS + 2 * HOUR_MS, 3_000_000))
    course = PriceCourse((POOL,), Course(points, every_ms=HOUR_MS))
    world = scene(NodeGroup(ONE_POOL, running=2), conditions=CloudConditions(0, (), (course,)))
    cost = world.cloud.cost
    world.run_for(HOUR_MS - 1)
    assert cost.micro_usd_per_hour("spot") == 2 * USUAL
    world.run_for(1)
    assert cost.micro_usd_per_hour("spot") == 2 * (USUAL * 2)
    world.run_for(2 * HOUR_MS)
    assert cost.spent_micro_usd("spot", world.engine.now_ms) == 2 * USUAL * (1 + 2 + 3)


def test_an_instance_that_ends_pays_the_moved_price_and_leaves_no_rest() -> None:
    points = (CoursePoint(START_MS, 1_000_000), CoursePoint(START_MS + HOUR_MS, 2_000_000))
    course = PriceCourse((POOL,), Course(points, every_ms=HOUR_MS))
    world = scene(NodeGroup(ONE_POOL, running=1), conditions=CloudConditions(0, (), (course,)))
    world.run_for(HOUR_MS + HOUR_MS // 2)
    (instance,) = world.cloud.instances()
    world.cloud.terminate_instance(SPOT, instance.instance_id)
    assert world.cloud.cost.micro_usd_per_hour("spot") == 0
    world.run_for(HOUR_MS)
    assert world.cloud.cost.spent_micro_usd("spot", world.engine.now_ms) == 2 * USUAL


def test_each_pool_has_noise_of_its_own_and_other_pools_keep_theirs() -> None:
    noisy = PriceCourse(every_pool()[:6], Course(noise_percent=10, every_ms=HOUR_MS))
    world = scene(conditions=CloudConditions(0, (), (noisy,)))
    prices = world.cloud.prices
    ratios = {prices.micro_usd_per_hour(p) * 100 // prices.usual(p) for p in every_pool()[:6]}
    assert len(ratios) > 2
    assert all(89 <= ratio <= 110 for ratio in ratios)
    assert all(prices.micro_usd_per_hour(p) == prices.usual(p) for p in every_pool()[6:])
