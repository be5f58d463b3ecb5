"""The view as a whole: all or nothing, the same values while nothing changes, its age."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from kingtide.live.aws.failures import AwsRefused, NoAnswer
from kingtide.live.aws.view import AwsView
from tests.unit.live.aws.scripted import (
    NOW,
    NOW_MS,
    Clock,
    Script,
    client,
    ec2,
    raw_group,
    raw_instance,
    refusal,
    run,
)
from tests.unit.live.aws.test_groups import TAGGED


def activity(number: int, status: str = "Failed", **changes: Any) -> dict[str, Any]:
    return {
        "ActivityId": f"activity-{number}",
        "StartTime": NOW,
        "EndTime": NOW,
        "StatusCode": status,
        "StatusMessage": "InsufficientInstanceCapacity",
        "Cause": "",
        **changes,
    }


def script(**answers: Any) -> Script:
    return Script(
        **{
            "DescribeAutoScalingGroups": {"AutoScalingGroups": [raw_group()]},
            "DescribeInstances": ec2(),
            "DescribeLifecycleHooks": {},
            "DescribeScalingActivities": {"Activities": []},
            **answers,
        }
    )


def view_on(it: Script, clock: Clock | None = None, **changes: Any) -> AwsView:
    return AwsView(client(it), TAGGED, lambda: NOW_MS, clock or Clock(), **changes)


def test_values_stay_the_same_as_long_as_they_are_equal() -> None:
    changes: list[str] = []
    grown = raw_group(DesiredCapacity=2)
    answers: list[Any] = [{"AutoScalingGroups": [it]} for it in (raw_group(), raw_group(), grown)]
    view = view_on(script(DescribeAutoScalingGroups=answers), changed=lambda: changes.append("!"))
    run(view.refresh())
    first = view.groups["workers"]
    run(view.refresh())
    assert view.groups["workers"] is first
    assert changes == ["!"]
    run(view.refresh())
    assert view.groups["workers"].desired_capacity == 2
    assert changes == ["!", "!"]


def test_a_refresh_that_fails_halfway_changes_nothing_and_ages_the_view() -> None:
    clock = Clock()
    first = {"AutoScalingGroups": [raw_group()]}
    half = {"AutoScalingGroups": [raw_group(DesiredCapacity=5)], "NextToken": "more"}
    it = script(DescribeAutoScalingGroups=[first, half, refusal("Throttling")])
    view = view_on(it, clock)
    assert view.staleness_seconds == float("inf")
    assert not view.is_synced
    run(view.refresh())
    clock.now += 30
    with pytest.raises(AwsRefused, match="Throttling"):
        run(view.refresh())
    assert view.groups["workers"].desired_capacity == 1
    assert view.staleness_seconds == 30


def test_the_loop_survives_failures_and_tells_them() -> None:
    it = script(
        DescribeAutoScalingGroups=[
            EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
            {"AutoScalingGroups": [raw_group()]},
        ]
    )
    view = view_on(it)

    async def until_synced() -> None:
        keeping = asyncio.create_task(view.run(0.01))
        while not view.is_synced:
            await asyncio.sleep(0.005)
        keeping.cancel()

    run(until_synced())
    assert view.failures == 1
    assert view.last_failure.startswith("NoAnswer")


def test_who_asks_does_not_wait_for_the_interval() -> None:
    it = script()
    view = view_on(it)

    async def twice() -> None:
        keeping = asyncio.create_task(view.run(3_600))
        while view.refreshes < 1:
            await asyncio.sleep(0.005)
        view.ask()
        async with asyncio.timeout(60):
            while view.refreshes < 2:
                await asyncio.sleep(0.005)
        keeping.cancel()

    run(twice())


# ------------------------------------------------------------ activities


def test_a_group_that_has_what_it_wants_is_not_asked_for_activities() -> None:
    it = script()
    run(view_on(it).refresh())
    assert it.count("DescribeScalingActivities") == 0


def lacking(*pages: Any) -> Script:
    groups = {"AutoScalingGroups": [raw_group(DesiredCapacity=2)]}
    return script(DescribeAutoScalingGroups=groups, DescribeScalingActivities=list(pages))


def test_a_failed_launch_is_seen_where_instances_are_missing() -> None:
    view = view_on(lacking({"Activities": [activity(1)]}))
    run(view.refresh())
    (found,) = view.activities_since("workers", NOW_MS)
    assert (found.status, found.start_ms, found.end_ms) == ("Failed", NOW_MS, NOW_MS)
    assert not view.activities_since("workers", NOW_MS + 1)


def test_an_instance_that_ends_is_missing_too() -> None:
    ending = raw_group(Instances=[raw_instance(LifecycleState="Terminating")])
    it = script(DescribeAutoScalingGroups={"AutoScalingGroups": [ending]})
    run(view_on(it).refresh())
    assert it.count("DescribeScalingActivities") == 1


def test_an_activity_is_followed_until_it_ends() -> None:
    whole = {"AutoScalingGroups": [raw_group()]}
    it = script(
        DescribeAutoScalingGroups=[{"AutoScalingGroups": [raw_group(DesiredCapacity=2)]}, whole],
        DescribeScalingActivities=[
            {"Activities": [activity(1, "PreInService", EndTime=None)]},
            {"Activities": [activity(1, "Successful")]},
        ],
    )
    view = view_on(it)
    for _ in range(4):
        run(view.refresh())
    assert [one.status for one in view.activities_since("workers", 0)] == ["Successful"]
    assert it.count("DescribeScalingActivities") == 2


def test_pages_are_read_back_to_what_is_known_and_no_further() -> None:
    old = activity(9, StartTime=NOW.replace(hour=1))
    it = lacking(
        {"Activities": [activity(2), activity(1)], "NextToken": "a"},
        {"Activities": [old], "NextToken": "b"},
    )
    view = view_on(it)
    run(view.refresh())
    assert it.count("DescribeScalingActivities") == 2
    assert [one.activity_id for one in view.activities_since("workers", 0)] == [
        "activity-1",
        "activity-2",
    ]


def test_an_odd_activity_is_counted_and_the_others_stand() -> None:
    odd = {"ActivityId": "x"}
    view = view_on(lacking({"Activities": [odd, activity(1), activity(2, "Dreaming")]}))
    run(view.refresh())
    assert len(view.activities_since("workers", 0)) == 1
    assert view.oddities.counts == {"ActivityUnreadable": 1, "UnknownActivityStatus": 1}


def test_a_group_that_goes_away_between_two_calls_is_no_failure() -> None:
    view = view_on(lacking(refusal("ValidationError", "AutoScalingGroup name not found")))
    run(view.refresh())
    assert view.is_synced


def test_no_answer_about_activities_is_a_failure_of_the_view() -> None:
    view = view_on(lacking(EndpointConnectionError(endpoint_url="http://127.0.0.1:1")))
    with pytest.raises(NoAnswer):
        run(view.refresh())
    assert not view.is_synced
