"""What the endpoint does not take, and how boto3 hears of it."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kingtide.aws.autoscaling import LifecycleHook
from kingtide.control.action import Action
from kingtide.twin.api_faults import ApiFault
from kingtide.twin.apiserver.aws.app import MAX_BODY_BYTES
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.apiserver.aws.served import Served, served
from tests.unit.twin.cloud.scene import SPOT, scene, spot_group

QUEUE = "http://127.0.0.1/123456789012/kingtide-interruptions"


@pytest.fixture(scope="module")
def world() -> Iterator[Served]:
    hook = LifecycleHook("drain")
    with served(scene(NodeGroup(spot_group(min_size=2, termination_hook=hook), running=3))) as it:
        yield it


def code_of(client: Any, method: str, **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        getattr(client, method)(**parameters)
    return str(caught.value.response["Error"]["Code"])


REFUSED: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "a group that is not there": (
        "autoscaling",
        "set_desired_capacity",
        {"AutoScalingGroupName": "no", "DesiredCapacity": 1},
        "ValidationError",
    ),
    "more than max": (
        "autoscaling",
        "set_desired_capacity",
        {"AutoScalingGroupName": SPOT, "DesiredCapacity": 11},
        "ValidationError",
    ),
    "less than min": (
        "autoscaling",
        "set_desired_capacity",
        {"AutoScalingGroupName": SPOT, "DesiredCapacity": 1},
        "ValidationError",
    ),
    "an instance that is not there": (
        "autoscaling",
        "terminate_instance_in_auto_scaling_group",
        {"InstanceId": "i-0", "ShouldDecrementDesiredCapacity": True},
        "ValidationError",
    ),
    "a wait that is over": (
        "autoscaling",
        "complete_lifecycle_action",
        {
            "AutoScalingGroupName": SPOT,
            "LifecycleHookName": "drain",
            "LifecycleActionToken": "0" * 36,
            "LifecycleActionResult": "CONTINUE",
        },
        "ValidationError",
    ),
    "a filter that does not exist": (
        "autoscaling",
        "describe_auto_scaling_groups",
        {"Filters": [{"Name": "colour", "Values": ["red"]}]},
        "ValidationError",
    ),
    "too long a page": (
        "autoscaling",
        "describe_scaling_activities",
        {"MaxRecords": 101},
        "ValidationError",
    ),
    "a token that nobody gave out": (
        "autoscaling",
        "describe_auto_scaling_groups",
        {"NextToken": "bm8="},
        "InvalidNextToken",
    ),
    "a call that is not served": (
        "autoscaling",
        "delete_auto_scaling_group",
        {"AutoScalingGroupName": SPOT},
        "InvalidAction",
    ),
    "a service that is not served": ("iam", "list_users", {}, "InvalidAction"),
    "an id that EC2 does not know": (
        "ec2",
        "describe_instances",
        {"InstanceIds": ["i-0"]},
        "InvalidInstanceID.NotFound",
    ),
    "a type that EC2 does not know": (
        "ec2",
        "describe_instance_types",
        {"InstanceTypes": ["c5.tiny"]},
        "InvalidInstanceType",
    ),
    "another queue": (
        "sqs",
        "get_queue_url",
        {"QueueName": "other"},
        "AWS.SimpleQueueService.NonExistentQueue",
    ),
    "a handle that is none": (
        "sqs",
        "delete_message",
        {"QueueUrl": QUEUE, "ReceiptHandle": "x"},
        "ReceiptHandleIsInvalid",
    ),
    "eleven messages": (
        "sqs",
        "receive_message",
        {"QueueUrl": QUEUE, "MaxNumberOfMessages": 11},
        "InvalidParameterValue",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_aws_own_code(case: str, world: Served) -> None:
    service, method, parameters, code = REFUSED[case]
    assert code_of(world.client(service), method, **parameters) == code


def test_a_queue_that_is_not_there_is_boto3s_own_exception(world: Served) -> None:
    client = world.client("sqs")
    with pytest.raises(client.exceptions.QueueDoesNotExist):
        client.get_queue_url(QueueName="other")


def test_an_instance_ends_once(world: Served) -> None:
    client = world.client("autoscaling")
    victim = world.scene.active(SPOT)[0].instance_id
    asked = {"InstanceId": victim, "ShouldDecrementDesiredCapacity": True}
    client.terminate_instance_in_auto_scaling_group(**asked)
    method = "terminate_instance_in_auto_scaling_group"
    assert code_of(client, method, **asked) == "ScalingActivityInProgress"
    assert world.scene.cloud.group(SPOT).desired_capacity == 2


# ------------------------------------------------------------ who may call


def test_another_secret_does_not_sign(world: Served) -> None:
    client = world.client("sts", secret="guessed")
    assert code_of(client, "get_caller_identity") == "SignatureDoesNotMatch"


def test_another_key_is_not_known(world: Served) -> None:
    client = world.client("sts", key="AKIAIOSFODNN7EXAMPLE")
    assert code_of(client, "get_caller_identity") == "InvalidClientTokenId"


def test_who_does_not_sign_is_not_answered(world: Served) -> None:
    request = urllib.request.Request(world.url, data=b"Action=GetCallerIdentity")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as refused:
        assert refused.code == 403
        assert b"MissingAuthenticationToken" in refused.read()


def test_a_body_that_was_changed_after_it_was_signed_is_refused(world: Served) -> None:
    client = world.client("autoscaling")

    def change(request: Any, **_: object) -> None:
        request.body = request.body.replace("DesiredCapacity=3", "DesiredCapacity=9")

    client.meta.events.register("before-send.autoscaling.SetDesiredCapacity", change)
    code = code_of(client, "set_desired_capacity", AutoScalingGroupName=SPOT, DesiredCapacity=3)
    assert code == "SignatureDoesNotMatch"


def test_a_signature_holds_a_quarter_of_an_hour() -> None:
    late = time.time() + 901
    with served(scene(), now_seconds=lambda: late) as world:
        assert code_of(world.client("sts"), "get_caller_identity") == "RequestExpired"


def test_a_request_without_end_is_not_read(world: Served) -> None:
    request = urllib.request.Request(world.url, data=b"x" * (MAX_BODY_BYTES + 1))
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as refused:
        assert refused.code == 413


# ------------------------------------------------------------ faults of the world


@pytest.mark.parametrize("takes_effect", [False, True], ids=["not done", "answer lost"])
def test_a_fault_of_the_world_meets_callers_over_http_too(takes_effect: bool) -> None:
    fault = ApiFault(from_ms=0, until_ms=1, code="Throttling", takes_effect=takes_effect)

    def fault_of(action: Action) -> ApiFault:
        assert action.REQUIRES[0].verb == "autoscaling:SetDesiredCapacity"
        return fault

    with served(scene(), fault_of=fault_of) as world:
        client = world.client("autoscaling")
        asked = {"AutoScalingGroupName": SPOT, "DesiredCapacity": 4}
        assert code_of(client, "set_desired_capacity", **asked) == "Throttling"
        assert world.scene.cloud.group(SPOT).desired_capacity == (4 if takes_effect else 0)
