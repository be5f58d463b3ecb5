"""Connections to services, kept for a while after an answer."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable

from kingtide.controllers.ingress.external_auth.question import Headers
from kingtide.controllers.ingress.external_auth.settings import AuthSettings
from kingtide.live.external_auth.exchange import Exchange, NoExchange

KEPT_SECONDS = 4.0
"""Below the 5 s after which Node.js closes an idle connection."""
MAX_KEPT = 100
"""Idle connections to one address."""

_Where = tuple[str, str, str, int]
"""The scheme, the host's name, the address and the port."""


class Connections:
    """Asks over a connection that is idle, or over a new one.

    `tls` None: certificates are checked by the system's authorities.
    """

    def __init__(
        self, tls: ssl.SSLContext | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._idle: dict[_Where, list[Exchange]] = {}
        self._tls = tls or ssl.create_default_context()

    async def ask(
        self, settings: AuthSettings, address: str, headers: Headers
    ) -> tuple[int, Headers]:
        """Return status and headers of an answer.

        An idle connection may be closed by the other side just now, so it counts for nothing.

        Raises:
            NoExchange: there is no answer.
            OSError: there is no connection, or the certificate is not to be trusted.
        """
        where = (settings.scheme, settings.host, address, settings.port)
        kept = self._taken(where)
        if kept is not None:
            with contextlib.suppress(_Unused):
                return await self._asked(kept, where, settings, headers)
        try:
            return await self._asked(await self._new(where), where, settings, headers)
        except _Unused as error:
            raise NoExchange(str(error)) from error

    async def _asked(
        self, it: Exchange, where: _Where, settings: AuthSettings, headers: Headers
    ) -> tuple[int, Headers]:
        try:
            found = await it.ask(settings.method, settings.path, headers)
        except NoExchange as error:
            if error.is_unused:
                raise _Unused(str(error)) from error
            raise
        idle = self._idle.setdefault(where, [])
        if it.is_kept and len(idle) < MAX_KEPT:
            it.idle_since = self._clock()
            idle.append(it)
        else:
            it.close()
        return found

    def _taken(self, where: _Where) -> Exchange | None:
        """Return the connection that was used last; those that are idle for long are closed."""
        idle = self._idle.get(where, [])
        latest = self._clock() - KEPT_SECONDS
        while idle and idle[0].idle_since < latest:
            idle.pop(0).close()
        return idle.pop() if idle else None

    async def _new(self, where: _Where) -> Exchange:
        scheme, host, address, port = where
        _, found = await asyncio.get_running_loop().create_connection(
            lambda: Exchange(lambda it: self._forget(where, it)),
            address,
            port,
            ssl=self._tls if scheme == "https" else None,
            server_hostname=host if scheme == "https" else None,
        )
        return found

    def _forget(self, where: _Where, it: Exchange) -> None:
        idle = self._idle.get(where, [])
        if it in idle:
            idle.remove(it)
        if not idle:
            self._idle.pop(where, None)

    def close(self) -> None:
        """Close all that are idle."""
        for idle in list(self._idle.values()):
            for it in list(idle):
                it.close()


class _Unused(Exception):
    """A connection was closed before anything was said on it."""
