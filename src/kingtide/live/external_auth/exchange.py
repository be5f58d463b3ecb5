"""HTTP/1.1 to services that are asked: one question a connection at a time, of small answers.

Every request of a protected route waits for one such exchange, and the general client takes 0.8 ms
of a core for it, this one a fifth (measured): so it does nothing but this. The parser is llhttp,
which refuses what RFC 9112 does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httptools

from kingtide.controllers.ingress.external_auth.question import Headers

MAX_HEAD_BYTES = 65_536
"""Of an answer's status and headers; HAProxy gets half of it at most."""
MAX_BODY_BYTES = 65_536
"""Read so that a connection can be used again; nobody looks at it."""


class NoExchange(Exception):
    """There was no answer that could be read.

    `is_unused`: nothing came, as when the other side closes a kept connection meanwhile.
    """

    def __init__(self, message: str, *, is_unused: bool = False) -> None:
        super().__init__(message)
        self.is_unused = is_unused


class Exchange(asyncio.Protocol):
    """A connection to a service; `lost` is told when it ends."""

    def __init__(self, lost: Callable[[Exchange], None]) -> None:
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, Headers]] | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._headers: list[tuple[str, str]] = []
        self._size = 0
        self._has_head = False
        self._is_complete = False
        self._is_bodiless = False
        self._may_be_kept = False
        self.is_kept = False
        self.idle_since = 0.0

    async def ask(self, method: str, path: str, headers: Headers) -> tuple[int, Headers]:
        """Return status and headers of the answer; then `is_kept` says whether to ask again.

        Raises:
            NoExchange: there is none.
        """
        if self._transport is None or self._transport.is_closing():
            raise NoExchange("the connection is closed", is_unused=True)
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
        self._parser = httptools.HttpResponseParser(self)
        self._headers, self._size = [], 0
        self._has_head = self._is_complete = self.is_kept = False
        self._is_bodiless = method == "HEAD"
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        try:
            return await self._answer
        finally:
            self._answer = None
            if not self.is_kept:
                self.close()

    def close(self) -> None:
        """End the connection at once: nobody waits for what is still on its way."""
        if self._transport is not None:
            self._transport.abort()

    # ---------------------------------------------------------------- of the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the way out."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """End what waits: an answer without a length ends with its connection."""
        if self._has_head:
            self._found()
        self._fail(NoExchange(f"closed: {exc}", is_unused=not self._size))
        self._lost(self)

    def data_received(self, data: bytes) -> None:
        """Read on; what nobody asked for ends the connection."""
        if self._answer is None or self._parser is None or self._is_complete:
            self.is_kept = False
            self.close()
            return
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(NoExchange(f"no answer of HTTP: {type(error).__name__}"))
            return
        self._look()

    def _look(self) -> None:
        """Answer as soon as all that matters is here."""
        if not self._has_head and self._size > MAX_HEAD_BYTES:
            self._fail(NoExchange(f"headers of over {MAX_HEAD_BYTES} bytes"))
        elif self._is_complete:
            self.is_kept = self._may_be_kept
            self._found()
        elif self._has_head and (self._is_bodiless or self._size > MAX_BODY_BYTES):
            self._found()

    def _found(self) -> None:
        if self._answer is not None and not self._answer.done():
            assert self._parser is not None
            self._answer.set_result((self._parser.get_status_code(), tuple(self._headers)))

    def _fail(self, error: NoExchange) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    # ---------------------------------------------------------------- of the parser

    def on_message_begin(self) -> None:
        """Note another answer behind the one that was asked for: nobody's, so all is doubtful."""
        self._may_be_kept = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header of the answer; those after its body are none."""
        if not self._has_head:
            self._headers.append((name.decode("latin-1"), value.decode("latin-1").strip()))

    def on_headers_complete(self) -> None:
        """Note that all headers are here; a first answer of 1xx is not the one."""
        assert self._parser is not None
        if self._parser.get_status_code() >= 200:
            self._has_head = True
        else:
            self._headers = []

    def on_message_complete(self) -> None:
        """Note that the answer is here whole, and that nothing may come after it."""
        if self._has_head and self._parser is not None:
            self._is_complete = True
            self._may_be_kept = self._parser.should_keep_alive()  # it forgets with the message
