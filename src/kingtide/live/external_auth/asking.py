"""Asks a service about a request, and says what becomes of it: never longer than was agreed on."""

from __future__ import annotations

import asyncio
import ssl
from typing import Literal, get_args

import httpx2

from kingtide.controllers.ingress.external_auth.question import Headers, Shown, question
from kingtide.controllers.ingress.external_auth.settings import AuthSettings
from kingtide.controllers.ingress.external_auth.verdict import FAILED, Variables, variables
from kingtide.live.external_auth.addresses import Addresses, NowhereToAsk

Failure = Literal["busy", "late", "unreachable", "answer", "question", "settings"]
"""Why nobody was let in: too much waits already, no answer in time, none at all, one that is none,
a request that cannot be shown, settings that nobody knows."""
FAILURES: tuple[str, ...] = get_args(Failure)

MAX_BODY_BYTES = 65_536
"""Of an answer, read so that its connection can be used again; nobody looks at it."""
MAX_OF_NAMESPACE, MAX_ASKED = 250, 2_000
"""Questions that wait at a time in a worker: one namespace's cannot take the others' room."""
KEPT_CONNECTIONS, KEPT_SECONDS = 100, 4.0
"""Idle connections to services, kept below the 5 s after which Node.js closes them."""


class Unanswered(Exception):
    """There is no answer; `why` is what is counted."""

    def __init__(self, why: Failure, message: str) -> None:
        super().__init__(message)
        self.why = why


class Asking:
    """Asks over connections that it keeps."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._waiting: dict[str, int] = {}
        self.in_flight = 0
        self._transport = httpx2.AsyncHTTPTransport(
            verify=ssl.create_default_context(),
            trust_env=False,
            limits=httpx2.Limits(
                max_connections=None,
                max_keepalive_connections=KEPT_CONNECTIONS,
                keepalive_expiry=KEPT_SECONDS,
            ),
        )

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
        except (httpx2.HTTPError, httpx2.InvalidURL, NowhereToAsk, OSError) as error:
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
        """Return status and headers; a kept connection that was closed meanwhile counts not."""
        try:
            return await self._once(settings, headers)
        except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
            return await self._once(settings, headers)

    async def _once(self, settings: AuthSettings, headers: Headers) -> tuple[int, Headers]:
        address = settings.host
        if not settings.is_address:
            address = await self._addresses.of(settings.host, settings.port)
        at = f"[{address}]" if ":" in address else address
        request = httpx2.Request(
            settings.method,
            f"{settings.scheme}://{at}:{settings.port}{settings.path}",
            headers=[(name.encode("latin-1"), it.encode("latin-1")) for name, it in headers],
            extensions={} if settings.is_address else {"sni_hostname": settings.host},
        )
        response = await self._transport.handle_async_request(request)
        try:
            await _read(response)
            found = tuple(
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in response.headers.raw
            )
            return response.status_code, found
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.aclose()


async def _read(response: httpx2.Response) -> None:
    """Read a body that is small enough to be worth a connection."""
    size = 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > MAX_BODY_BYTES:
            return
