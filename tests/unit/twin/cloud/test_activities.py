"""Scaling activities: what DescribeScalingActivities lists, in AWS' words."""

from __future__ import annotations

from kingtide.aws.autoscaling import CapacityPool
from kingtide.twin.cloud import wording
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.cloud.scene import (
    DESCRIBE_MS,
    FAILURE_MS,
    LAUNCH_MS,
    ON_DEMAND,
    REACTION_MS,
    RETRY_MS,
    SPOT,
    START_MS,
    TERMINATE_MS,
    empty,
    every_pool,
    on_demand_group,
    scene,
    spot_group,
)


def test_a_launch_is_in_progress_and_then_successful() -> None:
    world = scene()
    world.cloud.set_desired_capacity(SPOT, 1, 0)
    world.run_for(REACTION_MS + DESCRIBE_MS)
    (activity,) = world.activities(SPOT)
    assert (activity.status, activity.end_ms) == ("InProgress", None)
    world.run_for(LAUNCH_MS)
    (activity,) = world.activities(SPOT)
    assert activity.status == "Successful"
    assert activity.start_ms == START_MS + REACTION_MS
    assert activity.end_ms == START_MS + REACTION_MS + LAUNCH_MS
    (instance,) = world.active(SPOT)
    assert activity.description == f"Launching a new EC2 instance: {instance.instance_id}"
    assert activity.cause == (
        "At 2020-12-01T20:00:00Z a user request explicitly set group desired capacity changing the"
        " desired capacity from 0 to 1.  At 2020-12-01T20:00:05Z an instance was started in"
        " response to a difference between desired and actual capacity, increasing the capacity"
        " from 0 to 1."
    )


def test_a_failed_spot_launch_shows_after_the_report_latency_with_the_words_of_aws() -> None:
    world = scene(outages=[empty(every_pool())])
    world.cloud.set_desired_capacity(SPOT, 3, 0)
    world.run_for(REACTION_MS + FAILURE_MS - 1)
    assert world.activities(SPOT) == ()
    world.run_for(1)
    (activity,) = world.activities(SPOT)
    assert activity.status == "Failed"
    assert activity.start_ms == activity.end_ms == START_MS + REACTION_MS
    assert activity.status_message == (
        "Could not launch Spot Instances. InsufficientInstanceCapacity - There is no Spot capacity"
        " available that matches your request. Launching EC2 instance failed."
    )
    assert activity.description == (
        f"Launching a new EC2 instance.  Status Reason: {activity.status_message}"
    )


def test_a_failed_on_demand_launch_names_type_and_zone() -> None:
    world = scene(NodeGroup(on_demand_group()), outages=[empty(every_pool("on-demand"))])
    world.cloud.set_desired_capacity(ON_DEMAND, 1, 0)
    world.run_for(REACTION_MS + FAILURE_MS)
    (activity,) = world.activities(ON_DEMAND)
    assert "InsufficientInstanceCapacity" in activity.status_message
    assert (
        "We currently do not have sufficient c5.4xlarge capacity in the Availability Zone you"
        " requested (eu-west-3a)." in activity.status_message
    )


def test_every_try_has_its_own_activity_and_only_the_first_names_the_request() -> None:
    world = scene(outages=[empty(every_pool())])
    world.cloud.set_desired_capacity(SPOT, 3, 0)
    world.run_for(REACTION_MS + RETRY_MS + FAILURE_MS)
    first, second = world.activities(SPOT)
    assert first.activity_id != second.activity_id
    assert "a user request" in first.cause
    assert second.cause == (
        "At 2020-12-01T20:01:05Z an instance was started in response to a difference between"
        " desired and actual capacity, increasing the capacity from 0 to 3."
    )


def test_activities_are_read_from_a_time_on() -> None:
    world = scene(outages=[empty(every_pool())])
    world.cloud.set_desired_capacity(SPOT, 3, 0)
    world.run_for(REACTION_MS + RETRY_MS + FAILURE_MS)
    first, second = world.activities(SPOT)
    since = world.cloud.view.activities_since
    assert list(since(SPOT, first.start_ms)) == [first, second]
    assert list(since(SPOT, first.start_ms + 1)) == [second]
    assert list(since(SPOT, second.start_ms + 1)) == []
    assert list(since("another-group", 0)) == []


def test_a_termination_tells_who_asked_for_it() -> None:
    world = scene(NodeGroup(spot_group(), running=3))
    victim = world.active(SPOT)[0].instance_id
    world.cloud.terminate_instance(SPOT, victim)
    world.run_for(TERMINATE_MS + DESCRIBE_MS)
    (activity,) = world.activities(SPOT)
    assert activity.status == "Successful"
    assert activity.end_ms == START_MS + TERMINATE_MS
    assert activity.description == f"Terminating EC2 instance: {victim}"
    assert activity.cause == (
        f"At 2020-12-01T20:00:00Z instance {victim} was taken out of service in response to a user"
        " request, shrinking the capacity from 3 to 2."
    )


def test_a_scale_in_tells_the_difference_and_the_instance() -> None:
    world = scene(NodeGroup(spot_group(), running=2))
    world.cloud.set_desired_capacity(SPOT, 1, 2)
    world.run_for(REACTION_MS + DESCRIBE_MS)
    (activity,) = world.activities(SPOT)
    assert "changing the desired capacity from 2 to 1." in activity.cause
    assert "shrinking the capacity from 2 to 1." in activity.cause
    assert activity.cause.endswith("was selected for termination.")


def test_a_launch_that_is_taken_back_is_cancelled() -> None:
    world = scene()
    world.cloud.set_desired_capacity(SPOT, 1, 0)
    world.run_for(REACTION_MS)
    world.cloud.terminate_instance(SPOT, world.active(SPOT)[0].instance_id)
    world.run_for(TERMINATE_MS + DESCRIBE_MS)
    statuses = [(a.description.split(" ")[0], a.status) for a in world.activities(SPOT)]
    assert statuses == [("Launching", "Cancelled"), ("Terminating", "Successful")]


def test_a_replacement_does_not_shrink_the_capacity() -> None:
    text = wording.taken_out(START_MS, 3, 3, "i-0")
    assert text.endswith("in response to a user request.")


def test_a_message_names_the_pool_it_is_about() -> None:
    pool = CapacityPool("m5.large", "eu-west-1b", "on-demand")
    text = wording.on_demand_capacity_failure(pool)
    assert "sufficient m5.large capacity" in text
    assert "(eu-west-1b)" in text
    assert text.endswith("Launching EC2 instance failed.")
