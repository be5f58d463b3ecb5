"""A client that counts every request: `python -m tests.real.exact_client PORT HOST KEPT NEW`.

KEPT connections are used again for as long as the server says so, NEW are closed after each
request. It ends when its input does, after the requests that are under way, and prints what it
counted as JSON. A request that gets no whole answer of 200 has failed, whatever the reason: nothing
is sent twice.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

END_SECONDS = 10.0
MAX_TOLD = 20


class Counted:
    """What was asked and answered, of all connections."""

    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self.failures: list[str] = []
        self.failed = 0
        self.is_ending = False

    def fail(self, why: str) -> None:
        """Count a failed request."""
        self.failed += 1
        if len(self.failures) < MAX_TOLD:
            self.failures.append(why)


class Asking(asyncio.Protocol):
    """One connection with one request under way at a time; `ended` tells that it is closed."""

    def __init__(self, counted: Counted, request: bytes, *, is_kept: bool) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._counted = counted
        self._request = request
        self._is_kept = is_kept
        self._received = b""
        self._is_waiting = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        assert self._transport is not None
        self._is_waiting = True
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator:
            return
        lines = head.lower().split(b"\r\n")
        length = next((int(it[15:]) for it in lines if it.startswith(b"content-length:")), 0)
        if len(body) < length:
            return
        self._received, self._is_waiting = b"", False
        if lines[0].startswith(b"http/1.1 200"):
            self._counted.answers[body.decode()] += 1
        else:
            self._counted.fail(lines[0].decode("latin-1"))
        if self._is_kept and b"connection: close" not in lines and not self._counted.is_ending:
            self._ask()
        else:
            assert self._transport is not None
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._is_waiting:
            self._counted.fail(f"closed after {len(self._received)} bytes: {exc}")
        if not self.ended.done():
            self.ended.set_result(None)


async def ask_on(counted: Counted, port: int, host: str, *, is_kept: bool) -> None:
    """Ask until told to end, over one connection after the other."""
    loop = asyncio.get_running_loop()
    close = "" if is_kept else "Connection: close\r\n"
    request = f"GET / HTTP/1.1\r\nHost: {host}\r\n{close}\r\n".encode()
    while not counted.is_ending:
        try:
            _, asking = await loop.create_connection(
                lambda: Asking(counted, request, is_kept=is_kept), "127.0.0.1", port
            )
        except OSError as error:
            counted.fail(f"no connection: {error}")
            await asyncio.sleep(0.01)
            continue
        await asking.ended


async def main() -> None:
    port, host, kept, new = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    counted = Counted()
    tasks = [
        asyncio.ensure_future(ask_on(counted, port, host, is_kept=number < kept))
        for number in range(kept + new)
    ]
    await asyncio.to_thread(sys.stdin.read)
    counted.is_ending = True
    await asyncio.wait(tasks, timeout=END_SECONDS)
    under_way = sum(not it.done() for it in tasks)
    for _ in range(under_way):
        counted.fail("no answer in time")
    json.dump([sum(counted.answers.values()), counted.failed, counted.failures], sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
