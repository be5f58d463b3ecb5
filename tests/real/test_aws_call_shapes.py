"""The calls of live.aws against moto's server, whose shapes are made from AWS' own descriptions.

It boots no nodes and fails no launches, so that only what is sent and read is checked here; what
comes of it is checked against the twin (tests/contract/test_cloud_sides.py).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Iterator
from typing import Any, TypeVar

import boto3
import pytest
from moto.server import ThreadedMotoServer

from kingtide.aws.autoscaling import CapacityPool, LifecycleHook
from kingtide.control.action import SetDesiredCapacity, TerminateInstance
from kingtide.control.message_actions import AcknowledgeMessage
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.groups import Selection, cluster_selection
from kingtide.live.aws.instance_types import InstanceTypes
from kingtide.live.aws.performing import AwsPerformer
from kingtide.live.aws.queue import InterruptionInbox
from kingtide.live.aws.reads import GET_CALLER_IDENTITY
from kingtide.live.aws.spot_prices import SpotPrices
from kingtide.live.aws.view import AwsView

REGION = "eu-west-3"
CLUSTER = "prime.example"
TYPES = ("c5.4xlarge", "c5d.4xlarge")

T = TypeVar("T")


def run(work: Awaitable[T]) -> T:
    async def main() -> T:
        return await work

    return asyncio.run(main())


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module", autouse=True)
def credentials() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="module")
def raw(endpoint: str, credentials: None) -> Any:
    """boto3 itself, to make what there is: a group of two with a hook, one by template, a queue."""

    def of(service: str) -> Any:
        return boto3.Session().client(service, region_name=REGION, endpoint_url=endpoint)

    ec2, autoscaling = of("ec2"), of("autoscaling")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    template = ec2.create_launch_template(
        LaunchTemplateName="workers",
        LaunchTemplateData={"ImageId": image, "InstanceType": "m5.large"},
    )["LaunchTemplate"]["LaunchTemplateId"]
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    reference = {"LaunchTemplateId": template, "Version": "$Latest"}
    mixed = {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": reference,
            "Overrides": [{"InstanceType": it} for it in TYPES],
        },
        "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 0},
    }
    for name, how in (
        ("workers", {"MixedInstancesPolicy": mixed}),
        ("plain", {"LaunchTemplate": reference}),
    ):
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=0,
            MaxSize=5,
            DesiredCapacity=2,
            VPCZoneIdentifier=subnet,
            Tags=[
                {
                    "Key": f"k8s.io/cluster-autoscaler/{CLUSTER}",
                    "Value": "true",
                    "PropagateAtLaunch": True,
                    "ResourceId": name,
                    "ResourceType": "auto-scaling-group",
                }
            ],
            **how,
        )
    autoscaling.put_lifecycle_hook(
        LifecycleHookName="drain",
        AutoScalingGroupName="workers",
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=300,
    )
    of("sqs").create_queue(QueueName="interruptions")
    return of


@pytest.fixture
def client(endpoint: str, raw: Any) -> Iterator[AwsClient]:
    made = AwsClient(REGION, endpoint)
    yield made
    made.close()


def test_groups_are_found_by_tag_with_types_hooks_and_instances(client: AwsClient) -> None:
    view = AwsView(client, cluster_selection(CLUSTER))
    run(view.refresh())
    assert list(view.groups) == ["plain", "workers"]
    plain, workers = view.groups.values()
    assert (plain.instance_types, plain.lifecycle) == (("m5.large",), "on-demand")
    assert (workers.instance_types, workers.lifecycle) == (TYPES, "spot")
    assert workers.termination_hook == LifecycleHook("drain", 300)
    assert len(workers.instances) == 2
    assert all(it.launched_ms > 1_600_000_000_000 for it in workers.instances)
    assert view.oddities.counts == {}


def test_another_clusters_tag_finds_nothing_and_names_find_their_own(client: AwsClient) -> None:
    other = AwsView(client, cluster_selection("other.example"))
    named = AwsView(client, Selection({}, ("plain", "gone")))
    run(other.refresh())
    run(named.refresh())
    assert (dict(other.groups), list(named.groups)) == ({}, ["plain"])


def test_desired_is_set_and_an_instance_ended(client: AwsClient, raw: Any) -> None:
    view = AwsView(client, cluster_selection(CLUSTER))
    run(view.refresh())
    victim = view.groups["plain"].instances[0].instance_id

    async def no_node(_: str) -> str | None:
        return None

    performer = AwsPerformer(client, view.reader, no_node)
    raised = SetDesiredCapacity(group="plain", desired=3, expected_desired=2, reason="a test")
    ended = TerminateInstance(group="plain", instance_id=victim, node="", reason="a test")
    assert [run(performer.perform(it, "a-controller")).status for it in (raised, ended)] == [
        "done",
        "done",
    ]
    (group,) = raw("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["plain"])[
        "AutoScalingGroups"
    ]
    assert group["DesiredCapacity"] == 2
    assert victim not in [it["InstanceId"] for it in group["Instances"]]


def test_a_message_is_received_and_deleted(client: AwsClient, raw: Any) -> None:
    sqs = raw("sqs")
    queue = sqs.get_queue_url(QueueName="interruptions")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"Event": "a test"}))
    inbox = InterruptionInbox(client, "interruptions")
    assert run(inbox.receive(wait_seconds=1)) == 1
    (message,) = inbox.messages
    assert (message.body, message.receive_count) == ('{"Event": "a test"}', 1)
    assert message.sent_ms > 1_600_000_000_000

    async def no_node(_: str) -> str | None:
        return None

    reader = AwsView(client, Selection({})).reader
    performer = AwsPerformer(client, reader, no_node, inbox)
    action = AcknowledgeMessage(message_id=message.message_id, reason="a test")
    assert run(performer.perform(action, "a-controller")).status == "done"
    told = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert told["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_types_and_prices_are_read(client: AwsClient) -> None:
    types = InstanceTypes(client)
    run(types.learn(["t3.nano"]))
    assert (types.of("t3.nano").vcpus, types.of("t3.nano").memory_mib) == (2, 512)
    prices = SpotPrices(client, REGION)
    run(prices.refresh(["c5.4xlarge"]))
    assert prices.micro_usd_per_hour(CapacityPool("c5.4xlarge", "eu-west-3a", "spot")) > 0


def test_whose_account_it_is_can_be_asked(client: AwsClient) -> None:
    assert run(client.call(GET_CALLER_IDENTITY))["Account"] == "123456789012"
