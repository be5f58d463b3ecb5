"""What describe calls show, and how late."""

from __future__ import annotations

from kingtide.aws.activity_history import ACTIVITIES_KEPT, ActivityHistory
from kingtide.aws.autoscaling import ActivityStatus, ScalingActivity
from kingtide.twin.definition import NodeGroup
from kingtide.twin.engine import EventClass
from kingtide.twin.latencies import Latency
from tests.unit.twin.cloud.scene import (
    DESCRIBE_MS,
    LAUNCH_MS,
    REACTION_MS,
    SPOT,
    STEADY,
    TERMINATE_MS,
    scene,
    spot_group,
)


def test_the_start_is_shown_at_once() -> None:
    world = scene(NodeGroup(spot_group(), running=2))
    assert world.cloud.view.groups == {SPOT: world.cloud.group(SPOT)}


def test_a_change_shows_after_the_describe_latency() -> None:
    world = scene()
    world.cloud.set_desired_capacity(SPOT, 2, 0)
    world.run_for(DESCRIBE_MS - 1)
    assert world.cloud.view.groups[SPOT].desired_capacity == 0
    world.run_for(1)
    assert world.cloud.view.groups[SPOT].desired_capacity == 2
    world.run_for(REACTION_MS - 1)
    assert world.cloud.view.groups[SPOT].instances == ()
    world.run_for(1)
    assert [i.state for i in world.cloud.view.groups[SPOT].instances] == ["Pending"] * 2
    world.run_for(LAUNCH_MS)
    assert [i.state for i in world.cloud.view.groups[SPOT].instances] == ["InService"] * 2


def test_a_group_that_does_not_change_keeps_its_very_value() -> None:
    world = scene(NodeGroup(spot_group(), running=2))
    shown = world.cloud.view.groups[SPOT]
    world.run_for(600_000)
    assert world.cloud.view.groups[SPOT] is shown


def test_what_controllers_hold_is_not_changed_under_them() -> None:
    world = scene(NodeGroup(spot_group(), running=2))
    shown = world.cloud.view.groups[SPOT]
    world.cloud.set_desired_capacity(SPOT, 5, 2)
    world.run_for(60_000)
    assert (shown.desired_capacity, len(shown.instances)) == (2, 2)


def test_a_terminating_instance_is_shown_until_it_is_gone() -> None:
    world = scene(NodeGroup(spot_group(), running=1))
    (instance,) = world.cloud.instances()
    world.cloud.terminate_instance(SPOT, instance.instance_id)
    world.run_for(DESCRIBE_MS)
    assert [i.state for i in world.cloud.view.groups[SPOT].instances] == ["Terminating"]
    world.run_for(TERMINATE_MS)
    assert world.cloud.view.groups[SPOT].instances == ()


def test_a_change_of_the_same_instant_after_a_look_is_shown_too() -> None:
    world = scene()

    def ask(desired: int, expected: int) -> None:
        world.cloud.set_desired_capacity(SPOT, desired, expected)

    world.engine.after(10, EventClass.CONTROL, ask, 2, 0)
    world.engine.after(10, EventClass.CONTROL, ask, 3, 2)
    world.run_for(10 + DESCRIBE_MS)
    assert world.cloud.view.groups[SPOT].desired_capacity == 3


def test_a_slow_answer_does_not_replace_a_newer_one() -> None:
    slow = Latency(((0, 0), (100, 30_000)), "made for this test")
    for seed in range(20):
        world = scene(seed=seed, latencies={**STEADY, "cloud.describe": slow})
        for desired in range(1, 9):
            world.cloud.set_desired_capacity(SPOT, desired, desired - 1)
            world.run_for(500)
        shown = world.cloud.view.groups[SPOT].desired_capacity
        for _ in range(80):
            world.run_for(500)
            assert world.cloud.view.groups[SPOT].desired_capacity >= shown
            shown = world.cloud.view.groups[SPOT].desired_capacity
        assert shown == 8
        world.run_for(120_000)
        assert {a.status: 0 for a in world.activities(SPOT)} == {"Successful": 0}


def activity(number: int, start_ms: int, end_ms: int | None = None) -> ScalingActivity:
    status: ActivityStatus = "InProgress" if end_ms is None else "Successful"
    return ScalingActivity(str(number), "group", status, start_ms, end_ms, "made for this test")


def test_activities_are_listed_by_start_in_whatever_order_they_show() -> None:
    history = ActivityHistory()
    for number, start_ms in enumerate((30, 10, 20, 10)):
        history.put(activity(number, start_ms))
    assert [(a.start_ms, a.activity_id) for a in history.since(0)] == [
        (10, "1"),
        (10, "3"),
        (20, "2"),
        (30, "0"),
    ]


def test_an_ended_activity_does_not_go_back_to_progress() -> None:
    history = ActivityHistory()
    ended = activity(1, 10, end_ms=50)
    history.put(ended)
    history.put(activity(1, 10))
    assert list(history.since(0)) == [ended]


def test_old_activities_are_forgotten_and_new_ones_never() -> None:
    history = ActivityHistory()
    for number in range(5 * ACTIVITIES_KEPT):
        history.put(activity(number, number))
    kept = [a.start_ms for a in history.since(0)]
    assert ACTIVITIES_KEPT <= len(kept) <= 2 * ACTIVITIES_KEPT
    assert kept == list(range(kept[0], 5 * ACTIVITIES_KEPT))
