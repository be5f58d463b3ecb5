"""What goes wrong towards the outside, told in the log: once when it begins to, then seldom.

A process without a way to the API server decides nothing and would say nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from kingtide.operate.running.logs import DecisionLog
from kingtide.operate.running.world_metrics import Parts

LOOK_SECONDS = 1.0
AGAIN_SECONDS = 60.0
"""Between two lines about the same part: tries come every 30 s at the slowest."""
MAX_WORDS = 300


class Trouble(NamedTuple):
    """How often a part has failed, and why the last time."""

    part: str
    failures: int
    why: str


class Troubles:
    """Looks at the parts' counts and writes a line where one has grown."""

    def __init__(
        self,
        troubles: Callable[[], Iterable[Trouble]],
        log: DecisionLog,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._troubles = troubles
        self._log = log
        self._clock = clock
        self._told: dict[str, tuple[int, float]] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Write what is new."""
        now = self._clock()
        for it in self._troubles():
            known, told_at = self._told.get(it.part, (0, float("-inf")))
            if it.failures > known and now - told_at >= AGAIN_SECONDS:
                self._told[it.part] = (it.failures, now)
                why = it.why[:MAX_WORDS]
                self._log.warn("failed", part=it.part, failures=it.failures - known, why=why)


def troubles_of(parts: Parts) -> Iterator[Trouble]:
    """Yield what has failed of each part, and how often."""
    yield Trouble("lease", parts.leadership.failures, parts.leadership.last_failure)
    for name, it in parts.observed.following().items():
        # Objects that cannot be read are told among what fails: nobody sees them otherwise.
        yield Trouble(f"watch {name}", it.failures + it.unreadable, it.last_failure)
    yield Trouble("autoScalingGroups", parts.view.failures, parts.view.last_failure)
    if parts.queue is not None:
        yield Trouble("interruptionQueue", parts.queue.failures, parts.queue.last_failure)
    if parts.events is not None:
        yield Trouble("events", parts.events.failures, parts.events.last_failure)
