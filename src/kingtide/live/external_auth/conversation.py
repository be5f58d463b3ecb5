"""One connection of HAProxy's: a hello, then questions, each answered when its answer is known."""

from __future__ import annotations

import asyncio
import contextlib
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


class Conversation:
    """Reads frames and writes answers, until either side ends it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answering: Answering
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._answering = answering
        self._open: set[asyncio.Task[None]] = set()
        self._most = MAX_FRAME

    async def hold(self) -> None:
        """Serve the connection to its end."""
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                hello = await self._next()
            await self._begin(hello)
        except Broken as error:
            self._writer.write(agent_disconnect(error.code, str(error)))
        except (OSError, EOFError, TimeoutError):
            pass  # whoever is gone needs no answer
        finally:
            for task in self._open:
                task.cancel()
            with contextlib.suppress(OSError):
                await self._writer.drain()
            self._writer.close()

    async def _begin(self, hello: Frame | None) -> None:
        if not isinstance(hello, Hello):
            raise Broken("a hello comes first")
        self._most = hello.max_frame
        self._writer.write(agent_hello(hello))
        if not hello.is_check:
            await self._questions()

    async def _questions(self) -> None:
        while True:
            frame = await self._next()
            if isinstance(frame, Disconnect):
                self._writer.write(agent_disconnect(0, "goodbye"))
                return
            if isinstance(frame, Hello):
                raise Broken("another hello")
            if frame is None:
                continue
            if len(self._open) >= MAX_OPEN:
                raise Broken(f"over {MAX_OPEN} questions at a time")
            task = asyncio.ensure_future(self._answer(frame))
            self._open.add(task)
            task.add_done_callback(self._open.discard)

    async def _next(self) -> Frame | None:
        prefix = await self._reader.readexactly(LENGTH_BYTES)
        length = frame_length(prefix, self._most)
        return frame_of(await self._reader.readexactly(length))

    async def _answer(self, question: Notify) -> None:
        variables = await self._answering(question)
        found = ack(question, variables, self._most) or ack(question, FAILED, self._most)
        assert found is not None, "the shortest answer fits the smallest frame"
        with contextlib.suppress(OSError):
            self._writer.write(found)
            await self._writer.drain()
