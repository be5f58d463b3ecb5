"""The queue of interruption messages delivers at least once, until it is told or gives up."""

from __future__ import annotations

import json

from kingtide.twin.cloud.queue import InterruptionQueue
from kingtide.twin.engine import Engine
from kingtide.twin.latencies import LatencyTable
from kingtide.twin.seed import SeedTree
from tests.unit.twin.cloud.scene import DELIVERY_MS, RETENTION_MS, START_MS, STEADY, VISIBILITY_MS


class Reader:
    """A queue and a reader that counts how often it was woken."""

    def __init__(self, duplicates_per_million: int = 0) -> None:
        self.engine = Engine(START_MS)
        seeds = SeedTree(1)
        table = LatencyTable(seeds, STEADY)
        self.queue = InterruptionQueue(self.engine, seeds, table, duplicates_per_million)
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1

    def read(self) -> Reader:
        self.queue.read_by(self.wake)
        return self

    def run_to(self, after_ms: int) -> None:
        self.engine.run_until(START_MS + after_ms)

    def counts(self) -> list[int]:
        return [message.receive_count for message in self.queue.inbox]


def event(event_id: str) -> str:
    return json.dumps({"id": event_id})


def test_a_message_comes_a_delivery_after_its_event() -> None:
    reader = Reader().read()
    reader.queue.send(event)
    reader.run_to(DELIVERY_MS - 1)
    assert not reader.queue.inbox
    reader.run_to(DELIVERY_MS)
    (message,) = reader.queue.inbox
    assert (message.sent_ms, message.receive_count) == (START_MS + DELIVERY_MS, 1)
    assert set(json.loads(message.body)) == {"id"}
    assert reader.woken == 1


def test_a_message_nobody_acknowledges_is_received_again_after_the_visibility_timeout() -> None:
    reader = Reader().read()
    reader.queue.send(event)
    reader.run_to(DELIVERY_MS + 2 * VISIBILITY_MS)
    assert reader.counts() == [3]
    assert reader.woken == 3


def test_an_acknowledged_message_never_comes_back() -> None:
    reader = Reader().read()
    reader.queue.send(event)
    reader.run_to(DELIVERY_MS)
    (message,) = reader.queue.inbox
    assert reader.queue.acknowledge(message.message_id).status == "done"
    reader.run_to(RETENTION_MS * 2)
    assert (len(reader.queue.inbox), reader.woken, reader.queue.expired) == (0, 1, 0)


def test_acknowledging_what_is_gone_is_done() -> None:
    reader = Reader().read()
    assert reader.queue.acknowledge("no-such-message").status == "done"


def test_a_message_is_lost_when_its_retention_ends() -> None:
    reader = Reader().read()
    reader.queue.send(event)
    reader.run_to(DELIVERY_MS + RETENTION_MS - 1)
    assert len(reader.queue.inbox) == 1
    reader.run_to(DELIVERY_MS + RETENTION_MS)
    assert (len(reader.queue.inbox), reader.queue.expired) == (0, 1)
    received = reader.woken
    reader.run_to(3 * RETENTION_MS)
    assert reader.woken == received


def test_a_duplicate_is_the_same_event_under_another_message_id() -> None:
    reader = Reader(duplicates_per_million=1_000_000).read()
    reader.queue.send(event)
    reader.run_to(DELIVERY_MS)
    first, second = reader.queue.inbox
    assert first.message_id != second.message_id
    assert first.body == second.body
    reader.queue.acknowledge(first.message_id)
    assert reader.queue.inbox == (second,)


def test_what_a_dead_reader_had_received_comes_again_to_the_next_one() -> None:
    reader = Reader().read()
    reader.queue.send(event)
    reader.run_to(DELIVERY_MS)
    reader.queue.reader_died()
    assert not reader.queue.inbox
    reader.queue.reader_started()
    reader.run_to(DELIVERY_MS + VISIBILITY_MS - 1)
    assert not reader.queue.inbox
    reader.run_to(DELIVERY_MS + VISIBILITY_MS)
    assert reader.counts() == [2]


def test_what_came_while_nobody_read_is_received_at_the_start() -> None:
    reader = Reader().read()
    reader.queue.reader_died()
    reader.queue.send(event)
    reader.run_to(DELIVERY_MS + 3 * VISIBILITY_MS)
    assert not reader.queue.inbox
    reader.queue.reader_started()
    assert reader.counts() == [1]
    reader.run_to(DELIVERY_MS + 4 * VISIBILITY_MS)
    assert reader.counts() == [2]


def test_nothing_is_kept_where_nobody_reads() -> None:
    reader = Reader()
    before = reader.engine.trace_hash
    reader.queue.send(event)
    reader.run_to(RETENTION_MS)
    assert reader.engine.trace_hash == before
    reader.read()
    assert not reader.queue.inbox
