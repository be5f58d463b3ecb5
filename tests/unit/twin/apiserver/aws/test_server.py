"""The AWS APIs beside the world that they show, in one loop."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import boto3
import pytest

from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.server import AwsServer
from kingtide.twin.apiserver.server import NotServed
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.cloud.scene import SPOT, START_MS, scene, spot_group

ACCOUNT = Account(scene(NodeGroup(spot_group(), running=2)).cloud, lambda: START_MS)


def test_the_environment_that_it_tells_is_all_that_a_client_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = AwsServer(ACCOUNT, "a-token")
    assert server.url == f"http://127.0.0.1:{server.port}"
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)

    def describe() -> Any:
        # A session of its own: the default one keeps what other tests had in their environment.
        client = boto3.Session().client("autoscaling")
        return client.describe_auto_scaling_groups()["AutoScalingGroups"]

    async def ask() -> Any:
        serving = asyncio.create_task(server.run())
        try:
            return await asyncio.to_thread(describe)
        finally:
            server.stop()
            await serving

    (group,) = asyncio.run(ask())
    assert (group["AutoScalingGroupName"], len(group["Instances"])) == (SPOT, 2)
    assert server.api.calls == {"autoscaling:DescribeAutoScalingGroups": 1}


def test_a_long_poll_does_not_hold_up_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    server = AwsServer(ACCOUNT, "a-token")
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)

    def poll() -> None:
        queue = f"{server.url}/123456789012/kingtide-interruptions"
        boto3.Session().client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=20)

    async def end_meanwhile() -> float:
        serving = asyncio.create_task(server.run())
        polling = asyncio.create_task(asyncio.to_thread(poll))
        while "sqs:ReceiveMessage" not in server.api.calls:
            assert not polling.done(), polling
            await asyncio.sleep(0.01)
        began = time.monotonic()
        server.stop()
        await serving
        took = time.monotonic() - began
        polling.cancel()
        return took

    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert asyncio.run(end_meanwhile()) < 10


def test_an_address_that_is_taken_is_said_so() -> None:
    server = AwsServer(ACCOUNT, "a-token")
    with pytest.raises(NotServed, match=f"{server.port} cannot be listened on"):
        AwsServer(ACCOUNT, "a-token", port=server.port)
    server.stop()
    asyncio.run(server.run())
    again = AwsServer(ACCOUNT, "a-token", port=server.port)  # its address is free
    again.stop()
    asyncio.run(again.run())
