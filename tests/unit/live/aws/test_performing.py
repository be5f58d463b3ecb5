"""Actions on AWS where the contract tests have no world for it: doubts, races, bounds."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from kingtide.control.action import Action, SetDesiredCapacity, TerminateInstance
from kingtide.control.message_actions import AcknowledgeMessage
from kingtide.live.aws.groups import Selection
from kingtide.live.aws.limits import CallLimits
from kingtide.live.aws.own_writes import OwnWrites
from kingtide.live.aws.performing import PERFORMED, AwsPerformer
from kingtide.live.aws.reads import ACTIONS
from kingtide.live.aws.view import AwsView
from tests.unit.live.aws.scripted import NOW_MS, Clock, Script, client, raw_group, refusal, run

RAISE = SetDesiredCapacity(group="workers", desired=2, expected_desired=1, reason="a test")
END = TerminateInstance(group="workers", instance_id="i-1", node="node-1", reason="a test")
MEMBER = {"InstanceId": "i-1", "AutoScalingGroupName": "workers", "LifecycleState": "InService"}


async def no_node(_: str) -> str | None:
    return None


def performer(script: Script, node_of: Any = no_node, **changes: Any) -> AwsPerformer:
    api = client(script, **changes)
    reader = AwsView(api, Selection({})).reader
    return AwsPerformer(api, reader, node_of, now_ms=lambda: NOW_MS)


def world(**answers: Any) -> Script:
    return Script(
        **{
            "DescribeAutoScalingGroups": {"AutoScalingGroups": [raw_group()]},
            "DescribeAutoScalingInstances": {"AutoScalingInstances": [MEMBER]},
            "SetDesiredCapacity": {},
            "TerminateInstanceInAutoScalingGroup": {},
            **answers,
        }
    )


def outcome(script: Script, action: Action, **changes: Any) -> tuple[str, str]:
    found = run(performer(script, **changes).perform(action, "a-controller"))
    assert (found.action, found.at_ms) == (action, NOW_MS)
    return found.status, found.code


def test_every_action_on_the_cloud_is_performed() -> None:
    assert set(PERFORMED) == set(ACTIONS)


def test_desired_is_read_compared_and_set() -> None:
    script = world()
    assert outcome(script, RAISE) == ("done", "")
    assert script.asked == [
        ("DescribeAutoScalingGroups", {"AutoScalingGroupNames": ["workers"]}),
        (
            "SetDesiredCapacity",
            {"AutoScalingGroupName": "workers", "DesiredCapacity": 2, "HonorCooldown": False},
        ),
    ]


def test_two_writes_of_one_group_do_not_meet() -> None:
    """The second compares with what the first wrote, though both were asked for at once."""
    script = world()
    doing = performer(script)

    async def both() -> list[str]:
        found = await asyncio.gather(doing.perform(RAISE, "one"), doing.perform(RAISE, "another"))
        return [it.status for it in found]

    assert sorted(run(both())) == ["done", "precondition_failed"]
    assert script.count("SetDesiredCapacity") == 1


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("ScalingActivityInProgress", "refused"),
        ("ResourceContention", "refused"),
        ("Throttling", "refused"),
        ("ValidationError", "failed"),
        ("AccessDenied", "failed"),
    ],
)
def test_an_error_is_an_outcome_with_its_code(error: str, expected: str) -> None:
    assert outcome(world(SetDesiredCapacity=refusal(error)), RAISE) == (expected, error)


def test_who_may_not_write_is_told_so() -> None:
    script = world()
    assert outcome(script, RAISE, may_write=lambda: False) == ("refused", "NotLeading")
    assert script.count("SetDesiredCapacity") == 0


def test_beyond_its_calls_a_controllers_action_is_refused() -> None:
    script = world()
    limits = CallLimits(per_minute=1)
    assert outcome(script, RAISE, limits=limits) == ("refused", "CallLimit")
    assert script.count("SetDesiredCapacity") == 0


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        pytest.param(
            {"AutoScalingGroupName": "others"}, ("precondition_failed", ""), id="another group's"
        ),
        pytest.param(
            {"LifecycleState": "Terminating:Wait"}, ("precondition_failed", ""), id="ending"
        ),
        pytest.param({"LifecycleState": "Standby"}, ("precondition_failed", ""), id="aside"),
        pytest.param({"InstanceId": "i-2"}, ("failed", "ValidationError"), id="not there"),
    ],
)
def test_what_is_not_the_groups_to_lose_is_not_terminated(
    member: dict[str, str], expected: tuple[str, str]
) -> None:
    script = world(DescribeAutoScalingInstances={"AutoScalingInstances": [{**MEMBER, **member}]})
    assert outcome(script, END) == expected
    assert script.count("TerminateInstanceInAutoScalingGroup") == 0


NO_NODE = TerminateInstance(group="workers", instance_id="i-1", node="", reason="a test")


def test_an_instance_of_which_the_cluster_cannot_say_what_it_is_stays() -> None:
    async def unknown(_: str) -> str | None:
        raise httpx2.ConnectError("down")

    script = world()
    assert outcome(script, NO_NODE, node_of=unknown) == ("failed", "NodesUnknown")
    assert script.asked == []


def test_an_instance_that_is_no_node_ends() -> None:
    script = world()
    assert outcome(script, NO_NODE) == ("done", "")
    assert script.asked[-1] == (
        "TerminateInstanceInAutoScalingGroup",
        {"InstanceId": "i-1", "ShouldDecrementDesiredCapacity": True},
    )


def test_without_a_queue_there_is_nothing_to_acknowledge() -> None:
    action = AcknowledgeMessage(message_id="m", reason="a test")
    assert outcome(world(), action) == ("failed", "NonExistentQueue")


# ------------------------------------------------------------ what we wrote ourselves


def test_a_value_from_before_our_write_is_no_news_for_ten_seconds() -> None:
    clock = Clock()
    own = OwnWrites(clock)
    own.wrote_desired("workers", 3, 5)
    assert [own.desired("workers", it) for it in (3, 5, 4)] == [5, 5, 4]
    clock.now += 10.1
    assert own.desired("workers", 3) == 3


def test_a_value_that_is_wanted_again_is_news() -> None:
    own = OwnWrites(Clock())
    own.wrote_desired("workers", 3, 5)
    own.wrote_desired("workers", 5, 3)
    assert [own.desired("workers", it) for it in (3, 5)] == [3, 3]
