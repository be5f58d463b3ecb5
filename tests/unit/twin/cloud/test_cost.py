"""What instances cost."""

from __future__ import annotations

from kingtide.aws.autoscaling import CapacityPool
from kingtide.aws.prices import price_micro_usd_per_hour
from kingtide.twin.cloud.cost import CostMeter, micro_usd
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.cloud.scene import (
    LAUNCH_MS,
    REACTION_MS,
    SPOT,
    START_MS,
    TERMINATE_MS,
    on_demand_group,
    scene,
    spot_group,
)

HOUR_MS = 3_600_000
SPOT_POOL = CapacityPool("c5.4xlarge", "eu-west-3a", "spot")
ON_DEMAND_POOL = CapacityPool("c5.4xlarge", "eu-west-3a", "on-demand")


def test_an_hour_costs_the_price_of_an_hour() -> None:
    meter = CostMeter(START_MS)
    meter.start(SPOT_POOL, 268_800, START_MS)
    assert meter.spent_micro_usd("spot", START_MS + HOUR_MS) == 268_800
    assert meter.spent_micro_usd("on-demand", START_MS + HOUR_MS) == 0


def test_each_instance_is_billed_for_its_own_time() -> None:
    meter = CostMeter(START_MS)
    meter.start(ON_DEMAND_POOL, 100, START_MS)
    meter.start(ON_DEMAND_POOL, 7, START_MS + 90_000)
    assert meter.micro_usd_per_hour("on-demand") == 107
    assert meter.billed_instances("on-demand") == 2
    meter.end(ON_DEMAND_POOL, 100, START_MS, START_MS + 200_000)
    assert meter.micro_usd_per_hour("on-demand") == 7
    assert meter.spent("on-demand", START_MS + 290_000) == 100 * 200_000 + 7 * 200_000


def test_instance_time_is_added_up_whatever_it_costs() -> None:
    meter = CostMeter(START_MS)
    meter.start(ON_DEMAND_POOL, 100, START_MS)
    meter.start(ON_DEMAND_POOL, 7, START_MS + 90_000)
    meter.reprice(ON_DEMAND_POOL, 50, START_MS + 100_000)
    meter.end(ON_DEMAND_POOL, 57, START_MS + 90_000, START_MS + 110_000)
    assert meter.instance_ms("on-demand", START_MS + 110_000) == 110_000 + 20_000
    assert meter.instance_ms("on-demand", START_MS + 200_000) == 200_000 + 20_000
    assert meter.instance_ms("spot", START_MS + 200_000) == 0


def test_less_than_a_minute_costs_a_minute() -> None:
    meter = CostMeter(START_MS)
    meter.start(SPOT_POOL, 3_600, START_MS)
    meter.end(SPOT_POOL, 3_600, START_MS, START_MS + 20_000)
    assert meter.spent_micro_usd("spot", START_MS + 20_000) == 60
    assert meter.spent_micro_usd("spot", START_MS + HOUR_MS) == 60


def test_looking_at_the_meter_does_not_move_it() -> None:
    looked, alone = CostMeter(START_MS), CostMeter(START_MS)
    for meter in (looked, alone):
        meter.start(SPOT_POOL, 11, START_MS)
    for at_ms in range(START_MS, START_MS + 1_000, 7):
        looked.spent("spot", at_ms)
    assert looked.spent("spot", START_MS + 1_000) == alone.spent("spot", START_MS + 1_000)


def test_micro_usd_are_rounded_down() -> None:
    assert [micro_usd(spent) for spent in (0, HOUR_MS - 1, HOUR_MS)] == [0, 0, 1]


def test_an_instance_is_billed_while_it_runs_and_not_while_it_starts_or_stops() -> None:
    world = scene()
    cost = world.cloud.cost
    world.cloud.set_desired_capacity(SPOT, 1, 0)
    world.run_for(REACTION_MS + LAUNCH_MS - 1)
    assert cost.micro_usd_per_hour("spot") == 0
    world.run_for(1)
    (instance,) = world.cloud.instances()
    price = price_micro_usd_per_hour(instance.pool.instance_type, "spot", "eu-west-3")
    assert cost.micro_usd_per_hour("spot") == price
    world.run_for(HOUR_MS)
    world.cloud.terminate_instance(SPOT, instance.instance_id)
    assert cost.micro_usd_per_hour("spot") == 0
    world.run_for(TERMINATE_MS)
    assert cost.spent("spot", world.engine.now_ms) == price * HOUR_MS


def test_an_instance_that_never_ran_costs_nothing() -> None:
    world = scene()
    world.cloud.set_desired_capacity(SPOT, 1, 0)
    world.run_for(REACTION_MS)
    (pending,) = world.cloud.instances()
    world.cloud.terminate_instance(SPOT, pending.instance_id)
    world.run_for(HOUR_MS)
    assert world.cloud.cost.spent("spot", world.engine.now_ms) == 0


def test_spot_and_on_demand_are_counted_apart() -> None:
    world = scene(NodeGroup(spot_group(), running=2), NodeGroup(on_demand_group(), running=1))
    cost = world.cloud.cost
    assert (cost.billed_instances("spot"), cost.billed_instances("on-demand")) == (2, 1)
    assert cost.micro_usd_per_hour("on-demand") == 768_000
