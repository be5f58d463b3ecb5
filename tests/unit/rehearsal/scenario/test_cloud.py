"""What a scenario says of the cloud, and what is wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.aws.autoscaling import CapacityPool, LifecycleHook
from kingtide.rehearsal.building.world import build_world
from kingtide.twin.cloud_conditions import (
    AccountLaunch,
    CloudConditions,
    CrossZoneTraffic,
    PlannedReclaim,
    PlannedRecommendation,
    ZoneOutage,
)
from tests.unit.rehearsal.scenario.reading import mistakes, read

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
SPOT_A = CapacityPool("c5.4xlarge", "eu-west-1a", "spot")


def conditions(folder: Path, *settings: str) -> tuple[CloudConditions, int]:
    """What is read, and the rehearsal's start."""
    scenario = read(folder, *settings)
    return build_world(scenario).cloud, scenario.clock.start_ms


def test_a_scenario_that_says_nothing_has_a_cloud_that_does_nothing(tmp_path: Path) -> None:
    found, _ = conditions(tmp_path)
    assert found == CloudConditions()
    (group, *_) = build_world(read(tmp_path)).node_groups
    assert (group.group.termination_hook, group.group.capacity_rebalance) == (None, False)


def test_a_course_comes_back_every_day_at_local_times(tmp_path: Path) -> None:
    found, start_ms = conditions(
        tmp_path,
        "cloud.depths=[{types: [c5.4xlarge], zones: [a], instances: 40, noise: 0.1, every: 5m,"
        " course: [['20:00', 0.5], ['06:00', 100%]]}]",
    )
    (depth,) = found.depths
    assert (depth.pools, depth.instances) == ((SPOT_A,), 40)
    assert (depth.course.noise_percent, depth.course.every_ms) == (10, 5 * MINUTE_MS)
    points = depth.course.points
    assert [p.parts_per_million for p in points] == [1_000_000, 500_000] * (len(points) // 2)
    assert points[0].at_ms < start_ms < points[-1].at_ms
    times = {p.at_ms % (24 * HOUR_MS) // HOUR_MS for p in points}
    assert len(times) == 2
    assert {b.at_ms - a.at_ms for a, b in zip(points, points[2:], strict=False)} == {24 * HOUR_MS}


def test_prices_move_on_a_course_of_spot_pools(tmp_path: Path) -> None:
    found, _ = conditions(tmp_path, "cloud.spotPrices=[{course: [['20:00', 1.3]], noise: 5%}]")
    (course,) = found.price_courses
    assert {pool.lifecycle for pool in course.pools} == {"spot"}
    assert course.course.noise_percent == 5
    assert course.course.every_ms == HOUR_MS


def test_another_account_launches_at_its_time(tmp_path: Path) -> None:
    found, start_ms = conditions(
        tmp_path,
        "cloud.depths=[{types: [c5.4xlarge], zones: [a], instances: 40}]",
        "cloud.accounts={video: {launches: [{type: c5.4xlarge, zone: a, instances: 12,"
        " at: '20:50', until: '20:55'}]}}",
    )
    (account,) = found.other_accounts
    (launch,) = account.launches
    assert account.name == "video"
    assert isinstance(launch, AccountLaunch)
    assert (launch.instance_type, launch.zone, launch.instances) == ("c5.4xlarge", "eu-west-1a", 12)
    assert launch.until_ms == launch.from_ms + 5 * MINUTE_MS
    assert start_ms <= launch.from_ms


def test_what_is_taken_away_at_a_time_of_the_users_choice(tmp_path: Path) -> None:
    found, _ = conditions(
        tmp_path,
        "cloud.reclaims=[{at: '20:50', share: 0.3, types: [c5.4xlarge], zones: [a], notice: 30s}]",
        "cloud.rebalanceRecommendations=[{at: '20:51', share: 10%, noticeAfter: 5m}]",
        "cloud.zoneOutages=[{zone: a, from: '20:52'}]",
    )
    (reclaim,) = found.reclaims
    assert reclaim == PlannedReclaim(reclaim.at_ms, (SPOT_A,), 300_000, 30_000)
    (recommendation,) = found.recommendations
    assert isinstance(recommendation, PlannedRecommendation)
    assert recommendation.at_ms == reclaim.at_ms + MINUTE_MS
    assert recommendation.parts_per_million == 100_000
    assert recommendation.notice_after_ms == 5 * MINUTE_MS
    assert found.zone_outages == (ZoneOutage("eu-west-1a", reclaim.at_ms + 2 * MINUTE_MS, None),)


def test_hooks_rebalancing_duplicates_and_traffic(tmp_path: Path) -> None:
    world = build_world(
        read(
            tmp_path,
            "cloud.terminationHook={heartbeatTimeout: 2m}",
            "cloud.zoneRebalancing=true",
            "cloud.capacityRebalancing=true",
            "cloud.duplicateMessages=0.05",
            "cloud.crossZoneTraffic={gigabytesPerCoreSecond: 0.002}",
        )
    )
    assert world.cloud == CloudConditions(
        duplicate_messages_per_million=50_000,
        zone_rebalancing=True,
        cross_zone_traffic=CrossZoneTraffic(2_000, 10_000),
    )
    assert {g.group.termination_hook for g in world.node_groups} == {LifecycleHook("kingtide", 120)}
    assert all(g.group.capacity_rebalance for g in world.node_groups)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        pytest.param(
            "cloud.depths=[{types: [c5.9xlarge], instances: 4}]",
            "no group of the cluster uses c5.9xlarge",
            id="a type nobody uses",
        ),
        pytest.param(
            "cloud.depths=[{zones: [z], instances: 4}]",
            "the cluster is not in zone 'eu-west-1z'",
            id="a zone the cluster is not in",
        ),
        pytest.param(
            "cloud.depths=[{instances: 4, course: [['20:00', 11]]}]",
            "11 is not within 0 and 10",
            id="a share beyond reason",
        ),
        pytest.param(
            "cloud.depths=[{instances: 4, course: [['20:00', 1], ['20:00:00', 0.5]]}]",
            "20:00:00 has a share already; keep one of both points",
            id="two points at once",
        ),
        pytest.param(
            "cloud.depths=[{instances: 4, noise: 0.001}]",
            "is not in whole percent",
            id="noise below a percent",
        ),
        pytest.param(
            "cloud.reclaims=[{at: '20:50', share: 1.5}]",
            "1.5 is more than all; write for example 0.3 or 30%",
            id="more than all",
        ),
        pytest.param(
            "cloud.accounts={video: {launches: [{type: c5.4xlarge, zone: a, instances: 1,"
            " at: '20:50'}]}}",
            "the spot pool of c5.4xlarge in eu-west-1a has no depth and never runs out;"
            " name it in `cloud.depths`",
            id="an account that takes nothing",
        ),
        pytest.param(
            "cloud.accounts={video: {launches: [{type: m5.metal, zone: a, instances: 1,"
            " at: '20:50'}]}}",
            "there is no instance type 'm5.metal'",
            id="an account's unknown type",
        ),
        pytest.param(
            "cloud.zoneOutages=[{zone: a, from: '20:55', until: '2020-01-01 20:50'}]",
            "is not after 20:55",
            id="an end before its beginning",
        ),
        pytest.param(
            "cloud.terminationHook={heartbeatTimeout: 3h}",
            "heartbeatTimeout is not within 30s and 2h; write for example 5m",
            id="a heartbeat beyond AWS' bounds",
        ),
        pytest.param(
            "cloud.crossZoneTraffic={gigabytesPerCoreSecond: much}",
            "'much' is not an amount of traffic; write gigabytes, as 0.005",
            id="no amount",
        ),
    ],
)
def test_a_mistake_is_told_with_what_to_do(tmp_path: Path, setting: str, told: str) -> None:
    (found,) = mistakes(tmp_path, setting)
    assert told in found


def test_an_account_that_ends_before_it_begins_is_a_mistake(tmp_path: Path) -> None:
    (found,) = mistakes(
        tmp_path,
        "cloud.depths=[{instances: 40}]",
        "cloud.accounts={video: {launches: [{type: c5.4xlarge, zone: a, instances: 1,"
        " at: '20:50', until: '2020-01-01 20:00'}]}}",
    )
    assert "is not after 20:50; write a later time" in found
