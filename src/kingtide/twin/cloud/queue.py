"""The queue of interruption messages: EventBridge to SQS to whoever reads it.

Messages come a delivery later, in any order, now and then twice (the same event under two message
ids). A message that was received is hidden for the visibility timeout; unless it is acknowledged by
then it is received again, and it is lost when its retention ends. Nothing is kept while nobody
reads: then no rule sends events to the queue.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

from __future__ import annotations

from collections.abc import Callable

from kingtide.control.inbox import Message
from kingtide.twin.cloud.answer import DONE, Answer
from kingtide.twin.cloud.uuids import uuid_of
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.latencies import LatencyTable
from kingtide.twin.seed import SeedTree

MAX_IN_FLIGHT = 120_000
"""Messages received and not acknowledged; SQS hands out no more of a standard queue.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
"""

Body = Callable[[str], str]
"""Makes an event's body of its id."""


class InterruptionQueue:
    """One standard queue and its reader; `expired` counts messages that nobody acknowledged."""

    def __init__(
        self,
        engine: Engine,
        seeds: SeedTree,
        latencies: LatencyTable,
        duplicates_per_million: int,
    ) -> None:
        self.expired = 0
        self._engine = engine
        self._seeds = seeds
        self._latencies = latencies
        self._duplicates_per_million = duplicates_per_million
        self._wake: Callable[[], None] | None = None
        self._reading = False
        self._events = 0
        self._kept: dict[str, Message] = {}
        self._visible: dict[str, None] = {}
        self._received: dict[str, Message] = {}

    # -- the reader

    def read_by(self, wake: Callable[[], None]) -> None:
        """Begin to read; `wake` is called whenever the inbox gained a message."""
        self._wake = wake
        self._reading = True

    @property
    def inbox(self) -> tuple[Message, ...]:
        """Messages received and not acknowledged, in the order they were first received."""
        return tuple(self._received.values())

    def body_of(self, message_id: str) -> str:
        """Return a message's body, whoever holds it; empty once it is gone."""
        kept = self._kept.get(message_id)
        return "" if kept is None else kept.body

    def acknowledge(self, message_id: str) -> Answer:
        """Delete a message; one that is gone already is done too."""
        if self._kept.pop(message_id, None) is not None:
            self._engine.trace(f"queue acknowledged {message_id}")
        self._visible.pop(message_id, None)
        self._received.pop(message_id, None)
        return DONE

    def reader_died(self) -> None:
        """Forget what was received: it comes again when its visibility timeout ends."""
        self._reading = False
        self._received.clear()

    def reader_started(self) -> None:
        """Go on reading, what is visible first."""
        self._reading = True
        for message_id in list(self._visible):
            self._receive(message_id)

    # -- events

    def send(self, body: Body) -> None:
        """Have an event delivered, once or twice."""
        if self._wake is None:
            return
        self._events += 1
        number = self._events
        event = body(uuid_of(self._seeds, "queue/event", str(number)))
        twice = self._seeds.happens(self._duplicates_per_million, "queue/twice", str(number))
        for copy in range(1 + twice):
            message_id = uuid_of(self._seeds, "queue/message", f"{number}/{copy}")
            delay_ms = self._latencies.draw_ms("queue.delivery", message_id)
            self._engine.after(delay_ms, EventClass.OBSERVATION, self._arrive, message_id, event)

    def _arrive(self, message_id: str, body: str) -> None:
        now_ms = self._engine.now_ms
        self._engine.trace(f"queue got {message_id} {body}")
        self._kept[message_id] = Message(message_id, body, now_ms, receive_count=0)
        retention_ms = self._latencies.draw_ms("queue.retention", message_id)
        self._engine.after(retention_ms, EventClass.WORLD, self._expire, message_id)
        self._become_visible(message_id)

    def _become_visible(self, message_id: str) -> None:
        if message_id not in self._kept:
            return
        self._visible[message_id] = None
        if self._reading:
            self._receive(message_id)

    def _receive(self, message_id: str) -> None:
        timeout_ms = self._latencies.draw_ms("queue.visibility_timeout", message_id)
        again_ms = self._engine.now_ms + timeout_ms
        self._engine.at(again_ms, EventClass.OBSERVATION, self._become_visible, message_id)
        if len(self._received) >= MAX_IN_FLIGHT and message_id not in self._received:
            return
        del self._visible[message_id]
        kept = self._kept[message_id]
        message = Message(message_id, kept.body, kept.sent_ms, kept.receive_count + 1)
        self._kept[message_id] = self._received[message_id] = message
        if self._wake is not None:
            self._wake()

    def _expire(self, message_id: str) -> None:
        if self._kept.pop(message_id, None) is None:
            return
        self.expired += 1
        self._visible.pop(message_id, None)
        self._received.pop(message_id, None)
        self._engine.trace(f"queue lost {message_id}")
