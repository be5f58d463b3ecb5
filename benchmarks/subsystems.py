"""Where the time of a run goes: every event timed, added up by the component that runs it.

An event's time includes what its writes cause at once in others (the store tells its listeners):
"kubelets" is the time of starting, readying and ending pods, with all that takes note of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import msgspec

from kingtide.twin.engine import Run

T = TypeVar("T")

SUBSYSTEM_OF = {
    "Scheduler": "scheduling",
    "ControlProcess": "our controllers",
    "ControlLoop": "our controllers",
    "Autoscalers": "HPAs",
    "Metrics": "load and metrics",
    "Kubelets": "kubelets: pods start, ready, end",
    "ReplicaSets": "ReplicaSets: looks, creations, deletions",
    "Watch": "watch and index",
}
"""Components by the class whose method an event calls; what is not here is "other events"."""


class Share(msgspec.Struct, frozen=True):
    """What one subsystem took of a run's processor time; `most_us` is its longest event."""

    subsystem: str
    seconds: float
    events: int
    most_us: int


class Stopwatch:
    """Times events and what else is asked for, in processor time."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._events: dict[str, int] = {}
        self._most: dict[str, float] = {}
        self._lap_began = time.process_time()

    def lap(self, name: str) -> None:
        """Count the time since this stopwatch was made."""
        self._count(name, time.process_time() - self._lap_began)

    def time(self, name: str, work: Callable[[], T]) -> T:
        """Count the time of some work."""
        began = time.process_time()
        done = work()
        self._count(name, time.process_time() - began)
        return done

    def meter(self, run: Run, args: tuple[object, ...]) -> None:
        """Run an event and count its time: an `engine.Meter`."""
        began = time.process_time()
        run(*args)
        component = run.__qualname__.partition(".")[0]
        name = SUBSYSTEM_OF.get(component, "other events")
        self._count(name, time.process_time() - began)

    def shares(self, total_seconds: float) -> tuple[Share, ...]:
        """Return the largest first; what nobody counted is the event loop and the timing itself."""
        found = [
            Share(name, round(seconds, 3), self._events[name], round(1e6 * self._most[name]))
            for name, seconds in self._seconds.items()
        ]
        rest = total_seconds - sum(share.seconds for share in found)
        found.append(Share("event loop (and its timing)", round(rest, 3), 0, 0))
        return tuple(sorted(found, key=lambda share: -share.seconds))

    def _count(self, name: str, seconds: float) -> None:
        self._seconds[name] = self._seconds.get(name, 0.0) + seconds
        self._events[name] = self._events.get(name, 0) + 1
        self._most[name] = max(self._most.get(name, 0.0), seconds)
