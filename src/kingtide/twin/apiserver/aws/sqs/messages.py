"""The queue's calls: receive with a long poll, delete, change visibility, attributes.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
and its neighbours (read November 2026).
"""

from __future__ import annotations

import asyncio
import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

import msgspec

from kingtide.control.inbox import Message
from kingtide.control.message_actions import AcknowledgeMessage
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.refused import AwsRefusal

QUEUE_NAME = "kingtide-interruptions"
MOST_MESSAGES = 10
LONGEST_WAIT_SECONDS = 20
LONGEST_HIDDEN_SECONDS = 43_200
"""SQS' bounds of a receive call and of a visibility timeout (12 hours)."""
RETENTION_SECONDS = 300
VISIBILITY_SECONDS = 20
"""The queue's attributes, as the latencies `queue.*` have them unless a scenario says otherwise."""


class Queue:
    """The account's one queue; waiting readers are told when a message can be had."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._queue = account.cloud.queue
        self._waiting: set[asyncio.Future[None]] = set()
        self._queue.open(self._tell)

    def url(self, host: str) -> str:
        """Return the queue's address at the host a client calls."""
        return f"http://{host}/{self._account.number}/{QUEUE_NAME}"

    def check_name(self, name: str, owner: str = "") -> None:
        """Refuse another queue's name.

        Raises:
            AwsRefusal: there is no such queue.
        """
        if name != QUEUE_NAME or owner not in ("", self._account.number):
            raise no_queue()

    def check_url(self, url: str) -> None:
        """Refuse another queue's address, whatever the host in it.

        Raises:
            AwsRefusal: there is no such queue.
        """
        owner, _, name = url.rstrip("/").rpartition("/")
        self.check_name(name, owner.rpartition("/")[2])

    async def receive(
        self, most: int, wait_seconds: int, visibility_seconds: int | None
    ) -> tuple[Message, ...]:
        """Return messages, waiting for the first one; none when none came in time.

        Raises:
            AwsRefusal: a number is out of its bounds.
        """
        _check("MaxNumberOfMessages", most, 1, MOST_MESSAGES)
        _check("WaitTimeSeconds", wait_seconds, 0, LONGEST_WAIT_SECONDS)
        visibility_ms = None
        if visibility_seconds is not None:
            _check("VisibilityTimeout", visibility_seconds, 0, LONGEST_HIDDEN_SECONDS)
            visibility_ms = 1_000 * visibility_seconds
        loop = asyncio.get_running_loop()
        end_at = loop.time() + wait_seconds
        while True:
            found = self._queue.take(most, visibility_ms)
            left_seconds = end_at - loop.time()
            if found or left_seconds <= 0:
                return found
            turn: asyncio.Future[None] = loop.create_future()
            self._waiting.add(turn)
            try:
                await asyncio.wait((turn,), timeout=left_seconds)
            finally:
                self._waiting.discard(turn)

    def delete(self, handle: str) -> None:
        """Delete a message by its newest receipt handle; an older one changes nothing, as in SQS.

        Raises:
            AwsRefusal: it is no receipt handle, or a fault of the world takes the call.
        """
        message_id, _ = _read_handle(handle)
        action = AcknowledgeMessage(message_id=message_id, reason="called over HTTP")
        if is_newest(handle, self._queue.receive_count(message_id)):
            self._account.perform(action, lambda: self._queue.acknowledge(message_id))

    def change_visibility(self, handle: str, seconds: int) -> None:
        """Hide a received message for so long from now on; 0 gives it back at once.

        Raises:
            AwsRefusal: it is no receipt handle, or of a message that nobody has received.
        """
        _check("VisibilityTimeout", seconds, 0, LONGEST_HIDDEN_SECONDS)
        message_id, _ = _read_handle(handle)
        if not self._queue.hide(message_id, 1_000 * seconds):
            raise AwsRefusal("MessageNotInflight", "The message referred to is not in flight.", 400)

    def attributes(self) -> Mapping[str, str]:
        """Return what the queue says of itself."""
        return {
            "ApproximateNumberOfMessages": str(self._queue.visible),
            "ApproximateNumberOfMessagesNotVisible": str(self._queue.hidden),
            "ApproximateNumberOfMessagesDelayed": "0",
            "MessageRetentionPeriod": str(RETENTION_SECONDS),
            "QueueArn": self._account.arn("sqs", QUEUE_NAME),
            "ReceiveMessageWaitTimeSeconds": "0",
            "VisibilityTimeout": str(VISIBILITY_SECONDS),
        }

    def _tell(self) -> None:
        for turn in self._waiting:
            if not turn.done():
                turn.set_result(None)


class Received(msgspec.Struct, frozen=True, rename="pascal"):
    """A message as SQS hands it out."""

    message_id: str
    receipt_handle: str
    body: str
    attributes: Mapping[str, str]
    md5_of_body: str = msgspec.field(name="MD5OfBody")


def received(message: Message, wanted: tuple[str, ...]) -> Received:
    """Return a message with the system attributes that are asked for (`All`: every one)."""
    told = {
        "ApproximateReceiveCount": str(message.receive_count),
        "SentTimestamp": str(message.sent_ms),
    }
    return Received(
        message_id=message.message_id,
        receipt_handle=_handle(message),
        body=message.body,
        attributes={k: v for k, v in told.items() if k in wanted or "All" in wanted},
        md5_of_body=hashlib.md5(message.body.encode(), usedforsecurity=False).hexdigest(),
    )


def no_queue() -> AwsRefusal:
    """Return the refusal of a queue that does not exist."""
    return AwsRefusal(
        "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.", 400
    )


def _check(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise AwsRefusal(
            "InvalidParameterValue",
            f"Value {value} for parameter {name} is invalid. Reason: Must be >= {least} and <="
            f" {most}, if provided.",
        )


def _handle(message: Message) -> str:
    text = f"twin/{message.message_id}/{message.receive_count}"
    return urlsafe_b64encode(text.encode()).decode()


def message_of(handle: str) -> str:
    """Return the message that a receipt handle is of, empty where it is none."""
    try:
        return _read_handle(handle)[0]
    except AwsRefusal:
        return ""


def is_newest(handle: str, receive_count: int) -> bool:
    """Return whether a handle is of the last time that its message was received.

    Only such a one deletes. Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
    """
    try:
        return _read_handle(handle)[1] >= receive_count
    except AwsRefusal:
        return False


def _read_handle(handle: str) -> tuple[str, int]:
    try:
        mark, message_id, count = urlsafe_b64decode(handle.encode()).decode().split("/")
    except ValueError:
        mark, message_id, count = "", "", ""
    if mark != "twin" or not count.isdecimal() or len(count) > 9:
        raise AwsRefusal(
            "ReceiptHandleIsInvalid",
            f'The input receipt handle "{handle[:40]}" is not a valid receipt handle.',
            404,
        )
    return message_id, int(count)
