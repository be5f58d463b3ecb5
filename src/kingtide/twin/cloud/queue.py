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
        self._hidden_until_ms: dict[str, int] = {}
        self._on_visible: Callable[[], None] | None = None

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
        self._forget(message_id)
        return DONE

    def read_no_more(self) -> None:
        """Leave the queue to others: what was received comes again, and is theirs."""
        self._wake = None
        self.reader_died()

    def reader_died(self) -> None:
        """Forget what was received: it comes again when its visibility timeout ends."""
        self._reading = False
        self._received.clear()

    def reader_started(self) -> None:
        """Go on reading, what is visible first."""
        self._reading = True
        for message_id in list(self._visible):
            self._receive(message_id)

    # -- readers that ask, as SQS' own calls do

    def open(self, on_visible: Callable[[], None]) -> None:
        """Keep events from now on for whoever takes them; told when one can be taken."""
        self._on_visible = on_visible

    @property
    def visible(self) -> int:
        """How many messages can be taken."""
        return len(self._visible)

    @property
    def hidden(self) -> int:
        """How many messages somebody has received and not acknowledged."""
        return len(self._kept) - len(self._visible)

    def take(self, most: int, visibility_ms: int | None = None) -> tuple[Message, ...]:
        """Receive messages that are visible, at most so many, and hide them for a while.

        `visibility_ms` None is the queue's own visibility timeout.
        """
        chosen = list(self._visible)[: max(0, min(most, MAX_IN_FLIGHT - self.hidden))]
        return tuple(self._hand_out(it, visibility_ms) for it in chosen)

    def hide(self, message_id: str, for_ms: int) -> bool:
        """Hide a received message for so long from now, 0: not at all; False for any other."""
        if message_id not in self._kept or message_id in self._visible:
            return False
        self._hide(message_id, for_ms)
        return True

    def receive_count(self, message_id: str) -> int:
        """Return how often a message was received, 0 for one that is gone."""
        kept = self._kept.get(message_id)
        return 0 if kept is None else kept.receive_count

    # -- events

    def send(self, body: Body) -> None:
        """Have an event delivered, once or twice."""
        if self._wake is None and self._on_visible is None:
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
        if self._engine.now_ms < self._hidden_until_ms.get(message_id, 0):
            return  # it was hidden for longer meanwhile
        self._visible[message_id] = None
        if self._reading:
            self._receive(message_id)
        elif self._on_visible is not None:
            self._on_visible()

    def _receive(self, message_id: str) -> None:
        if len(self._received) >= MAX_IN_FLIGHT and message_id not in self._received:
            again_ms = self._engine.now_ms + self._timeout_ms(message_id)
            self._engine.at(again_ms, EventClass.OBSERVATION, self._become_visible, message_id)
            return
        self._received[message_id] = self._hand_out(message_id, None)
        if self._wake is not None:
            self._wake()

    def _hand_out(self, message_id: str, visibility_ms: int | None) -> Message:
        timeout_ms = self._timeout_ms(message_id) if visibility_ms is None else visibility_ms
        self._hide(message_id, timeout_ms)
        del self._visible[message_id]
        kept = self._kept[message_id]
        message = Message(message_id, kept.body, kept.sent_ms, kept.receive_count + 1)
        self._kept[message_id] = message
        return message

    def _hide(self, message_id: str, for_ms: int) -> None:
        until_ms = self._engine.now_ms + for_ms
        self._hidden_until_ms[message_id] = until_ms
        self._engine.at(until_ms, EventClass.OBSERVATION, self._become_visible, message_id)

    def _timeout_ms(self, message_id: str) -> int:
        return self._latencies.draw_ms("queue.visibility_timeout", message_id)

    def _expire(self, message_id: str) -> None:
        if self._kept.pop(message_id, None) is None:
            return
        self.expired += 1
        self._forget(message_id)
        self._engine.trace(f"queue lost {message_id}")

    def _forget(self, message_id: str) -> None:
        self._visible.pop(message_id, None)
        self._received.pop(message_id, None)
        self._hidden_until_ms.pop(message_id, None)
