"""A worker of the agent: answers HAProxy's questions on sockets that all workers share.

It says nothing of requests but why nobody could be asked about them.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
import traceback
from ipaddress import IPv4Address, IPv6Address
from re import fullmatch

from kingtide.controllers.ingress.external_auth.question import (
    TOKEN,
    NotShown,
    Shown,
    headers_of,
)
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
        self._conversations: set[Conversation] = set()
        self._accepting: set[asyncio.Task[None]] = set()
        self._waiting_at: socket.socket | None = None
        self._told: dict[tuple[str, Failure], float] = {}

    async def serve(
        self, questions: socket.socket, metrics: socket.socket, stop: asyncio.Event
    ) -> None:
        """Serve until stopped; open questions are answered yet."""
        loop = asyncio.get_running_loop()
        loop.add_reader(questions, self._accept, questions)
        telling = await asyncio.start_unix_server(self._measured, sock=metrics)
        await stop.wait()
        loop.remove_reader(questions)
        telling.close()
        ends = time.monotonic() + END_SECONDS
        while self._asking.in_flight and time.monotonic() < ends:
            await asyncio.sleep(0.02)
        for it in tuple(self._conversations):
            it.close()
        self._asking.close()
        await asyncio.sleep(0)

    def _accept(self, questions: socket.socket) -> None:
        """Take one connection and no more, so that others of its kind get theirs."""
        if len(self._conversations) + len(self._accepting) >= MAX_CONNECTIONS:
            asyncio.get_running_loop().remove_reader(questions)
            self._waiting_at = questions
            return
        try:
            found, _ = questions.accept()
        except OSError:
            return  # another worker was faster, or there are no files left for now
        task = asyncio.ensure_future(self._begin(found))
        self._accepting.add(task)
        task.add_done_callback(self._accepting.discard)

    async def _begin(self, found: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        made = Conversation(self.answered, self._ended)
        self._conversations.add(made)
        try:
            await loop.connect_accepted_socket(lambda: made, found)
        except OSError:
            self._ended(made)
            found.close()

    def _ended(self, it: Conversation) -> None:
        self._conversations.discard(it)
        waiting, self._waiting_at = self._waiting_at, None
        if waiting is not None:
            asyncio.get_running_loop().add_reader(waiting, self._accept, waiting)

    async def _measured(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._counts.text())
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

    async def answered(self, question: Notify) -> Variables:
        """Return what is said to a question; never raises."""
        began = time.monotonic()
        found = FAILED
        try:
            found = await self._asked(question)
        except Unanswered as error:
            self._counts.failed(error.why)
        except Exception as error:  # noqa: BLE001 (who gets no answer would wait for all of his time)
            self._counts.failed("defect")
            where = traceback.extract_tb(error.__traceback__)[-1]  # no values: they are secrets
            sys.stderr.write(f"{type(error).__name__} at {where.filename}:{where.lineno}\n")
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
    if fullmatch("[!-~\x80-\xff]+", path) is None or fullmatch(TOKEN, method) is None:
        raise NotShown("a path or a method that is none")
    at = str(source) if isinstance(source, IPv4Address | IPv6Address) else "unknown"
    return Shown(method, path, at, found.get("tls") is True, headers_of(headers))
