"""A door between a process and an API, on a port of its own: cuts, delays and refuses connections.

It knows nothing of what passes but bytes. The API server itself goes on behind it: a restart of the
twin would lose the world, and a client cannot tell a server that is down from one that nobody
reaches. What a client sent into a connection that it has closed meanwhile is dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

CHUNK_BYTES = 65_536


class Door:
    """One listening port before an address. `told` hears what clients send, before it is passed on.

    `cuts` counts connections that were ended from here.
    """

    def __init__(self, host: str, port: int, told: Callable[[bytes], None] | None = None) -> None:
        self.cuts = 0
        self.port = 0
        self._address = host, port
        self._told = told
        self._passing = asyncio.Event()
        self._passing.set()
        self._is_down = False
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], None] = {}

    async def open(self) -> None:
        """Listen on a free port of loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """End every connection; new ones are taken."""
        for task in tuple(self._open):
            self.cuts += 1
            task.cancel()

    def go_down(self) -> None:
        """End every connection, and refuse new ones until `come_up`."""
        self._is_down = True
        self.cut()

    def come_up(self) -> None:
        """Take connections again."""
        self._is_down = False

    def hold(self) -> None:
        """Pass nothing on, in either direction, until `let_pass`."""
        self._passing.clear()

    def let_pass(self) -> None:
        """Pass on what waits and what comes."""
        self._passing.set()

    async def close(self) -> None:
        """End everything."""
        self.go_down()
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*self._open, return_exceptions=True)

    # ------------------------------------------------------------ one connection

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if self._is_down or task is None:
            writer.transport.abort()
            return
        self._open[task] = None
        try:
            await self._connect(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # cut, by us or by one of the two
        finally:
            self._open.pop(task, None)
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._address)
        ways = (
            asyncio.ensure_future(self._pass(reader, back, self._told)),
            asyncio.ensure_future(self._pass(there, writer, None)),
        )
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            back.transport.abort()

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        told: Callable[[bytes], None] | None,
    ) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            if told is not None:
                told(chunk)
            await self._held(reader)
            writer.write(chunk)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()

    async def _held(self, reader: asyncio.StreamReader) -> None:
        """Wait until something may pass.

        Raises:
            ConnectionAbortedError: who sent it has gone.
        """
        while not self._passing.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._passing.wait(), 0.05)
            if reader.at_eof():
                raise ConnectionAbortedError
