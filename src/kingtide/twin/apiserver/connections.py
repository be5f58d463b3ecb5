"""Connections of clients: HTTP/1.1 by httptools, and one packet where an answer has many parts.

An answer's head and body are written apart, each of which would be encrypted and sent by itself;
what is written in one turn of the loop goes out together. Measured at 2,000 writes a second: a
fifth of the processor time of a request is its two sends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 1 << 20
"""Of a request line with all headers, as Go's net/http has it (DefaultMaxHeaderBytes)."""


class Connection(HttpToolsProtocol):
    """Speaks HTTP with one client; one that never ends its headers is sent away."""

    _head_bytes = 0
    """What came of the request whose headers are not complete."""
    _is_in_body = False

    def data_received(self, data: bytes) -> None:
        """Take what a client sent."""
        if not self._is_in_body:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.send_400_response("The request line and its headers are too long.")
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Count no further."""
        self._is_in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Begin to count the next request."""
        self._is_in_body, self._head_bytes = False, 0
        super().on_message_complete()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it itself
        """Take a new connection."""
        super().connection_made(GatheringTransport(transport, self.loop))


class GatheringTransport(asyncio.Transport):
    """Hands on what is written once a turn of the loop; all else is the inner transport's."""

    def __init__(self, inner: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._inner = inner
        self._loop = loop
        self._parts: list[Any] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write with all else of this turn."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Write several parts."""
        for data in list_of_data:
            self.write(data)

    def _flush(self) -> None:
        parts, self._parts = self._parts, []
        if parts:
            self._inner.write(parts[0] if len(parts) == 1 else b"".join(parts))

    def close(self) -> None:
        """Close once everything is sent."""
        self._flush()
        self._inner.close()

    def abort(self) -> None:
        """Close at once."""
        self._inner.abort()

    def is_closing(self) -> bool:
        """Return whether it is closed, or about to be."""
        return self._inner.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what is known of the connection."""
        return self._inner.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Read nothing for now."""
        self._inner.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self._inner.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Have somebody else speak with the client."""
        self._inner.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return who speaks with the client."""
        return self._inner.get_protocol()
