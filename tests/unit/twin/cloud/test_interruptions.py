"""EC2 takes spot instances back."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from kingtide.aws.autoscaling import CapacityPool
from kingtide.twin.cloud.interruptions import NOTICE_MS
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.cloud.scene import (
    DELIVERY_MS,
    HEALTH_CHECK_MS,
    LAUNCH_MS,
    ON_DEMAND,
    REACTION_MS,
    SPOT,
    START_MS,
    TERMINATE_MS,
    Scene,
    every_pool,
    on_demand_group,
    scene,
    spot_group,
)


def nine() -> Scene:
    world = scene(NodeGroup(spot_group(), running=9))
    world.cloud.queue.read_by(lambda: None)
    return world


def names(world: Scene) -> list[str]:
    return [i.instance_id for i in world.cloud.instances()]


def bodies(world: Scene) -> list[Mapping[str, object]]:
    return [json.loads(message.body) for message in world.cloud.queue.inbox]


def states_told(world: Scene) -> list[object]:
    kind = "EC2 Instance State-change Notification"
    return [b["detail"]["state"] for b in bodies(world) if b["detail-type"] == kind]  # type: ignore[index]  # JSON


def test_a_warning_comes_two_minutes_before_the_end() -> None:
    world = nine()
    victim = names(world)[0]
    assert world.cloud.reclaim([victim]) == [victim]
    world.run_for(DELIVERY_MS)
    (body,) = bodies(world)
    assert body["detail-type"] == "EC2 Spot Instance Interruption Warning"
    assert body["detail"] == {"instance-id": victim, "instance-action": "terminate"}
    world.run_for(NOTICE_MS - DELIVERY_MS - 1)
    assert world.told.events == [("warned", victim, 0)]
    world.run_for(1)
    assert world.told.events[-1] == ("terminating", victim, NOTICE_MS)


def test_its_group_replaces_it_after_a_health_check() -> None:
    world = nine()
    victim = names(world)[0]
    world.cloud.reclaim([victim])
    world.run_for(NOTICE_MS + HEALTH_CHECK_MS - 1)
    assert len(world.active(SPOT)) == 8
    world.run_for(1)
    assert [i.state for i in world.active(SPOT)].count("Pending") == 1
    world.run_for(LAUNCH_MS)
    assert len(world.active(SPOT)) == world.cloud.group(SPOT).desired_capacity == 9
    assert victim not in [i.instance_id for i in world.active(SPOT)]


def test_the_end_is_told_by_state_changes_and_an_activity() -> None:
    world = nine()
    world.cloud.reclaim(names(world)[:1])
    world.run_for(NOTICE_MS + TERMINATE_MS + DELIVERY_MS)
    assert states_told(world) == ["shutting-down", "terminated"]
    causes = [activity.cause for activity in world.activities(SPOT)]
    assert any("EC2 health check" in cause for cause in causes)


@pytest.mark.parametrize("notice_ms", [0, 30_000], ids=["none", "short"])
def test_a_notice_can_be_shorter(notice_ms: int) -> None:
    world = nine()
    victim = names(world)[0]
    world.cloud.reclaim([victim], notice_ms)
    world.run_for(notice_ms)
    assert world.told.times_of("terminating") == [notice_ms]
    world.run_for(DELIVERY_MS)
    warned = [b for b in bodies(world) if "Warning" in str(b["detail-type"])]
    assert len(warned) == (notice_ms > 0)


def test_a_shorter_notice_overtakes_a_longer_one_and_not_the_other_way_round() -> None:
    world = nine()
    victim = names(world)[0]
    world.cloud.reclaim([victim])
    assert world.cloud.reclaim([victim], 30_000) == [victim]
    assert world.cloud.reclaim([victim], 60_000) == []
    world.run_for(2 * NOTICE_MS)
    assert world.told.times_of("terminating") == [30_000]


def test_an_instance_is_billed_until_it_shuts_down() -> None:
    world = nine()
    world.cloud.reclaim(names(world)[:3])
    world.run_for(NOTICE_MS - 1)
    assert world.cloud.cost.billed_instances("spot") == 9
    world.run_for(1)
    assert world.cloud.cost.billed_instances("spot") == 6


def test_on_demand_and_unknown_instances_are_left_alone() -> None:
    world = scene(NodeGroup(on_demand_group(), running=2))
    assert world.cloud.reclaim([*names(world), "i-0000"]) == []
    world.run_for(2 * NOTICE_MS)
    assert world.told.events == []
    assert len(world.active(ON_DEMAND)) == 2


def test_an_instance_given_back_within_its_notice_ends_once() -> None:
    world = nine()
    victim = names(world)[0]
    world.cloud.reclaim([victim])
    world.run_for(10_000)
    world.cloud.terminate_instance(SPOT, victim)
    world.run_for(2 * NOTICE_MS)
    assert world.told.times_of("terminating") == [10_000]
    assert len(world.active(SPOT)) == 8
    assert world.cloud.interruptions.reclaimed == {}


def test_a_pending_instance_is_taken_without_a_warning() -> None:
    world = scene()
    world.cloud.queue.read_by(lambda: None)
    world.cloud.set_desired_capacity(SPOT, 1, 0)
    world.run_for(REACTION_MS)
    world.cloud.reclaim(names(world), 1_000)
    world.run_for(1_000 + DELIVERY_MS)
    assert bodies(world) == []
    world.run_for(HEALTH_CHECK_MS + LAUNCH_MS)
    assert [i.state for i in world.active(SPOT)] == ["InService"]


@pytest.mark.parametrize(
    ("parts_per_million", "taken"), [(1, 1), (300_000, 1), (500_000, 2), (1_000_000, 3)]
)
def test_a_share_of_a_pool_goes_at_once_rounded_up(parts_per_million: int, taken: int) -> None:
    world = scene(NodeGroup(spot_group(zones=("eu-west-3a",)), running=9))
    pool = CapacityPool("c5.4xlarge", "eu-west-3a", "spot")
    gone = world.cloud.reclaim_share([pool], parts_per_million)
    assert len(gone) == taken
    assert world.told.interruptions == [(taken, NOTICE_MS, "EC2 needs the capacity")]
    world.run_for(NOTICE_MS)
    assert world.told.times_of("terminating") == [NOTICE_MS] * taken


def test_dozens_go_at_once_and_the_group_comes_back_elsewhere() -> None:
    world = scene(NodeGroup(spot_group(max_size=100), running=90))
    taken = world.cloud.reclaim_share(every_pool()[:6], 1_000_000)
    assert len(taken) == 60
    world.run_for(NOTICE_MS + HEALTH_CHECK_MS + LAUNCH_MS)
    assert len(world.active(SPOT)) == 90
    assert world.cloud.interruptions.reclaimed == {"EC2 needs the capacity": 60}


@pytest.mark.parametrize("follows", [False, True])
def test_a_recommendation_comes_with_and_without_a_later_notice(follows: bool) -> None:
    world = nine()
    victim = names(world)[0]
    world.cloud.recommend_rebalance([victim], 60_000 if follows else None)
    world.run_for(DELIVERY_MS)
    (body,) = bodies(world)
    assert body["detail-type"] == "EC2 Instance Rebalance Recommendation"
    world.run_for(60_000 + NOTICE_MS)
    assert world.told.times_of("terminating") == ([60_000 + NOTICE_MS] if follows else [])
    assert world.told.times_of("warned") == ([60_000] if follows else [])


def test_who_is_taken_hangs_on_the_seed_alone() -> None:
    def taken(seed: int) -> set[object]:
        world = scene(NodeGroup(spot_group(zones=("eu-west-3a",)), running=9), seed=seed)
        first = names(world)
        gone = world.cloud.reclaim_share(every_pool()[:1], 400_000)
        assert world.engine.now_ms == START_MS
        return {first.index(name) for name in gone}

    assert taken(1) == taken(1)
    assert len({frozenset(taken(seed)) for seed in range(12)}) > 1
