"""Every call that is served, asked by boto3; the reference's table lists the same ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from kingtide.aws.autoscaling import LifecycleHook
from kingtide.twin.apiserver.aws.autoscaling import calls as autoscaling
from kingtide.twin.apiserver.aws.ec2 import calls as ec2
from kingtide.twin.apiserver.aws.sqs import calls as sqs
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.apiserver.aws.served import Served, served
from tests.unit.twin.cloud.scene import SPOT, scene, spot_group

HOOK = LifecycleHook("drain", heartbeat_timeout_seconds=300)
QUEUE = "kingtide-interruptions"
SERVED = {
    *(f"autoscaling:{name}" for name in autoscaling.CALLS),
    *(f"ec2:{name}" for name in ec2.CALLS),
    *(f"sqs:{name}" for name in sqs.CALLS),
    "sts:GetCallerIdentity",
}


@pytest.fixture(scope="module")
def world() -> Iterator[Served]:
    """A spot group of nine instances with a hook; two have been told to end, and are held."""
    group = spot_group(termination_hook=HOOK, tags={"team": "a&b <c>"})
    with served(scene(NodeGroup(group, running=9))) as it:
        for _ in range(2):  # one is let go by a call, and others still want one
            it.do(lambda: it.scene.cloud.terminate_instance(SPOT, an_instance(it)))
        it.run_for(2_000)
        yield it


def an_instance(world: Served) -> str:
    return world.scene.active(SPOT)[0].instance_id


def held(world: Served) -> str:
    members = world.scene.cloud.group(SPOT).instances
    return next(it.instance_id for it in members if it.state == "Terminating:Wait")


def a_handle(world: Served) -> str:
    world.do(lambda: world.scene.cloud.recommend_rebalance([an_instance(world)]))
    world.run_for(1_000)
    found = world.client("sqs").receive_message(QueueUrl=url(world))
    return str(found["Messages"][0]["ReceiptHandle"])


def url(world: Served) -> str:
    return f"{world.url}/123456789012/{QUEUE}"


Example = tuple[Callable[[Served], dict[str, Any]], Callable[[Mapping[str, Any]], Any], Any]

OF_GROUP = {"AutoScalingGroupName": SPOT}
IGNORED = (lambda _: None, None)

# call -> (parameters, what is read from the answer, what that has to be)
EXAMPLES: Mapping[str, Example] = {
    "autoscaling:DescribeAutoScalingGroups": (
        lambda _: {"Filters": [{"Name": "tag:team", "Values": ["a&b <c>"]}]},
        lambda it: [
            (g["AutoScalingGroupName"], g["Tags"][0]["Value"]) for g in it["AutoScalingGroups"]
        ],
        [(SPOT, "a&b <c>")],
    ),
    "autoscaling:DescribeAutoScalingInstances": (
        lambda world: {"InstanceIds": [held(world)]},
        lambda it: [one["LifecycleState"] for one in it["AutoScalingInstances"]],
        ["Terminating:Wait"],
    ),
    "autoscaling:DescribeLaunchConfigurations": (
        lambda _: {},
        lambda it: it["LaunchConfigurations"],
        [],
    ),
    "autoscaling:DescribeLifecycleHooks": (
        lambda _: OF_GROUP,
        lambda it: [(h["LifecycleHookName"], h["HeartbeatTimeout"]) for h in it["LifecycleHooks"]],
        [("drain", 300)],
    ),
    "autoscaling:DescribeScalingActivities": (
        lambda _: OF_GROUP,
        lambda it: [one["StatusCode"] for one in it["Activities"]],
        ["InProgress", "InProgress"],
    ),
    "autoscaling:DescribeTags": (
        lambda _: {"Filters": [{"Name": "key", "Values": ["team"]}]},
        lambda it: [(one["ResourceId"], one["Value"]) for one in it["Tags"]],
        [(SPOT, "a&b <c>")],
    ),
    "autoscaling:RecordLifecycleActionHeartbeat": (
        lambda world: {**OF_GROUP, "LifecycleHookName": "drain", "InstanceId": held(world)},
        *IGNORED,
    ),
    "autoscaling:SetDesiredCapacity": (lambda _: {**OF_GROUP, "DesiredCapacity": 7}, *IGNORED),
    "autoscaling:TerminateInstanceInAutoScalingGroup": (
        lambda world: {
            "InstanceId": an_instance(world),
            "ShouldDecrementDesiredCapacity": True,
        },
        lambda it: (it["Activity"]["StatusCode"], "user request" in it["Activity"]["Cause"]),
        ("InProgress", True),
    ),
    "autoscaling:CompleteLifecycleAction": (
        lambda world: {
            **OF_GROUP,
            "LifecycleHookName": "drain",
            "InstanceId": held(world),
            "LifecycleActionResult": "CONTINUE",
        },
        *IGNORED,
    ),
    "ec2:DescribeAvailabilityZones": (
        lambda _: {},
        lambda it: [one["ZoneName"] for one in it["AvailabilityZones"]],
        ["eu-west-3a", "eu-west-3b", "eu-west-3c"],
    ),
    "ec2:DescribeImages": (
        lambda _: {},
        lambda it: [one["Architecture"] for one in it["Images"]],
        ["x86_64", "arm64"],
    ),
    "ec2:DescribeInstanceTypes": (
        lambda _: {"InstanceTypes": ["c5.4xlarge"]},
        lambda it: [
            (one["VCpuInfo"]["DefaultVCpus"], one["MemoryInfo"]["SizeInMiB"])
            for one in it["InstanceTypes"]
        ],
        [(16, 32_768)],
    ),
    "ec2:DescribeInstances": (
        lambda world: {"Filters": [{"Name": "instance-id", "Values": [held(world), "i-0"]}]},
        lambda it: [
            (one["State"]["Name"], one["InstanceLifecycle"])
            for reservation in it["Reservations"]
            for one in reservation["Instances"]
        ],
        [("running", "spot")],
    ),
    "ec2:DescribeLaunchTemplateVersions": (
        lambda _: {"LaunchTemplateName": SPOT, "Versions": ["$Latest"]},
        lambda it: [
            one["LaunchTemplateData"]["InstanceType"] for one in it["LaunchTemplateVersions"]
        ],
        ["c5.4xlarge"],
    ),
    "ec2:DescribeSpotPriceHistory": (
        lambda _: {"InstanceTypes": ["c5.4xlarge"], "AvailabilityZone": "eu-west-3a"},
        lambda it: [one["SpotPrice"] for one in it["SpotPriceHistory"]],
        ["0.261120"],  # 0.768 USD of eu-west-1 less 66 %
    ),
    "sqs:GetQueueUrl": (
        lambda _: {"QueueName": QUEUE},
        lambda it: it["QueueUrl"].rpartition("/")[2],
        QUEUE,
    ),
    "sqs:GetQueueAttributes": (
        lambda world: {"QueueUrl": url(world), "AttributeNames": ["VisibilityTimeout"]},
        lambda it: it["Attributes"],
        {"VisibilityTimeout": "20"},
    ),
    "sqs:ReceiveMessage": (
        lambda world: {"QueueUrl": url(world), "AttributeNames": ["All"]},
        lambda it: [one["Attributes"]["ApproximateReceiveCount"] for one in it["Messages"]],
        ["1"],
    ),
    "sqs:ChangeMessageVisibility": (
        lambda world: {
            "QueueUrl": url(world),
            "ReceiptHandle": a_handle(world),
            "VisibilityTimeout": 5,
        },
        *IGNORED,
    ),
    "sqs:DeleteMessage": (
        lambda world: {"QueueUrl": url(world), "ReceiptHandle": a_handle(world)},
        *IGNORED,
    ),
    "sts:GetCallerIdentity": (lambda _: {}, lambda it: it["Account"], "123456789012"),
}


@pytest.mark.parametrize("call", EXAMPLES)
def test_boto3_understands_the_answer_of(call: str, world: Served) -> None:
    service, _, name = call.partition(":")
    parameters, read, expected = EXAMPLES[call]
    asked = parameters(world)
    method = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    answer = getattr(world.client(service), method)(**asked)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert read(answer) == expected


def test_no_call_is_served_without_an_example() -> None:
    assert set(EXAMPLES) == SERVED


def test_the_reference_lists_the_calls_that_are_served(repository: Path) -> None:
    text = (repository / "docs/reference/twin-api.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z0-9]+:[A-Za-z]+)`", text, re.MULTILINE)) == SERVED
