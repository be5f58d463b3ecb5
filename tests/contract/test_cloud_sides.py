"""Observing and performing give the same, in the twin's process and over HTTP through live.aws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import msgspec
import pytest

from kingtide.aws.autoscaling import LifecycleHook
from kingtide.aws.interruptions.events import LifecycleAction, SpotInterruption
from kingtide.aws.interruptions.queue_body import read_body
from kingtide.control.action import SetDesiredCapacity, TerminateInstance
from kingtide.control.message_actions import (
    AcknowledgeMessage,
    CompleteLifecycleAction,
    RecordLifecycleHeartbeat,
)
from kingtide.twin.definition import NodeGroup, WorldDefinition
from tests.contract.cloud_sides import (
    TAGS,
    Side,
    credentials_of_the_twin,
    definition,
    end,
    in_process,
    over_http,
    resize,
    told,
)
from tests.unit.twin.cloud.scene import DESCRIBE_MS, ON_DEMAND, SPOT, VISIBILITY_MS, spot_group

Opened = Callable[[WorldDefinition], AbstractContextManager[Side]]
HOOK = LifecycleHook("drain", heartbeat_timeout_seconds=300)
HELD = (NodeGroup(spot_group(tags=TAGS, termination_hook=HOOK), running=3),)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials_of_the_twin(monkeypatch)


@pytest.fixture(params=[in_process, over_http], ids=["in process", "over HTTP"])
def opened(request: pytest.FixtureRequest) -> Opened:
    chosen: Opened = request.param
    return chosen


@pytest.fixture
def side(opened: Opened) -> Iterator[Side]:
    with opened(definition()) as it:
        yield it


@pytest.fixture
def held(opened: Opened) -> Iterator[Side]:
    """A world whose instances are held by a hook."""
    with opened(definition(node_groups=HELD, outages=())) as it:
        yield it


# ------------------------------------------------------------ observing


def test_groups_are_described_with_their_instances(side: Side) -> None:
    groups = side.groups()
    assert sorted(groups) == [ON_DEMAND, SPOT]
    spot = groups[SPOT]
    assert (spot.min_size, spot.max_size, spot.desired_capacity) == (0, 10, 3)
    assert spot.tags == TAGS
    assert spot.lifecycle == "spot"
    assert [it.pool.lifecycle for it in spot.instances] == ["spot"] * 3
    assert {it.state for it in spot.instances} == {"InService"}
    assert groups[ON_DEMAND].lifecycle == "on-demand"


def test_a_change_is_seen_a_describe_latency_later(side: Side) -> None:
    side.perform(resize(SPOT, 3, 4))
    assert side.groups()[SPOT].desired_capacity == 3
    side.run_for(DESCRIBE_MS)
    assert side.groups()[SPOT].desired_capacity == 4


def test_a_failed_launch_is_told_with_aws_words(side: Side) -> None:
    side.perform(resize(ON_DEMAND, 0, 2))
    side.run_for(DESCRIBE_MS)
    side.run_for(10_000)
    (activity,) = side.activities(ON_DEMAND)
    assert activity.status == "Failed"
    assert "InsufficientInstanceCapacity" in activity.status_message
    assert "(eu-west-3a)" in activity.status_message


# ------------------------------------------------------------ performing


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        pytest.param(resize(SPOT, 3, 5), ("done", ""), id="as expected"),
        pytest.param(resize(SPOT, 3, 3), ("done", ""), id="nothing to do"),
        pytest.param(resize(SPOT, 4, 5), ("precondition_failed", ""), id="changed meanwhile"),
        pytest.param(resize(SPOT, 3, 11), ("failed", "ValidationError"), id="above max"),
        pytest.param(resize(SPOT, 3, -1), ("failed", "ValidationError"), id="below min"),
        pytest.param(resize("no", 0, 1), ("failed", "ValidationError"), id="no such group"),
        pytest.param(
            TerminateInstance(group=SPOT, instance_id="i-0", node="n", reason="a test"),
            ("failed", "ValidationError"),
            id="no such instance",
        ),
        pytest.param(
            CompleteLifecycleAction(
                group=SPOT, hook="drain", instance_id="i-0", token="0" * 36, reason="a test"
            ),
            ("failed", "ValidationError"),
            id="no such wait",
        ),
        pytest.param(
            AcknowledgeMessage(message_id="gone", reason="a test"),
            ("done", ""),
            id="a message that is gone",
        ),
    ],
)
def test_an_action_has_the_same_outcome(
    action: SetDesiredCapacity, expected: tuple[str, str], side: Side
) -> None:
    assert told(side.perform(action)) == expected


def test_two_raises_in_one_second_both_count(side: Side) -> None:
    """The second expects what the first wrote, which no describe call tells yet."""
    assert told(side.perform(resize(SPOT, 3, 5))) == ("done", "")
    assert told(side.perform(resize(SPOT, 3, 6))) == ("precondition_failed", "")
    assert told(side.perform(resize(SPOT, 5, 6))) == ("done", "")
    assert side.world.cloud.group(SPOT).desired_capacity == 6


def test_a_termination_lowers_its_group_and_happens_once(side: Side) -> None:
    action = end(side)
    assert told(side.perform(action)) == ("done", "")
    assert told(side.perform(action)) == ("precondition_failed", "")
    side.run_for(DESCRIBE_MS)
    spot = side.groups()[SPOT]
    assert spot.desired_capacity == 2
    assert [it.state for it in spot.instances] == ["Terminating", "InService", "InService"]


def test_an_instance_that_turns_out_to_be_a_node_is_not_ended(side: Side) -> None:
    assert told(side.perform(end(side, node=""))) == ("precondition_failed", "NodeExists")
    assert side.world.cloud.group(SPOT).desired_capacity == 3


# ------------------------------------------------------------ the queue


def test_a_warning_is_told_again_until_it_is_acknowledged(side: Side) -> None:
    victim = side.groups()[SPOT].instances[0].instance_id
    assert side.messages() == ()
    side.reclaim([victim])
    side.run_for(500)
    (first,) = side.messages()
    (event,) = read_events(first.body)
    assert isinstance(event, SpotInterruption)
    assert (event.instance_id, first.receive_count) == (victim, 1)
    side.run_for(VISIBILITY_MS)
    (again,) = side.messages()
    assert again == msgspec.structs.replace(first, receive_count=2)
    acknowledge = AcknowledgeMessage(message_id=again.message_id, reason="a test")
    assert told(side.perform(acknowledge)) == ("done", "")
    side.run_for(VISIBILITY_MS)
    assert side.messages() == ()


def test_a_held_instance_lives_until_its_wait_is_completed(held: Side) -> None:
    assert held.groups()[SPOT].termination_hook == HOOK
    assert held.messages() == ()
    assert told(held.perform(end(held))) == ("done", "")
    held.run_for(DESCRIBE_MS)
    assert held.groups()[SPOT].instances[0].state == "Terminating:Wait"
    (message,) = held.messages()
    (event,) = read_events(message.body)
    assert isinstance(event, LifecycleAction)
    group, hook, instance, token = event.group, event.hook, event.instance_id, event.token
    beat = RecordLifecycleHeartbeat(
        group=group, hook=hook, instance_id=instance, token=token, reason="a test"
    )
    assert told(held.perform(beat)) == ("done", "")
    done = CompleteLifecycleAction(
        group=group, hook=hook, instance_id=instance, token=token, reason="a test"
    )
    assert told(held.perform(done)) == ("done", "")
    held.run_for(DESCRIBE_MS)
    assert held.groups()[SPOT].instances[0].state == "Terminating"
    assert told(held.perform(done)) == ("failed", "ValidationError")


def read_events(body: str) -> tuple[object, ...]:
    reading = read_body(body)
    assert isinstance(reading, tuple)
    return reading
