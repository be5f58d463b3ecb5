"""What time it is for controllers: this machine's, or the API server's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

import httpx2

NOW_HEADER = "kingtide-now-ms"
"""The twin's API says its time to the millisecond."""
ASK_SECONDS = 1.0
"""A twin at ten times its speed is ten seconds on after one of ours."""


def machine_ms() -> int:
    """Return this machine's time in milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


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
        """Return the server's time; 0 before it was first heard."""
        if self._at is not None:
            passed_ms = (self._clock() - self._at) * 1000 * self._pace
            self._last_ms = max(self._last_ms, self._server_ms + int(passed_ms))
        return self._last_ms

    async def ask(self) -> None:
        """Hear the server's time.

        Raises:
            httpx2.HTTPError: it does not answer.
            ValueError: its answer has no date.
        """
        response = await self._client.get("/version")
        heard_at = self._clock()
        server_ms = _told_ms(response.headers)
        if self._at is not None and heard_at - self._at >= ASK_SECONDS / 2:
            passed_ms = (heard_at - self._at) * 1000
            self._pace = max(0.0, (server_ms - self._server_ms) / passed_ms)
        self._at, self._server_ms = heard_at, server_ms

    async def run(self) -> None:
        """Keep the clock right until cancelled; while the server is silent it runs on."""
        while True:
            await asyncio.sleep(ASK_SECONDS)
            try:
                await self.ask()
            except (httpx2.HTTPError, KeyError, ValueError):
                continue


def _told_ms(headers: httpx2.Headers) -> int:
    """Return the time of an answer: the twin's in milliseconds, any server's in whole seconds."""
    exact = headers.get(NOW_HEADER)
    if exact is not None:
        return int(exact)
    return int(parsedate_to_datetime(headers["Date"]).timestamp() * 1000)
