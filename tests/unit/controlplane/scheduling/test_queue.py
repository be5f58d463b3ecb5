"""The order of attempts, back-off, parking and waking."""

from __future__ import annotations

import pytest

from kingtide.controlplane.scheduling.queue import SchedulingQueue
from kingtide.controlplane.scheduling.shape import PodShape, ShapeTable
from tests.unit.controlplane.scheduling.situations import pod, requesting

SHAPES = ShapeTable()
LOW = SHAPES.intern(pod("a", requesting(100, priority=0)))
HIGH = SHAPES.intern(pod("b", requesting(100, priority=100)))
WIDE = SHAPES.intern(pod("c", requesting(900, priority=0)))


def fail(queue: SchedulingQueue, now_ms: int) -> str:
    queued = queue.pop(now_ms)
    assert queued is not None
    queue.park(queued, now_ms)
    return queued.uid


def popped(queue: SchedulingQueue, now_ms: int) -> list[str]:
    uids: list[str] = []
    while (queued := queue.pop(now_ms)) is not None:
        uids.append(queued.uid)
        queue.done(queued.uid)
    return uids


def test_higher_priority_goes_first_then_time_then_arrival() -> None:
    queue = SchedulingQueue()
    for uid, shape, now_ms in (
        ("late", LOW, 5),
        ("first", LOW, 1),
        ("wide", WIDE, 1),
        ("urgent", HIGH, 9),
        ("second", LOW, 1),
    ):
        queue.add(uid, shape, now_ms)
    assert popped(queue, 10) == ["urgent", "first", "wide", "second", "late"]
    assert len(queue) == 0


def test_a_known_pod_is_not_queued_twice() -> None:
    queue = SchedulingQueue()
    queue.add("a", LOW, 0)
    queue.add("a", LOW, 7)
    assert popped(queue, 10) == ["a"]


def test_a_removed_pod_is_not_tried() -> None:
    queue = SchedulingQueue()
    queue.add("a", LOW, 0)
    queue.add("b", LOW, 0)
    queue.remove("a")
    assert queue.active_count == 1
    assert popped(queue, 0) == ["b"]


@pytest.mark.parametrize(
    ("attempts", "backoff_ms"),
    [(1, 1_000), (2, 2_000), (3, 4_000), (4, 8_000), (5, 10_000), (60, 10_000)],
    ids=str,
)
def test_backoff_doubles_with_every_attempt_up_to_ten_seconds(
    attempts: int, backoff_ms: int
) -> None:
    assert SchedulingQueue().backoff_ms(attempts) == backoff_ms


def test_a_parked_pod_waits_for_an_event_and_then_for_its_backoff() -> None:
    queue = SchedulingQueue()
    queue.add("a", LOW, 0)
    assert fail(queue, 0) == "a"
    assert queue.pop(30_000) is None
    assert queue.next_wake_ms() == 300_000
    queue = SchedulingQueue()
    queue.add("a", LOW, 0)
    fail(queue, 0)
    assert queue.wake(200) == 1
    assert queue.next_wake_ms() == 1_000
    assert queue.pop(999) is None
    again = queue.pop(1_000)
    assert again is not None
    assert again.attempts == 2


def test_a_pod_whose_backoff_is_over_becomes_active_with_the_event() -> None:
    queue = SchedulingQueue()
    queue.add("a", LOW, 0)
    fail(queue, 0)
    queue.wake(1_500)
    assert queue.next_wake_ms() is None
    assert popped(queue, 1_500) == ["a"]


def test_an_event_wakes_only_shapes_it_may_help() -> None:
    queue = SchedulingQueue()
    queue.add("a", LOW, 0)
    queue.add("w", WIDE, 0)
    fail(queue, 0)
    fail(queue, 0)

    def fits(shape: PodShape) -> bool:
        return shape.cpu_millicores <= 100

    assert queue.wake(2_000, fits) == 1
    assert popped(queue, 2_000) == ["a"]


def test_a_shape_that_does_not_fit_is_parked_whole() -> None:
    queue = SchedulingQueue()
    for uid in ("a", "b", "c"):
        queue.add(uid, LOW, 0)
    queue.add("w", WIDE, 0)
    fail(queue, 0)
    assert queue.park_shape(LOW, 0) == ("b", "c")
    assert popped(queue, 0) == ["w"]
    queue.wake(5_000)
    assert popped(queue, 5_000) == ["a", "b", "c"]


def test_parked_pods_are_tried_again_after_five_minutes_without_an_event() -> None:
    queue = SchedulingQueue()
    queue.add("a", LOW, 0)
    fail(queue, 40)
    assert queue.pop(300_039) is None
    assert popped(queue, 300_040) == ["a"]


def test_a_woken_pod_goes_back_into_the_order_of_priorities() -> None:
    queue = SchedulingQueue()
    queue.add("urgent", HIGH, 0)
    fail(queue, 0)
    queue.add("a", LOW, 10)
    queue.wake(2_000)
    assert popped(queue, 2_000) == ["urgent", "a"]


def test_an_idle_scheduler_may_take_pods_out_of_their_backoff() -> None:
    queue = SchedulingQueue(pops_from_backoff=True)
    queue.add("a", LOW, 0)
    fail(queue, 0)
    queue.wake(10)
    queue.add("b", LOW, 10)
    first = queue.pop(10)
    assert first is not None
    assert first.uid == "b"
    queue.done("b")
    assert popped(queue, 10) == ["a"]


def test_a_pod_removed_while_it_waits_leaves_no_alarm() -> None:
    queue = SchedulingQueue()
    queue.add("a", LOW, 0)
    fail(queue, 0)
    queue.wake(1)
    queue.remove("a")
    assert queue.next_wake_ms() is None
    assert len(queue) == 0
