"""One connection of HAProxy's: a hello, then questions, each answered when its answer is known."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from kingtide.controllers.ingress.external_auth.verdict import FAILED, Variables
from kingtide.live.external_auth.frames import (
    LENGTH_BYTES,
    MAX_FRAME,
    Disconnect,
    Frame,
    Hello,
    Notify,
    ack,
    agent_disconnect,
    agent_hello,
    frame_length,
    frame_of,
)
from kingtide.live.external_auth.typed_data import Broken

HELLO_SECONDS = 5.0
"""Within which the hello has to come: HAProxy sends it at once."""
MAX_OPEN = 100
"""Questions of one connection that wait at a time; HAProxy sends 20 (max-waiting-frames)."""

Answering = Callable[[Notify], Awaitable[Variables]]
"""Answers a question; never raises."""


class Conversation(asyncio.Protocol):
    """Reads frames and writes answers until either side ends it, which `ended` is told."""

    def __init__(self, answering: Answering, ended: Callable[[Conversation], None]) -> None:
        self._answering = answering
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._open: set[asyncio.Task[None]] = set()
        self._most = MAX_FRAME
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the hello, not for ever."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._late = self._loop.call_later(HELLO_SECONDS, self.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget questions that nobody waits for any more."""
        self._begun()
        for task in self._open:
            task.cancel()
        self._ended(self)

    def close(self) -> None:
        """End it, after what is written."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Take the frames that are here whole."""
        self._received += data
        try:
            while len(self._received) >= LENGTH_BYTES:
                length = frame_length(bytes(self._received[:LENGTH_BYTES]), self._most)
                end = LENGTH_BYTES + length
                if len(self._received) < end:
                    return
                frame = frame_of(bytes(self._received[LENGTH_BYTES:end]))
                del self._received[:end]
                self._take(frame)
        except Broken as error:
            self._goodbye(error.code, str(error))

    def _take(self, frame: Frame | None) -> None:
        match frame:
            case Hello():
                self._hello(frame)
            case Notify():
                self._question(frame)
            case Disconnect():
                self._goodbye(0, "goodbye")
            case None:
                pass

    def _hello(self, hello: Hello) -> None:
        if self._late is None:
            raise Broken("another hello")
        self._begun()
        self._most = hello.max_frame
        self._write(agent_hello(hello))
        if hello.is_check:
            self.close()

    def _question(self, question: Notify) -> None:
        if self._late is not None:
            raise Broken("a hello comes first")
        if len(self._open) >= MAX_OPEN:
            raise Broken(f"over {MAX_OPEN} questions at a time")
        task = self._loop.create_task(self._answer(question))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _answer(self, question: Notify) -> None:
        variables = await self._answering(question)
        found = ack(question, variables, self._most) or ack(question, FAILED, self._most)
        assert found is not None, "the shortest answer fits the smallest frame"
        self._write(found)

    def _goodbye(self, code: int, message: str) -> None:
        self._received.clear()
        self._write(agent_disconnect(code, message))
        self.close()

    def _begun(self) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late = None

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)
