"""What time it is for controllers: this machine's, or the API server's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Protocol

import httpx2

NOW_HEADER = "kingtide-now-ms"
"""The twin's API says its time to the millisecond."""
ASK_SECONDS = 0.25
"""A twin at ten times our speed is 2.5 s on after it; asking takes a millisecond."""
SHORTEST_SLEEP_SECONDS = 0.01
"""Of ours, however fast the server's time goes."""
MEASURED_SECONDS = 0.2
"""The pace is measured over at least so long, so that a request's delay weighs little."""


class Pace(Protocol):
    """The time by which a world is looked at and written to.

    Whatever stands for the world's own time goes by it: how long controllers wait, how often the
    cloud is described, how many writes and calls there may be a minute, how long a describe call
    may be behind. What guards this process and its connections does not: timeouts, retries, the age
    of what a watch last said, and the Lease, by which a write on its way is waited for.
    """

    def now_ms(self) -> int:
        """Return the time in milliseconds since the Unix epoch."""

    def seconds(self) -> float:
        """Return a time that never goes back, for differences."""

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds of it."""


class MachineClock:
    """This machine's time."""

    def now_ms(self) -> int:
        """Return the time in milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000

    def seconds(self) -> float:
        """Return a time that never goes back, for differences."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        await asyncio.sleep(seconds)


class ServerClock:
    """The API server's time, from its answers' headers; between two of them it runs on.

    For a twin, whose time is another and runs faster; of a real server it is what objects' times
    are written by. Its pace is measured, and it never goes back.
    """

    def __init__(
        self, client: httpx2.AsyncClient, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._clock = clock
        self._at: float | None = None
        self._server_ms = 0
        self._pace = 1.0
        self._last_ms = 0

    def now_ms(self) -> int:
        """Return the server's time in milliseconds since the epoch; 0 before it was first heard."""
        if self._at is not None:
            passed_ms = (self._clock() - self._at) * 1000 * self._pace
            self._last_ms = max(self._last_ms, self._server_ms + int(passed_ms))
        return self._last_ms

    def seconds(self) -> float:
        """Return the server's time in seconds."""
        return self.now_ms() / 1000

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds of the server's; while its time stands still, not at all."""
        until_ms = self.now_ms() + seconds * 1000
        while (left_ms := until_ms - self.now_ms()) > 0:
            ours = left_ms / 1000 / self._pace if self._pace > 0 else ASK_SECONDS
            # What was heard last may be wrong by now: nothing is slept through for longer.
            await asyncio.sleep(min(max(ours, SHORTEST_SLEEP_SECONDS), ASK_SECONDS))

    async def ask(self) -> None:
        """Hear the server's time.

        Raises:
            httpx2.HTTPError: it does not answer.
            ValueError: its answer has no date.
        """
        response = await self._client.get("/version")
        heard_at = self._clock()
        exact = response.headers.get(NOW_HEADER)
        if exact is None:
            self._take_date(heard_at, response.headers["Date"])
            return
        server_ms = int(exact)
        if self._at is not None and heard_at - self._at >= MEASURED_SECONDS:
            passed_ms = (heard_at - self._at) * 1000
            self._pace = max(0.0, (server_ms - self._server_ms) / passed_ms)
        self._at, self._server_ms = heard_at, server_ms

    def _take_date(self, heard_at: float, date: str) -> None:
        """Take in a real server's time: it is told in whole seconds and goes as fast as ours."""
        told_ms = int(parsedate_to_datetime(date).timestamp() * 1000)
        if self._at is not None:
            here_ms = self._server_ms + int((heard_at - self._at) * 1000)
            if 0 <= here_ms - told_ms < 1000:
                return  # the second that is told is the one that we are in
        self._at, self._server_ms = heard_at, told_ms

    async def run(self) -> None:
        """Keep the clock right until cancelled; while the server is silent it runs on."""
        while True:
            await asyncio.sleep(ASK_SECONDS)
            try:
                await self.ask()
            except (httpx2.HTTPError, KeyError, ValueError):
                continue
