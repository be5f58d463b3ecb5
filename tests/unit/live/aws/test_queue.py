"""The inbox: what is kept of odd messages, when it is full, and who gets what it held."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec
import pytest

from kingtide.control.outcome import DONE
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.failures import AwsRefused
from kingtide.live.aws.queue import GONE_SECONDS, MAX_BYTES, InterruptionInbox
from kingtide.twin.apiserver.aws.signature import ACCESS_KEY_ID
from kingtide.twin.definition import NodeGroup
from tests.unit.live.aws.scripted import NOW_MS, Clock, Script, client, refusal, run
from tests.unit.twin.apiserver.aws.served import REGION, TOKEN, served
from tests.unit.twin.cloud.scene import SPOT, scene, spot_group

URL = "https://sqs.eu-west-3.amazonaws.com/123456789012/interruptions"


def raw(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "MessageId": f"m-{number}",
        "ReceiptHandle": f"h-{number}",
        "Body": '{"Event":"autoscaling:TEST_NOTIFICATION"}',
        "Attributes": {"SentTimestamp": str(NOW_MS), "ApproximateReceiveCount": "1"},
        **changes,
    }


class Scene(msgspec.Struct):
    """An inbox whose queue answers from a script."""

    inbox: InterruptionInbox
    script: Script
    clock: Clock
    woken: list[int]


def inbox_of(*polls: Any, queue: str = URL, **answers: Any) -> Scene:
    told = [it if isinstance(it, Exception) else {"Messages": it} for it in polls]
    script = Script(
        **{
            "ReceiveMessage": [*told, {}],
            "DeleteMessage": {},
            "ChangeMessageVisibility": {},
            **answers,
        }
    )
    clock, woken = Clock(), [0]

    def wake() -> None:
        woken[0] += 1

    inbox = InterruptionInbox(client(script), queue, wake, lambda: NOW_MS, clock)
    return Scene(inbox, script, clock, woken)


def test_a_poll_is_long_and_hides_what_it_gets() -> None:
    it = inbox_of([raw(1)])
    assert run(it.inbox.receive()) == 1
    assert it.script.asked == [
        (
            "ReceiveMessage",
            {
                "QueueUrl": URL,
                "MaxNumberOfMessages": 10,
                "WaitTimeSeconds": 20,
                "VisibilityTimeout": 20,
                "AttributeNames": ["SentTimestamp", "ApproximateReceiveCount"],
            },
        )
    ]
    (message,) = it.inbox.messages
    assert (message.message_id, message.sent_ms, message.receive_count) == ("m-1", NOW_MS, 1)
    assert it.woken == [1]


def test_a_queue_may_be_given_by_name() -> None:
    it = inbox_of([], [], queue="interruptions", GetQueueUrl={"QueueUrl": URL})
    run(it.inbox.receive())
    run(it.inbox.receive())
    assert it.script.count("GetQueueUrl") == 1
    assert it.script.asked[1][1]["QueueUrl"] == URL


def test_a_message_is_deleted_by_its_newest_handle_and_once() -> None:
    it = inbox_of([raw(1)], [raw(1, ReceiptHandle="newer")])
    run(it.inbox.receive())
    run(it.inbox.receive())
    assert run(it.inbox.acknowledge("m-1", "a-controller")) == DONE
    assert run(it.inbox.acknowledge("m-1", "a-controller")) == DONE
    deleted = [asked for name, asked in it.script.asked if name == "DeleteMessage"]
    assert deleted == [{"QueueUrl": URL, "ReceiptHandle": "newer"}]
    assert it.inbox.messages == ()


def test_a_message_that_could_not_be_deleted_stays() -> None:
    it = inbox_of([raw(1)], DeleteMessage=refusal("ReceiptHandleIsInvalid"))
    run(it.inbox.receive())
    with pytest.raises(AwsRefused):
        run(it.inbox.acknowledge("m-1", "a-controller"))
    assert len(it.inbox.messages) == 1


def test_a_malformed_message_is_kept_and_counted_once() -> None:
    it = inbox_of([raw(1, Body="{")], [raw(1, Body="{")])
    run(it.inbox.receive())
    run(it.inbox.receive())
    assert [one.body for one in it.inbox.messages] == ["{"]
    assert it.inbox.oddities.counts == {"MessageMalformed": 1}


@pytest.mark.parametrize(
    "odd",
    [
        {"MessageId": "m-1"},
        raw(1, Attributes={"SentTimestamp": "yesterday"}),
        raw(1, Body=None),
    ],
    ids=["no handle", "no time", "no body"],
)
def test_what_is_no_message_is_counted_and_spoils_no_other(odd: dict[str, Any]) -> None:
    it = inbox_of([odd, raw(2)])
    run(it.inbox.receive())
    assert [one.message_id for one in it.inbox.messages] == ["m-2"]
    assert it.inbox.oddities.counts == {"MessageUnreadable": 1}


def test_a_message_that_does_not_come_again_leaves() -> None:
    it = inbox_of([raw(1)])
    run(it.inbox.receive())
    it.clock.now += GONE_SECONDS
    assert [one.message_id for one in it.inbox.messages] == ["m-1"]
    it.clock.now += 1
    assert [one.message_id for one in it.inbox.messages] == []


def test_a_full_inbox_receives_no_more_until_something_leaves() -> None:
    it = inbox_of([raw(number, Body="x" * (MAX_BYTES // 10 + 1)) for number in range(10)])
    run(it.inbox.receive())
    assert it.inbox.is_full
    assert len(it.inbox.messages) == 10
    run(it.inbox.acknowledge("m-0", "a-controller"))
    assert not it.inbox.is_full


def test_the_loop_survives_a_queue_that_is_not_there() -> None:
    it = inbox_of(refusal("AWS.SimpleQueueService.NonExistentQueue"), [raw(1)])

    async def until_received() -> None:
        reading = asyncio.create_task(it.inbox.run())
        async with asyncio.timeout(60):
            while not it.inbox.messages:
                await asyncio.sleep(0.01)
        reading.cancel()

    run(until_received())
    assert it.inbox.failures == 1
    assert "NonExistentQueue" in it.inbox.last_failure


def test_who_ends_gives_back_what_it_held() -> None:
    it = inbox_of([raw(1), raw(2)])
    run(it.inbox.receive())
    it.inbox.give_back()
    given = [asked for name, asked in it.script.asked if name == "ChangeMessageVisibility"]
    assert [(one["ReceiptHandle"], one["VisibilityTimeout"]) for one in given] == [
        ("h-1", 0),
        ("h-2", 0),
    ]
    assert it.inbox.messages == ()


def test_what_comes_after_nobody_waits_any_more_is_given_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A process that ends amid a long poll leaves no message hidden."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", TOKEN)
    with served(scene(NodeGroup(spot_group(), running=1))) as world:
        api = AwsClient(REGION, world.url)
        inbox = InterruptionInbox(api, "kingtide-interruptions")

        async def end_while_polling() -> None:
            polling = asyncio.create_task(inbox.receive())
            await asyncio.to_thread(until, lambda: world.api.calls.get("sqs:ReceiveMessage") == 1)
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)

        run(end_while_polling())
        victim = world.scene.active(SPOT)[0].instance_id
        world.do(lambda: world.scene.cloud.reclaim([victim]))
        world.run_for(500)
        until(lambda: world.api.calls.get("sqs:ChangeMessageVisibility") == 1)
        world.run_for(0)
        assert world.scene.cloud.queue.visible == 1
        assert inbox.messages == ()
        api.close()


def until(is_so: Any) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)
