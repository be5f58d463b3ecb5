"""The interruption queue over HTTP, as the twin's cloud fills it."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from kingtide.twin.apiserver.aws.signature import ACCESS_KEY_ID
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.apiserver.aws.served import REGION, TOKEN, Served, served
from tests.unit.twin.cloud.scene import SPOT, VISIBILITY_MS, scene, spot_group


@pytest.fixture
def world() -> Iterator[Served]:
    with served(scene(NodeGroup(spot_group(max_size=20), running=12))) as it:
        yield it


def reclaim(world: Served, count: int) -> None:
    chosen = [it.instance_id for it in world.scene.active(SPOT)[:count]]
    world.do(lambda: world.scene.cloud.reclaim(chosen))
    world.run_for(500)


def receive(world: Served, **parameters: Any) -> list[dict[str, Any]]:
    queue = f"{world.url}/123456789012/kingtide-interruptions"
    answer = world.client("sqs").receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, AttributeNames=["All"], **parameters
    )
    return list(answer.get("Messages", []))


def test_a_warning_comes_as_event_bridge_writes_it(world: Served) -> None:
    reclaim(world, 1)
    (message,) = receive(world)
    body = json.loads(message["Body"])
    assert body["detail-type"] == "EC2 Spot Instance Interruption Warning"
    assert body["detail"]["instance-id"] == world.scene.active(SPOT)[0].instance_id


def test_twelve_messages_take_two_calls(world: Served) -> None:
    reclaim(world, 12)
    first, second = receive(world), receive(world)
    assert (len(first), len(second)) == (10, 2)
    assert len({it["MessageId"] for it in first + second}) == 12


def test_a_received_message_is_hidden_and_comes_again(world: Served) -> None:
    reclaim(world, 1)
    (first,) = receive(world)
    assert receive(world) == []
    world.run_for(VISIBILITY_MS)
    (again,) = receive(world)
    assert again["MessageId"] == first["MessageId"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"
    assert again["ReceiptHandle"] != first["ReceiptHandle"]


def test_who_receives_says_how_long_it_is_hidden(world: Served) -> None:
    reclaim(world, 1)
    assert len(receive(world, VisibilityTimeout=60)) == 1
    world.run_for(59_999)
    assert receive(world) == []
    world.run_for(1)
    assert len(receive(world)) == 1


def test_a_message_may_be_hidden_longer_or_given_back(world: Served) -> None:
    reclaim(world, 1)
    client, (message,) = world.client("sqs"), receive(world)
    queue = f"{world.url}/123456789012/kingtide-interruptions"
    told = {"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]}
    client.change_message_visibility(**told, VisibilityTimeout=60)
    world.run_for(VISIBILITY_MS)
    assert receive(world) == []
    client.change_message_visibility(**told, VisibilityTimeout=0)
    world.run_for(0)
    assert len(receive(world)) == 1


def test_a_message_that_nobody_holds_cannot_be_hidden(world: Served) -> None:
    reclaim(world, 1)
    client, (message,) = world.client("sqs"), receive(world)
    world.run_for(VISIBILITY_MS)
    with pytest.raises(ClientError, match="not in flight"):
        client.change_message_visibility(
            QueueUrl=f"{world.url}/123456789012/kingtide-interruptions",
            ReceiptHandle=message["ReceiptHandle"],
            VisibilityTimeout=60,
        )


def test_an_old_handle_deletes_nothing(world: Served) -> None:
    reclaim(world, 1)
    client, (first,) = world.client("sqs"), receive(world)
    queue = f"{world.url}/123456789012/kingtide-interruptions"
    world.run_for(VISIBILITY_MS)
    (again,) = receive(world)
    client.delete_message(QueueUrl=queue, ReceiptHandle=first["ReceiptHandle"])
    world.run_for(VISIBILITY_MS)
    (again,) = receive(world)
    client.delete_message(QueueUrl=queue, ReceiptHandle=again["ReceiptHandle"])
    world.run_for(VISIBILITY_MS)
    assert receive(world) == []


def test_a_long_poll_ends_with_the_first_message(world: Served) -> None:
    timer = threading.Timer(0.2, lambda: reclaim(world, 1))
    began = time.monotonic()
    timer.start()
    assert len(receive(world, WaitTimeSeconds=20)) == 1
    assert 0.2 <= time.monotonic() - began < 10
    timer.join()


def test_a_long_poll_without_a_message_ends_in_time(world: Served) -> None:
    began = time.monotonic()
    assert receive(world, WaitTimeSeconds=1) == []
    assert time.monotonic() - began >= 1


def test_older_sdks_speak_the_query_protocol(world: Served) -> None:
    """Signed by botocore's own signer, since its client speaks JSON only."""
    reclaim(world, 1)
    queue = f"{world.url}/123456789012/kingtide-interruptions"
    words = {
        "Action": "ReceiveMessage",
        "Version": "2012-11-05",
        "QueueUrl": queue,
        "AttributeName.1": "All",
    }
    request = AWSRequest("POST", queue, data=urlencode(words))
    request.headers["Content-Type"] = "application/x-www-form-urlencoded"
    SigV4Auth(Credentials(ACCESS_KEY_ID, TOKEN), "sqs", REGION).add_auth(request)
    sent = urllib.request.Request(queue, urlencode(words).encode(), dict(request.headers))
    with urllib.request.urlopen(sent) as answer:
        tree = ElementTree.fromstring(answer.read())
    name = "{http://queue.amazonaws.com/doc/2012-11-05/}"
    (message,) = tree.iter(f"{name}Message")
    body = json.loads(message.findtext(f"{name}Body", ""))
    assert body["detail-type"] == "EC2 Spot Instance Interruption Warning"
    told = {it.findtext(f"{name}Name"): it.findtext(f"{name}Value") for it in message}
    assert told["ApproximateReceiveCount"] == "1"
