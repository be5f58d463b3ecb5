"""A worker of the agent: answers HAProxy's questions on sockets that all workers share.

It says nothing of requests but why nobody could be asked about them.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
from ipaddress import IPv4Address, IPv6Address

from kingtide.controllers.ingress.external_auth.question import NotShown, Shown, headers_of
from kingtide.controllers.ingress.external_auth.verdict import FAILED, VERDICT, Variables
from kingtide.live.external_auth.asking import Asking, Failure, Unanswered
from kingtide.live.external_auth.conversation import Conversation
from kingtide.live.external_auth.counts import Counts
from kingtide.live.external_auth.frames import Notify
from kingtide.live.external_auth.known_settings import KnownSettings

MAX_CONNECTIONS = 5_000
"""Of HAProxy's: each of its threads has one or two a backend, for 10 s after the last question."""
END_SECONDS = 5.0
"""For questions that are open when it is told to end."""
TOLD_SECONDS = 60.0
MAX_TOLD = 1_000
"""Lines of one reason and one service are so far apart, and so many are remembered."""


class Answering:
    """Answers what comes in on sockets."""

    def __init__(self, known: KnownSettings, asking: Asking, counts: Counts) -> None:
        self._known = known
        self._asking = asking
        self._counts = counts
        self._connections: set[asyncio.StreamWriter] = set()
        self._told: dict[tuple[str, Failure], float] = {}

    async def serve(
        self, questions: socket.socket, metrics: socket.socket, stop: asyncio.Event
    ) -> None:
        """Serve until stopped; open questions are answered yet."""
        servers = [
            await asyncio.start_unix_server(self._connected, sock=questions),
            await asyncio.start_unix_server(self._measured, sock=metrics),
        ]
        await stop.wait()
        for it in servers:
            it.close()
        ends = time.monotonic() + END_SECONDS
        while self._asking.in_flight and time.monotonic() < ends:
            await asyncio.sleep(0.02)
        for writer in self._connections:
            writer.close()
        await asyncio.sleep(0)
        await self._asking.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= MAX_CONNECTIONS:
            writer.close()
            return
        self._connections.add(writer)
        try:
            await Conversation(reader, writer, self._answered).hold()
        finally:
            self._connections.discard(writer)

    async def _measured(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._counts.text())
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

    async def _answered(self, question: Notify) -> Variables:
        began = time.monotonic()
        found = FAILED
        try:
            found = await self._asked(question)
        except Unanswered as error:
            self._counts.failed(error.why)
        self._counts.answered(found[VERDICT], time.monotonic() - began)
        self._counts.waiting(self._asking.in_flight)
        return found

    async def _asked(self, question: Notify) -> Variables:
        settings = self._known.of(question.arguments.get("name"))
        if settings is None:
            raise Unanswered("settings", "nobody knows the settings of this name")
        try:
            return await self._asking.ask(settings, shown_of(question))
        except NotShown as error:
            raise Unanswered("question", str(error)) from error
        except Unanswered as error:
            self._tell(f"{settings.namespace}: {settings.authority}", error)
            raise

    def _tell(self, whom: str, error: Unanswered) -> None:
        """Tell of a service that says nothing, each minute at most."""
        now = time.monotonic()
        key = (whom, error.why)
        if now - self._told.get(key, -TOLD_SECONDS) < TOLD_SECONDS:
            return
        if len(self._told) >= MAX_TOLD:
            self._told.clear()
        self._told[key] = now
        sys.stderr.write(f"{whom}: {error.why}: {str(error)[:200]!r}; requests get 503\n")
        sys.stderr.flush()


def shown_of(question: Notify) -> Shown:
    """Return the request that a question is about.

    Raises:
        NotShown: it lacks what every request has.
    """
    found = question.arguments
    method, path, headers = (found.get(it) for it in ("method", "path", "headers"))
    source = found.get("source")
    if not isinstance(method, str) or not isinstance(path, str) or not isinstance(headers, str):
        raise NotShown("a request without a method, a path or headers")
    at = str(source) if isinstance(source, IPv4Address | IPv6Address) else "unknown"
    return Shown(method, path, at, found.get("tls") is True, headers_of(headers))
