"""The aws command line against the twin, as docs/reference/twin-api.md says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from kingtide.twin.apiserver.aws.signature import ACCESS_KEY_ID
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.apiserver.aws.served import REGION, TOKEN, Served, served
from tests.unit.twin.cloud.scene import (
    ON_DEMAND,
    SPOT,
    empty,
    every_pool,
    on_demand_group,
    scene,
    spot_group,
)

pytestmark = pytest.mark.skipif(
    shutil.which("aws") is None, reason="the aws command is not installed here"
)


@pytest.fixture(scope="module")
def world() -> Iterator[Served]:
    night = scene(
        NodeGroup(spot_group(), running=2),
        NodeGroup(on_demand_group()),
        outages=[empty(every_pool("on-demand"))],
    )
    with served(night) as it:
        yield it


def aws(world: Served, *words: str) -> Any:
    told = subprocess.run(
        ["aws", "--endpoint-url", world.url, "--output", "json", "--no-cli-pager", *words]
        if _takes_no_pager()
        else ["aws", "--endpoint-url", world.url, "--output", "json", *words],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
        env={
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": TOKEN,
            "AWS_DEFAULT_REGION": REGION,
        },
    ).stdout
    return json.loads(told) if told.strip() else None


def _takes_no_pager() -> bool:
    version = subprocess.run(["aws", "--version"], capture_output=True, text=True, check=True)
    return "aws-cli/2" in version.stdout


def test_an_evening_by_hand(world: Served) -> None:
    """What is typed on call: who am I, what is there, ask for more, why is there none."""
    assert aws(world, "sts", "get-caller-identity")["Account"] == "123456789012"
    groups = aws(world, "autoscaling", "describe-auto-scaling-groups")["AutoScalingGroups"]
    assert [it["AutoScalingGroupName"] for it in groups] == [SPOT, ON_DEMAND]
    aws(
        world,
        *("autoscaling", "set-desired-capacity"),
        *("--auto-scaling-group-name", ON_DEMAND, "--desired-capacity", "1"),
    )
    world.run_for(30_000)
    named = ("--auto-scaling-group-name", ON_DEMAND)
    told = aws(world, "autoscaling", "describe-scaling-activities", *named)["Activities"]
    assert "InsufficientInstanceCapacity" in told[0]["StatusMessage"]


def test_the_queue_by_hand(world: Served) -> None:
    victim = world.scene.active(SPOT)[0].instance_id
    world.do(lambda: world.scene.cloud.reclaim([victim]))
    world.run_for(1_000)
    name = ("--queue-name", "kingtide-interruptions")
    queue = aws(world, "sqs", "get-queue-url", *name)["QueueUrl"]
    (message,) = aws(world, "sqs", "receive-message", "--queue-url", queue)["Messages"]
    assert victim in message["Body"]
    handle = ("--receipt-handle", message["ReceiptHandle"])
    assert aws(world, "sqs", "delete-message", "--queue-url", queue, *handle) is None
    assert world.do(lambda: world.scene.cloud.queue.hidden) == 0
