"""/metrics, /healthz and /readyz of a running process."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Awaitable, Callable, Iterator

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

LOOPBACK = "127.0.0.1"
BACKLOG = 64
MAX_CONNECTIONS = 100
"""At once: a kubelet, a few scrapers and people."""
END_SECONDS = 1
"""How long an answer may go on once the process ends."""
HUNG_SECONDS = 120
"""Without a sign of life for so long the pass loop hangs. A look comes every 10 s, an action ends
within 30 s, and each is a sign; deciding on thirty thousand pods takes seconds."""


class NotListening(Exception):
    """An address cannot be listened on; the message says why."""


class Pulse:
    """Signs of life of the pass loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at = clock()

    def beat(self) -> None:
        """Give a sign of life."""
        self._at = self._clock()

    def unhealthy(self) -> str | None:
        """Return that the loop hangs, None while it lives."""
        seconds = self._clock() - self._at
        if seconds <= HUNG_SECONDS:
            return None
        return f"the pass loop has not moved for {int(seconds)} s"


def listening(address: str) -> socket.socket:
    """Return a socket that listens on `HOST:PORT`, `[IPV6]:PORT` or `PORT` of this machine alone.

    Raises:
        ValueError: it is no address.
        NotListening: it is taken, or not ours.
    """
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or LOOPBACK
    if not port.isdecimal() or int(port) > 65_535:
        raise ValueError(f"{address!r} is no address; write for example 127.0.0.1:8080 or 8080")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        found = socket.create_server((host, int(port)), family=family, backlog=BACKLOG)
    except OSError as error:
        raise NotListening(f"{address} cannot be listened on ({error.strerror})") from error
    found.setblocking(False)
    return found


def address_of(listener: socket.socket) -> str:
    """Return where a socket listens, as a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def application(
    registry: CollectorRegistry,
    unhealthy: Callable[[], str | None],
    unready: Callable[[], str | None],
) -> Starlette:
    """Return the application; each check returns why it fails, None where all is well."""

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    def answer(check: Callable[[], str | None]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(_: Request) -> Response:
            wrong = check()
            return PlainTextResponse(f"{wrong or 'ok'}\n", status_code=503 if wrong else 200)

        return endpoint

    return Starlette(
        routes=[
            Route("/metrics", metrics),
            Route("/healthz", answer(unhealthy)),
            Route("/readyz", answer(unready)),
        ]
    )


class HealthServer(uvicorn.Server):
    """Serves within the process' own event loop and leaves its signals alone."""

    def __init__(self, app: Starlette, listener: socket.socket) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                limit_concurrency=MAX_CONNECTIONS,
                timeout_graceful_shutdown=END_SECONDS,
            )
        )
        self._listener = listener

    async def answer(self) -> None:
        """Serve until cancelled."""
        try:
            await self.serve(sockets=[self._listener])
        finally:
            for server in getattr(self, "servers", ()):  # it has none before it has started
                server.close()
            self._listener.close()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The process ends after its pass; a server must not end it before."""
        yield
