"""An Auto Scaling group: it keeps as many instances as it is told to, or keeps trying."""

from __future__ import annotations

import pytest

from kingtide.twin.cloud.cloud import ImpossibleGroup
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.cloud.scene import (
    LAUNCH_MS,
    REACTION_MS,
    RETRY_MS,
    SPOT,
    TERMINATE_MS,
    TYPES,
    ZONES,
    empty,
    every_pool,
    on_demand_group,
    scene,
    spot_group,
)

MINUTE_MS = 60_000


def test_a_raised_desired_capacity_is_met_after_reaction_and_launch() -> None:
    world = scene()
    answer = world.cloud.set_desired_capacity(SPOT, 3, 0)
    assert answer.status == "done"
    world.run_for(REACTION_MS - 1)
    assert world.active(SPOT) == []
    world.run_for(1)
    assert [i.state for i in world.active(SPOT)] == ["Pending"] * 3
    world.run_for(LAUNCH_MS)
    assert [i.state for i in world.active(SPOT)] == ["InService"] * 3
    assert world.told.times_of("running") == [REACTION_MS + LAUNCH_MS] * 3


def test_instances_spread_evenly_over_zones() -> None:
    world = scene()
    world.cloud.set_desired_capacity(SPOT, 7, 0)
    world.run_for(MINUTE_MS)
    zones = [i.pool.zone for i in world.active(SPOT)]
    assert sorted(zones.count(zone) for zone in ZONES) == [2, 2, 3]


def test_another_desired_capacity_than_expected_changes_nothing() -> None:
    world = scene(NodeGroup(spot_group(), running=2))
    answer = world.cloud.set_desired_capacity(SPOT, 5, 3)
    assert (answer.status, answer.code) == ("precondition_failed", "")
    assert "is 2, not 3" in answer.message
    assert world.cloud.group(SPOT).desired_capacity == 2


@pytest.mark.parametrize(
    ("desired", "message"),
    [
        (11, "New SetDesiredCapacity value 11 is above max value 10 for the AutoScalingGroup."),
        (1, "New SetDesiredCapacity value 1 is below min value 2 for the AutoScalingGroup."),
    ],
    ids=["above max", "below min"],
)
def test_a_desired_capacity_beyond_the_bounds_is_refused(desired: int, message: str) -> None:
    world = scene(NodeGroup(spot_group(min_size=2), running=4))
    answer = world.cloud.set_desired_capacity(SPOT, desired, 4)
    assert (answer.status, answer.code) == ("failed", "ValidationError")
    assert answer.message == message
    assert world.cloud.group(SPOT).desired_capacity == 4


def test_a_group_that_does_not_exist_is_refused() -> None:
    answer = scene().cloud.set_desired_capacity("spot-nodes-nowhere", 1, 0)
    assert (answer.status, answer.code) == ("failed", "ValidationError")
    assert "spot-nodes-nowhere not found" in answer.message


def test_a_second_request_while_the_first_is_in_progress_is_taken() -> None:
    world = scene()
    world.cloud.set_desired_capacity(SPOT, 2, 0)
    world.run_for(REACTION_MS + 1)
    assert world.cloud.set_desired_capacity(SPOT, 5, 2).status == "done"
    world.run_for(MINUTE_MS)
    assert len(world.active(SPOT)) == 5


def test_asking_for_what_is_wanted_already_does_nothing() -> None:
    world = scene(NodeGroup(spot_group(), running=2))
    before = world.engine.trace_hash
    assert world.cloud.set_desired_capacity(SPOT, 2, 2).status == "done"
    world.run_for(MINUTE_MS)
    assert world.engine.trace_hash == before


def test_desired_stays_raised_while_launches_fail_again_and_again() -> None:
    world = scene(outages=[empty(every_pool())])
    world.cloud.set_desired_capacity(SPOT, 4, 0)
    world.run_for(3 * MINUTE_MS)
    assert world.cloud.group(SPOT).desired_capacity == 4
    assert world.cloud.view.groups[SPOT].desired_capacity == 4
    assert world.active(SPOT) == []
    first = REACTION_MS
    assert world.told.times_of("failed") == [first, first + RETRY_MS, first + 2 * RETRY_MS]
    assert [wanted for _, wanted in world.told.failures] == [4, 4, 4]


def test_a_try_after_the_end_of_an_outage_succeeds() -> None:
    world = scene(outages=[empty(every_pool(), until_ms=90_000)])
    world.cloud.set_desired_capacity(SPOT, 2, 0)
    world.run_for(5 * MINUTE_MS)
    assert len(world.told.failures) == 2
    assert world.told.times_of("running") == [REACTION_MS + 2 * RETRY_MS + LAUNCH_MS] * 2


def test_a_new_request_is_tried_at_once_and_the_next_try_counts_from_there() -> None:
    world = scene(outages=[empty(every_pool())])
    world.cloud.set_desired_capacity(SPOT, 4, 0)
    world.run_for(30_000)
    world.cloud.set_desired_capacity(SPOT, 6, 4)
    world.run_for(90_000)
    second = 30_000 + REACTION_MS
    assert world.told.times_of("failed") == [REACTION_MS, second, second + RETRY_MS]
    assert [wanted for _, wanted in world.told.failures] == [4, 6, 6]


def test_lowering_desired_ends_the_tries_and_costs_no_instance() -> None:
    world = scene(NodeGroup(spot_group(), running=2), outages=[empty(every_pool(), from_ms=1)])
    world.cloud.set_desired_capacity(SPOT, 5, 2)
    world.run_for(MINUTE_MS)
    assert world.cloud.set_desired_capacity(SPOT, 2, 5).status == "done"
    failures = len(world.told.failures)
    world.run_for(10 * MINUTE_MS)
    assert len(world.told.failures) == failures == 1
    assert len(world.active(SPOT)) == 2
    assert world.told.times_of("terminating") == []


def test_a_zone_without_capacity_is_passed_over() -> None:
    closed = tuple(pool for pool in every_pool() if pool.zone == ZONES[0])
    world = scene(outages=[empty(closed)])
    world.cloud.set_desired_capacity(SPOT, 6, 0)
    world.run_for(MINUTE_MS)
    zones = [i.pool.zone for i in world.active(SPOT)]
    assert [zones.count(zone) for zone in ZONES] == [0, 3, 3]
    assert world.told.failures == []


def test_one_pool_with_capacity_is_enough() -> None:
    (left, *closed) = every_pool()
    world = scene(outages=[empty(tuple(closed))])
    world.cloud.set_desired_capacity(SPOT, 3, 0)
    world.run_for(MINUTE_MS)
    assert [i.pool for i in world.active(SPOT)] == [left] * 3


def test_a_mixed_group_gets_its_on_demand_share_while_spot_is_empty() -> None:
    mixed = spot_group(on_demand_base=1, on_demand_percentage_above_base=25)
    world = scene(NodeGroup(mixed), outages=[empty(every_pool("spot"))])
    world.cloud.set_desired_capacity(SPOT, 5, 0)
    world.run_for(MINUTE_MS)
    assert [i.pool.lifecycle for i in world.active(SPOT)] == ["on-demand"] * 2
    assert [wanted for _, wanted in world.told.failures] == [3]
    assert world.told.failures[0][0].status_message.startswith("Could not launch Spot Instances.")


def test_terminating_with_decrement_wants_one_less() -> None:
    world = scene(NodeGroup(spot_group(), running=3))
    victim = world.active(SPOT)[1].instance_id
    assert world.cloud.terminate_instance(SPOT, victim).status == "done"
    assert world.told.events == [("terminating", victim, 0)]
    world.run_for(TERMINATE_MS)
    assert world.told.events[-1] == ("terminated", victim, TERMINATE_MS)
    world.run_for(5 * MINUTE_MS)
    assert world.cloud.group(SPOT).desired_capacity == 2
    assert len(world.cloud.group(SPOT).instances) == 2
    assert world.told.times_of("running") == []


def test_terminating_without_decrement_brings_a_replacement() -> None:
    world = scene(NodeGroup(spot_group(), running=3))
    victim = world.active(SPOT)[0].instance_id
    world.cloud.terminate_instance(SPOT, victim, decrement=False)
    world.run_for(MINUTE_MS)
    names = [i.instance_id for i in world.active(SPOT)]
    assert len(names) == 3
    assert victim not in names


def test_an_instance_is_terminated_only_once() -> None:
    world = scene(NodeGroup(spot_group(), running=3))
    victim = world.active(SPOT)[0].instance_id
    world.cloud.terminate_instance(SPOT, victim)
    assert world.cloud.terminate_instance(SPOT, victim).status == "precondition_failed"
    assert world.cloud.group(SPOT).desired_capacity == 2
    world.run_for(TERMINATE_MS)
    late = world.cloud.terminate_instance(SPOT, victim)
    assert (late.status, late.code) == ("failed", "ValidationError")
    assert "No managed instance found" in late.message
    assert world.told.times_of("terminating") == [0]


def test_a_group_at_its_minimum_does_not_decrement() -> None:
    world = scene(NodeGroup(spot_group(min_size=2), running=2))
    victim = world.active(SPOT)[0].instance_id
    answer = world.cloud.terminate_instance(SPOT, victim)
    assert answer.code == "ValidationError"
    assert answer.message.startswith("Currently, desiredSize equals minSize (2).")
    assert len(world.active(SPOT)) == 2


def test_an_instance_terminated_before_it_runs_is_never_told() -> None:
    world = scene()
    world.cloud.set_desired_capacity(SPOT, 1, 0)
    world.run_for(REACTION_MS)
    (pending,) = world.active(SPOT)
    world.cloud.terminate_instance(SPOT, pending.instance_id)
    world.run_for(5 * MINUTE_MS)
    assert world.told.events == []
    assert world.cloud.group(SPOT).instances == ()


def test_a_lowered_desired_capacity_takes_from_the_fullest_zone() -> None:
    world = scene(NodeGroup(spot_group(), running=4))
    fullest = world.active(SPOT)[0].pool.zone
    world.cloud.set_desired_capacity(SPOT, 3, 4)
    world.run_for(REACTION_MS)
    (victim,) = [i for i in world.cloud.group(SPOT).instances if i.state == "Terminating"]
    assert victim.pool.zone == fullest


def test_of_a_zone_the_oldest_instance_goes_first() -> None:
    world = scene(NodeGroup(spot_group(zones=ZONES[:1]), running=1))
    (oldest,) = world.active(SPOT)
    world.cloud.set_desired_capacity(SPOT, 3, 1)
    world.run_for(MINUTE_MS)
    world.cloud.set_desired_capacity(SPOT, 2, 3)
    world.run_for(REACTION_MS)
    (victim,) = [i for i in world.cloud.group(SPOT).instances if i.state == "Terminating"]
    assert victim.instance_id == oldest.instance_id


def test_a_group_can_be_emptied() -> None:
    world = scene(NodeGroup(spot_group(), running=4))
    world.cloud.set_desired_capacity(SPOT, 0, 4)
    world.run_for(5 * MINUTE_MS)
    assert world.cloud.group(SPOT).instances == ()
    assert len(world.told.times_of("terminated")) == 4


def test_a_desired_capacity_above_what_runs_at_the_start_is_launched() -> None:
    world = scene(NodeGroup(spot_group(desired_capacity=4), running=1))
    world.run_for(MINUTE_MS)
    assert len(world.active(SPOT)) == 4


def test_instances_at_the_start_are_in_service_and_spread_over_zones_and_types() -> None:
    world = scene(NodeGroup(spot_group(), running=9))
    pools = [i.pool for i in world.cloud.instances()]
    assert sorted(pools) == sorted(every_pool())
    assert all(i.state == "InService" for i in world.cloud.instances())
    assert world.cloud.group(SPOT).desired_capacity == 9
    world.run_for(MINUTE_MS)
    assert world.told.events == []


def test_the_seed_says_which_type_comes_first_at_the_start() -> None:
    first = {}
    for seed in range(20):
        (instance,) = scene(NodeGroup(spot_group(), running=1), seed=seed).cloud.instances()
        first[instance.pool.instance_type] = seed
    assert len(first) == 3


def test_on_demand_instances_at_the_start_are_of_the_first_type() -> None:
    world = scene(NodeGroup(on_demand_group(), running=4))
    types = [i.pool.instance_type for i in world.cloud.instances()]
    assert types == [TYPES[0]] * 4


def test_instances_at_the_start_keep_out_of_empty_pools() -> None:
    (left, *closed) = every_pool()
    world = scene(NodeGroup(spot_group(), running=4), outages=[empty(tuple(closed))])
    assert [i.pool for i in world.cloud.instances()] == [left] * 4


def test_instances_at_the_start_exist_even_where_every_pool_is_empty() -> None:
    world = scene(NodeGroup(spot_group(), running=3), outages=[empty(every_pool())])
    assert len(list(world.cloud.instances())) == 3


@pytest.mark.parametrize(
    "node_group",
    [
        pytest.param(NodeGroup(spot_group(zones=())), id="no zones"),
        pytest.param(NodeGroup(spot_group(instance_types=())), id="no types"),
        pytest.param(NodeGroup(spot_group(min_size=11)), id="min above max"),
        pytest.param(NodeGroup(spot_group(), running=11), id="more than max running"),
        pytest.param(NodeGroup(spot_group(desired_capacity=11)), id="desired above max"),
    ],
)
def test_a_group_that_contradicts_itself_is_refused(node_group: NodeGroup) -> None:
    with pytest.raises(ImpossibleGroup, match=SPOT):
        scene(node_group)
