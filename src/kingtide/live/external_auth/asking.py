"""Asks a service about a request, and says what becomes of it: never longer than was agreed on."""

from __future__ import annotations

import asyncio
from typing import Literal, get_args

from kingtide.controllers.ingress.external_auth.question import Headers, Shown, question
from kingtide.controllers.ingress.external_auth.settings import AuthSettings
from kingtide.controllers.ingress.external_auth.verdict import FAILED, Variables, variables
from kingtide.live.external_auth.addresses import Addresses, NowhereToAsk
from kingtide.live.external_auth.connections import Connections
from kingtide.live.external_auth.exchange import NoExchange

Failure = Literal["busy", "late", "unreachable", "answer", "question", "settings", "defect"]
"""Why nobody was let in: too much waits already, no answer in time, none at all, one that is none,
a request that cannot be shown, settings that nobody knows, a defect of ours."""
FAILURES: tuple[str, ...] = get_args(Failure)

MAX_OF_NAMESPACE, MAX_ASKED = 250, 2_000
"""Questions that wait at a time in a worker: one namespace's cannot take the others' room."""


class Unanswered(Exception):
    """There is no answer; `why` is what is counted."""

    def __init__(self, why: Failure, message: str) -> None:
        super().__init__(message)
        self.why = why


class Asking:
    """Asks, and bounds how much waits at a time."""

    def __init__(self, addresses: Addresses, connections: Connections) -> None:
        self._addresses = addresses
        self._connections = connections
        self._waiting: dict[str, int] = {}
        self.in_flight = 0

    async def ask(self, settings: AuthSettings, shown: Shown) -> Variables:
        """Return what HAProxy is told of a request.

        Raises:
            Unanswered: nobody says anything about it.
        """
        of = settings.namespace
        waiting = self._waiting.get(of, 0)
        if waiting >= MAX_OF_NAMESPACE or self.in_flight >= MAX_ASKED:
            raise Unanswered("busy", f"{waiting} questions of {of} wait already")
        self._waiting[of] = waiting + 1
        self.in_flight += 1
        try:
            async with asyncio.timeout(settings.timeout_ms / 1000):
                status, headers = await self._asked(settings, question(settings, shown))
        except TimeoutError as error:
            raise Unanswered("late", "no answer in time") from error
        except (NoExchange, NowhereToAsk, OSError) as error:
            raise Unanswered("unreachable", str(error) or type(error).__name__) from error
        finally:
            self.in_flight -= 1
            self._waiting[of] -= 1
            if not self._waiting[of]:
                del self._waiting[of]
        found = variables(settings, shown, status, headers)
        if found is FAILED:
            raise Unanswered("answer", f"status {status}, or headers that cannot be passed on")
        return found

    async def _asked(self, settings: AuthSettings, headers: Headers) -> tuple[int, Headers]:
        address = settings.host
        if not settings.is_address:
            address = await self._addresses.of(settings.host)
        return await self._connections.ask(settings, address, headers)

    def close(self) -> None:
        """Close connections that are idle."""
        self._connections.close()
