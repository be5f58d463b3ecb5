"""The twin's clock and event queue: one thread, integer milliseconds, one order.

Events are ordered by (time, class, sequence). Time advances only when nothing is left to do now.
Every event that matters is written to a running hash: same seed, same hash, in any process.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from hashlib import blake2b
from heapq import heappop, heappush


class EventClass(IntEnum):
    """What goes first among events of one instant.

    The world moves, then is observed, then decided on.
    """

    WORLD = 0
    OBSERVATION = 1
    CONTROL = 2
    MEASUREMENT = 3


Run = Callable[..., None]
Meter = Callable[[Run, tuple[object, ...]], None]
"""Calls an event in the engine's place: with its function and its arguments."""


class EventBudgetExceeded(Exception):
    """More events happened in one instant than any sane world needs.

    A loop, reported instead of hanging.
    """


# A burst of 15,000 pods needs about six events a pod in one instant; a hundred times that is a
# loop.
MAX_EVENTS_PER_INSTANT = 10_000_000


class Engine:
    """The clock and the queue.

    `now_ms` is milliseconds since the Unix epoch, from the scenario's start.
    """

    def __init__(self, start_ms: int, events_per_instant: int = MAX_EVENTS_PER_INSTANT) -> None:
        self.start_ms = start_ms
        self._events_per_instant = events_per_instant
        self.now_ms = start_ms
        self.events_run = 0
        self._sequence = 0
        self._queue: list[tuple[int, int, int, Run, tuple[object, ...]]] = []
        self._hash = blake2b(digest_size=16)
        self._stop_asked = False
        self._meter: Meter | None = None

    def run_by(self, meter: Meter) -> None:
        """Have every event called by somebody who measures it; a meter changes nothing else."""
        self._meter = meter

    def at(self, time_ms: int, event_class: EventClass, run: Run, *args: object) -> None:
        """Have `run(*args)` called at a time; a time in the past means now."""
        if time_ms < self.now_ms:
            time_ms = self.now_ms
        self._sequence += 1
        heappush(self._queue, (time_ms, event_class, self._sequence, run, args))

    def after(self, delay_ms: int, event_class: EventClass, run: Run, *args: object) -> None:
        """Have `run(*args)` called after a delay."""
        time_ms = self.now_ms + max(0, delay_ms)
        self._sequence += 1
        heappush(self._queue, (time_ms, event_class, self._sequence, run, args))

    def trace(self, what: str) -> None:
        """Add a line to the running hash; lines carry their time by themselves."""
        self._hash.update(f"{self.now_ms} {what}\n".encode())

    @property
    def trace_hash(self) -> str:
        """The hash of everything traced so far."""
        return self._hash.hexdigest()

    def stop(self) -> None:
        """Ask `run_until` to return after the event in hand, for a user's Ctrl-C."""
        self._stop_asked = True

    def run_until(self, end_ms: int) -> bool:
        """Run events up to and including `end_ms`; return False when it was stopped before.

        Raises:
            EventBudgetExceeded: one instant does not end.
        """
        queue, meter = self._queue, self._meter
        instant_ms, in_instant = -1, 0
        while queue and queue[0][0] <= end_ms:
            if self._stop_asked:
                return False
            time_ms, _, _, run, args = heappop(queue)
            if time_ms != instant_ms:
                instant_ms, in_instant = time_ms, 0
                self.now_ms = time_ms
            in_instant += 1
            if in_instant > self._events_per_instant:
                raise EventBudgetExceeded(
                    f"more than {self._events_per_instant} events at {time_ms}"
                )
            self.events_run += 1
            if meter is None:
                run(*args)
            else:
                meter(run, args)
        if not self._stop_asked:
            self.now_ms = max(self.now_ms, end_ms)
        return not self._stop_asked
