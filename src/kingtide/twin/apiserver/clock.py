"""Moves a world in real time, or so many times faster, between the requests that are served.

The engine knows nothing of it: it is told how far it may go, a little at a time, in the loop that
serves requests. What is written through the API is written at the engine's instant, between steps.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

STEP_SECONDS = 0.05
"""How often the world moves: a watch sees a change at most so much later than it happened."""
WORK_SECONDS = 0.04
"""How long it may compute before requests are served; only a single event takes longer."""
SLICE_MS = 250
"""How far the world moves before the time is looked at, in its own milliseconds."""
MAX_SPEED = 1_000

Advance = Callable[[int], bool]
"""Moves the world to a time, in Unix milliseconds; False when it was stopped."""


def check_speed(speed: float) -> None:
    """Check how many times faster than here a world is to be.

    Raises:
        ValueError: it is not more than 0, or more than MAX_SPEED.
    """
    if not 0 < speed <= MAX_SPEED:
        raise ValueError(f"speed must be more than 0 and at most {MAX_SPEED}, not {speed}")


class Clock:
    """Says how far the world may go. `lost_ms` is what it could not keep up with, in its own time.

    Args:
        now_ms: Tells the world's time.
        advance: Moves it.
        speed: Virtual seconds a real one.
        settle: Called after each step.
    """

    def __init__(
        self,
        now_ms: Callable[[], int],
        advance: Advance,
        speed: float,
        settle: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        check_speed(speed)
        self.speed = speed
        self.lost_ms = 0
        self._now_ms = now_ms
        self._advance = advance
        self._settle = settle
        self._monotonic = monotonic
        self._is_paused = False
        self._anchor()

    @property
    def is_paused(self) -> bool:
        """Whether the world stands still."""
        return self._is_paused

    def pause(self) -> None:
        """Have the world stand still; requests are served all the same."""
        self._is_paused = True

    def go_on(self) -> None:
        """Have the world move on from where it stands."""
        self._is_paused = False
        self._anchor()

    async def run(self) -> None:
        """Move the world until it is stopped or this is cancelled."""
        self._anchor()
        while True:
            began = self._monotonic()
            if not self._is_paused and not self.step():
                return
            self._settle()
            left = STEP_SECONDS - (self._monotonic() - began)
            # At least once to everybody else, however busy the world is.
            await asyncio.sleep(max(left, 0.0))

    def step(self) -> bool:
        """Move the world to where it should be by now, or as far as WORK_SECONDS go.

        What it could not keep up with is lost: the world is late then, and never hurries.
        Return False when it was stopped.
        """
        began = self._monotonic()
        due_ms = self._started_ms + round((began - self._started_at) * 1000 * self.speed)
        while (now_ms := self._now_ms()) < due_ms:
            if self._monotonic() - began > WORK_SECONDS:
                self.lost_ms += due_ms - now_ms
                self._anchor()
                return True
            if not self._advance(min(due_ms, now_ms + SLICE_MS)):
                return False
        return True

    def _anchor(self) -> None:
        self._started_at, self._started_ms = self._monotonic(), self._now_ms()
