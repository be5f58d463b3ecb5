"""The interruption queue: long polls fill an inbox, and a message is deleted once acknowledged.

A message that is not acknowledged within the visibility timeout is received again, with a higher
count; one that does not come again is gone (deleted by another process, or too old) and leaves the
inbox. Who leads reads; who ends gives back what it had.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from kingtide.aws.interruptions.events import Malformed
from kingtide.aws.interruptions.queue_body import read_body
from kingtide.control.inbox import Message
from kingtide.control.message_actions import AcknowledgeMessage
from kingtide.control.outcome import DONE, Answer
from kingtide.live.aws.client import POLL_SECONDS, AwsClient
from kingtide.live.aws.failures import AwsFailure
from kingtide.live.aws.oddities import Oddities
from kingtide.live.aws.reads import CHANGE_VISIBILITY, GET_QUEUE_URL, RECEIVE_MESSAGE, write_of

MESSAGES_A_CALL = 10
VISIBILITY_SECONDS = 20
"""As aws-node-termination-handler has it (--sqs-msg-visibility-timeout-sec): what a process had
when it died comes to the next one while most of a spot notice's two minutes is left."""
GONE_SECONDS = 4 * VISIBILITY_SECONDS
"""A message that was not received again for so long is not coming again."""
GIVE_BACK_SECONDS = 10
"""A pod has 30 s to end; what takes longer comes by the visibility timeout almost as soon."""
MAX_MESSAGES = 2_000
MAX_BYTES = 32_000_000
"""Of the inbox. A thousand nodes that are taken at once are two thousand messages of 600 bytes; the
rest waits in the queue, which is what it is for."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 30.0
"""Between polls that fail, doubling."""
FULL_SECONDS = 1.0
"""Between looks at a full inbox."""

_DELETE = write_of(AcknowledgeMessage)


class _Received(msgspec.Struct, frozen=True, rename="pascal"):
    message_id: str
    receipt_handle: str
    body: str = ""
    attributes: Mapping[str, str] = {}


class _Held(msgspec.Struct, frozen=True):
    message: Message
    handle: str
    received_at: float


class InterruptionInbox:
    """The messages of one queue that wait for a controller; `wake` is told when one has come.

    Args:
        queue: Its address, or its name in the account and region of the credentials.
    """

    def __init__(
        self,
        client: AwsClient,
        queue: str,
        wake: Callable[[], None] = lambda: None,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.oddities = Oddities()
        self.failures = 0
        self.last_failure = ""
        self._client = client
        self._queue = queue
        self._url = queue if "://" in queue else ""
        self._wake = wake
        self._now_ms = now_ms
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._bytes = 0
        self._polled_at: float | None = None

    @property
    def messages(self) -> tuple[Message, ...]:
        """Messages received and not acknowledged, in the order they were first received."""
        self._forget_gone()
        return tuple(it.message for it in self._held.values())

    @property
    def staleness_seconds(self) -> float:
        """How long the queue has not answered, infinite before its first answer."""
        return float("inf") if self._polled_at is None else self._clock() - self._polled_at

    @property
    def is_full(self) -> bool:
        """Whether no more is received until something is acknowledged."""
        return len(self._held) + MESSAGES_A_CALL > MAX_MESSAGES or self._bytes > MAX_BYTES

    async def run(self) -> None:
        """Receive until cancelled."""
        wait = FIRST_WAIT_SECONDS
        while True:
            if self.is_full:
                self._forget_gone()
                await asyncio.sleep(FULL_SECONDS)
                continue
            try:
                # An empty queue answers a long poll after 20 s, and nothing is decided before.
                await self.receive(0 if self._polled_at is None else POLL_SECONDS)
                wait = FIRST_WAIT_SECONDS
            except AwsFailure as error:
                self.failures += 1
                self.last_failure = f"{type(error).__name__}: {error}"
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)

    async def receive(self, wait_seconds: int = POLL_SECONDS) -> int:
        """Poll once and return how many messages came.

        Raises:
            AwsFailure: the queue cannot be read.
        """
        answer = await self._client.poll(
            RECEIVE_MESSAGE,
            self._give_back_all,
            QueueUrl=await self._address(),
            MaxNumberOfMessages=MESSAGES_A_CALL,
            WaitTimeSeconds=wait_seconds,
            VisibilityTimeout=VISIBILITY_SECONDS,
            AttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
        )
        self._polled_at = self._clock()
        self._forget_gone()
        raws = answer.get("Messages") or ()
        for raw in raws:
            self._take(raw)
        if raws:
            self._wake()
        return len(raws)

    async def acknowledge(self, message_id: str, by: str) -> Answer:
        """Delete a message; one that is not held (any more) is done.

        Raises:
            AwsFailure: it is not deleted, or nobody knows.
        """
        held = self._held.get(message_id)
        if held is None:
            return DONE
        await self._client.call(
            _DELETE, by, QueueUrl=await self._address(), ReceiptHandle=held.handle
        )
        self._drop(message_id)
        return DONE

    def begin_anew(self) -> None:
        """Have the next `run` ask at once; until then it is as if the queue had never answered."""
        self._polled_at = None

    def give_back(self) -> None:
        """Have everything that is held be received by the next process at once.

        Blocks for a call a message, for GIVE_BACK_SECONDS at most; what cannot be given back comes
        after its visibility timeout.
        """
        self._return(self._let_go())

    async def hand_back(self) -> None:
        """Give back as `give_back` does, and let others work meanwhile."""
        await asyncio.to_thread(self._return, self._let_go())

    def _let_go(self) -> list[str]:
        handles = [it.handle for it in self._held.values()]
        self._held, self._bytes = {}, 0
        return handles

    def _return(self, handles: list[str]) -> None:
        ends = self._clock() + GIVE_BACK_SECONDS
        for handle in handles:
            if self._clock() >= ends:
                return
            self._give_back(handle)

    async def _address(self) -> str:
        if not self._url:
            answer = await self._client.call(GET_QUEUE_URL, QueueName=self._queue)
            self._url = str(answer["QueueUrl"])
        return self._url

    def _take(self, raw: object) -> None:
        try:
            it = msgspec.convert(raw, _Received)
            sent_ms = _number(it.attributes, "SentTimestamp", self._now_ms())
            count = _number(it.attributes, "ApproximateReceiveCount", 1)
        except ValueError as error:
            self.oddities.note("MessageUnreadable", str(error))  # it has no handle to delete it by
            return
        message = Message(it.message_id, it.body, sent_ms, count)
        known = self._held.get(it.message_id)
        if known is None:
            self._bytes += len(it.body)
            reading = read_body(it.body)
            if isinstance(reading, Malformed):
                # Kept all the same: a controller says so in its report and acknowledges it.
                self.oddities.note("MessageMalformed", f"{it.message_id}: {reading.why}")
        self._held[it.message_id] = _Held(message, it.receipt_handle, self._clock())

    def _forget_gone(self) -> None:
        long_ago = self._clock() - GONE_SECONDS
        for message_id, held in list(self._held.items()):
            if held.received_at < long_ago:
                self._drop(message_id)

    def _drop(self, message_id: str) -> None:
        held = self._held.pop(message_id, None)
        if held is not None:
            self._bytes -= len(held.message.body)

    def _give_back_all(self, answer: Mapping[str, Any]) -> None:
        for raw in answer.get("Messages") or ():
            self._give_back(str(raw.get("ReceiptHandle", "")))

    def _give_back(self, handle: str) -> None:
        with contextlib.suppress(AwsFailure):
            self._client.call_now(
                CHANGE_VISIBILITY, QueueUrl=self._url, ReceiptHandle=handle, VisibilityTimeout=0
            )


def _number(attributes: Mapping[str, str], name: str, otherwise: int) -> int:
    return int(attributes[name]) if name in attributes else otherwise
