"""A lifecycle hook holds an instance before it ends."""

from __future__ import annotations

import json

import msgspec
import pytest

from kingtide.aws.autoscaling import LifecycleHook
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.cloud.scene import (
    DELIVERY_MS,
    HEALTH_CHECK_MS,
    LAUNCH_MS,
    REACTION_MS,
    SPOT,
    Scene,
    scene,
    spot_group,
)

HOOK = LifecycleHook("drain", heartbeat_timeout_seconds=300)
TIMEOUT_MS = 300_000


def held(**changes: object) -> tuple[Scene, str, str]:
    """A scene whose first instance waits, its id, and the token of its wait."""
    world = scene(NodeGroup(spot_group(termination_hook=HOOK, **changes), running=3))
    world.cloud.queue.read_by(lambda: None)
    victim = world.active(SPOT)[0].instance_id
    world.cloud.terminate_instance(SPOT, victim)
    world.run_for(DELIVERY_MS)
    (message,) = world.cloud.queue.inbox
    return world, victim, json.loads(message.body)["detail"]["LifecycleActionToken"]


def state(world: Scene, instance_id: str) -> str | None:
    return next((i.state for i in world.cloud.instances() if i.instance_id == instance_id), None)


def test_a_held_instance_runs_and_is_billed_and_counts_no_more() -> None:
    world, victim, _ = held()
    world.run_for(TIMEOUT_MS - DELIVERY_MS - 1)
    assert state(world, victim) == "Terminating:Wait"
    assert world.told.events == []
    assert world.cloud.cost.billed_instances("spot") == 3
    assert len(world.active(SPOT)) == world.cloud.group(SPOT).desired_capacity == 2


def test_nobody_answering_ends_the_wait_by_its_timeout() -> None:
    world, victim, _ = held()
    world.run_for(TIMEOUT_MS - DELIVERY_MS)
    assert state(world, victim) == "Terminating"
    assert world.told.events == [("terminating", victim, TIMEOUT_MS)]
    assert world.cloud.lifecycle_timeouts == 1
    assert world.cloud.cost.billed_instances("spot") == 2


@pytest.mark.parametrize("result", ["CONTINUE", "ABANDON"])
def test_completing_the_action_ends_the_wait_at_once(result: str) -> None:
    world, victim, token = held()
    answer = world.cloud.complete_lifecycle_action(
        SPOT,
        "drain",
        victim,
        token,
        result,  # type: ignore[arg-type]  # both literals
    )
    assert answer.status == "done"
    assert world.told.events == [("terminating", victim, DELIVERY_MS)]
    world.run_for(2 * TIMEOUT_MS)
    assert state(world, victim) is None
    assert world.cloud.lifecycle_timeouts == 0


def test_a_heartbeat_restarts_the_timeout() -> None:
    world, victim, token = held()
    world.run_for(200_000 - DELIVERY_MS)
    assert world.cloud.record_lifecycle_heartbeat(SPOT, "drain", victim, token).status == "done"
    world.run_for(TIMEOUT_MS - 1)
    assert state(world, victim) == "Terminating:Wait"
    world.run_for(1)
    assert world.told.times_of("terminating") == [200_000 + TIMEOUT_MS]


def test_heartbeats_do_not_hold_an_instance_beyond_the_longest_wait() -> None:
    world, victim, token = held()
    for _ in range(400):
        world.cloud.record_lifecycle_heartbeat(SPOT, "drain", victim, token)
        world.run_for(TIMEOUT_MS // 2)
    assert world.told.times_of("terminating") == [100 * TIMEOUT_MS]
    assert HOOK.longest_wait_ms == 100 * TIMEOUT_MS


@pytest.mark.parametrize(
    ("group", "hook", "token"),
    [("other", "drain", None), (SPOT, "other", None), (SPOT, "drain", "another")],
    ids=["group", "hook", "token"],
)
def test_an_answer_to_another_wait_changes_nothing(
    group: str, hook: str, token: str | None
) -> None:
    world, victim, right = held()
    for answer in (
        world.cloud.complete_lifecycle_action(group, hook, victim, token or right, "CONTINUE"),
        world.cloud.record_lifecycle_heartbeat(group, hook, victim, token or right),
    ):
        assert (answer.status, answer.code) == ("failed", "ValidationError")
        assert "No active Lifecycle Action found" in answer.message
    assert state(world, victim) == "Terminating:Wait"


def test_a_second_completion_finds_no_wait() -> None:
    world, victim, token = held()
    world.cloud.complete_lifecycle_action(SPOT, "drain", victim, token, "CONTINUE")
    late = world.cloud.complete_lifecycle_action(SPOT, "drain", victim, token, "CONTINUE")
    assert late.code == "ValidationError"
    assert world.told.times_of("terminating") == [DELIVERY_MS]


def test_a_held_instance_is_not_terminated_again() -> None:
    world, victim, _ = held()
    again = world.cloud.terminate_instance(SPOT, victim)
    assert again.status == "precondition_failed"


def test_an_instance_that_is_replaced_waits_while_the_other_launches() -> None:
    world = scene(NodeGroup(spot_group(termination_hook=HOOK), running=2))
    victim = world.active(SPOT)[0].instance_id
    world.cloud.terminate_instance(SPOT, victim, decrement=False)
    world.run_for(REACTION_MS + LAUNCH_MS)
    assert state(world, victim) == "Terminating:Wait"
    assert len(world.active(SPOT)) == 2


def test_an_instance_that_does_not_run_yet_is_not_held() -> None:
    world = scene(NodeGroup(spot_group(termination_hook=HOOK)))
    world.cloud.set_desired_capacity(SPOT, 1, 0)
    world.run_for(REACTION_MS)
    (pending,) = world.active(SPOT)
    world.cloud.terminate_instance(SPOT, pending.instance_id)
    assert state(world, pending.instance_id) == "Terminating"


def test_a_reclaim_does_not_wait_for_a_hook() -> None:
    world, victim, token = held()
    world.cloud.reclaim([victim], notice_ms=10_000)
    world.run_for(10_000)
    assert state(world, victim) == "Terminating"
    late = world.cloud.complete_lifecycle_action(SPOT, "drain", victim, token, "CONTINUE")
    assert late.code == "ValidationError"
    world.run_for(HEALTH_CHECK_MS + TIMEOUT_MS)
    assert world.cloud.lifecycle_timeouts == 0
    assert world.told.times_of("terminating") == [DELIVERY_MS + 10_000]
    assert len(world.active(SPOT)) == 2


def test_the_message_names_the_wait() -> None:
    world, victim, token = held()
    (message,) = world.cloud.queue.inbox
    body = json.loads(message.body)
    assert body["detail-type"] == "EC2 Instance-terminate Lifecycle Action"
    detail = body["detail"]
    assert detail["LifecycleTransition"] == "autoscaling:EC2_INSTANCE_TERMINATING"
    assert (detail["AutoScalingGroupName"], detail["LifecycleHookName"]) == (SPOT, "drain")
    assert (detail["EC2InstanceId"], detail["LifecycleActionToken"]) == (victim, token)
    assert msgspec.json.decode(message.body)["source"] == "aws.autoscaling"
