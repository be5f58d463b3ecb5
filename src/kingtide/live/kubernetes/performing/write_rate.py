"""An upper bound on writes per second: a bucket that fills with time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from kingtide.live.kubernetes.failures import TooManyWrites

WRITES_PER_SECOND = 50
"""A drain of fifty nodes at once is some hundred evictions; kube-controller-manager, which runs
every workload of a cluster, has 20 (`--kube-api-qps`, v1.36), and client-go's default is 5."""
BURST = 100
"""What a pass on a large fleet writes at once."""
LONGEST_WAIT_SECONDS = 5.0
"""A write that would wait longer is late news: it is refused, and the next pass decides anew."""


class WriteRate:
    """Lets so many writes pass a second, `burst` at once; others wait their turn, or are refused.

    One stands before everything that a process writes.
    """

    def __init__(
        self,
        per_second: int = WRITES_PER_SECOND,
        burst: int = BURST,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.refused = 0
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._sleep = sleep
        self._tokens = float(burst)
        self._filled_at = clock()

    async def take(self) -> None:
        """Return when the caller may write.

        Raises:
            TooManyWrites: its turn would come too late.
        """
        now = self._clock()
        filled = self._tokens + (now - self._filled_at) * self._per_second
        self._tokens, self._filled_at = min(filled, float(self._burst)), now
        wait = (1 - self._tokens) / self._per_second
        if wait > LONGEST_WAIT_SECONDS:
            self.refused += 1
            raise TooManyWrites(f"more than {self._per_second} writes a second")
        self._tokens -= 1
        if wait > 0:
            await self._sleep(wait)
