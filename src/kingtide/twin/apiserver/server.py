"""The server: a world, its clock and its API in one event loop, until somebody ends it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import msgspec
import uvicorn

from kingtide.twin.apiserver.api import Api
from kingtide.twin.apiserver.auditing import Audit
from kingtide.twin.apiserver.certificate import Certificate, make_certificate, server_context
from kingtide.twin.apiserver.clock import Advance, Clock
from kingtide.twin.apiserver.connections import Connection
from kingtide.twin.apiserver.kubeconfig import kubeconfig
from kingtide.twin.world import World

LOOPBACK = "127.0.0.1"
BACKLOG = 512
MAX_CONNECTIONS = 2_000
"""Connections at once: as many watches as there may be, and as many requests."""
END_SECONDS = 2
"""How long requests may go on once the server is to end."""


class NotServed(Exception):
    """The address cannot be listened on; the message says why."""


class Settings(msgspec.Struct, frozen=True):
    """How a world is served; `port` 0 picks a free one, `speed` is virtual seconds a real one."""

    token: str
    host: str = LOOPBACK
    port: int = 0
    speed: float = 1.0


class ApiServer:
    """Serves a world. `advance` moves it to a time and returns False once it was stopped.

    Listens from the moment it is made, so that its address is known.

    Raises:
        NotServed: the address is taken, or not ours.
    """

    def __init__(
        self,
        world: World,
        settings: Settings,
        advance: Advance | None = None,
        audit: Audit | None = None,
    ) -> None:
        self._settings = settings
        self._socket = _listening(settings.host, settings.port)
        self.port: int = self._socket.getsockname()[1]
        self._certificate: Certificate = make_certificate(
            (LOOPBACK, "::1", "localhost", settings.host)
        )
        self.api = Api(world, settings.token, audit)
        engine = world.engine
        move = advance or world.run_until
        settle = self.api.settle
        self.clock = Clock(lambda: engine.now_ms, move, settings.speed, settle)
        self._server = _Uvicorn(
            uvicorn.Config(
                self.api,
                http=Connection,
                proxy_headers=False,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                date_header=False,  # the cluster's own time is told instead
                backlog=BACKLOG,
                limit_concurrency=MAX_CONNECTIONS,
                timeout_graceful_shutdown=END_SECONDS,
                ssl_context_factory=lambda _config, _default: server_context(self._certificate),
            )
        )

    @property
    def url(self) -> str:
        """Where it is; a server for all addresses is told by its loopback's."""
        host = self._settings.host
        host = LOOPBACK if host in ("0.0.0.0", "") else host
        return f"https://[{host}]:{self.port}" if ":" in host else f"https://{host}:{self.port}"

    def kubeconfig(self, cluster: str) -> bytes:
        """Return the kubeconfig with which clients find it; it holds the token."""
        authority = self._certificate.authority
        return kubeconfig(cluster, self.url, authority, self._settings.token)

    @property
    def authority(self) -> bytes:
        """What clients verify it with, PEM."""
        return self._certificate.authority

    async def run(self) -> None:
        """Serve and move the world until `stop`, or until the world was stopped.

        Raises:
            Exception: what the world's events raise, after requests have ended.
        """
        moving = asyncio.create_task(self.clock.run())
        moving.add_done_callback(lambda _: self.stop())
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            self.stop()
            moving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await moving

    def stop(self) -> None:
        """End every watch, then the server."""
        self.api.watches.close()
        self._server.should_exit = True


class _Uvicorn(uvicorn.Server):
    """Leaves signals to whoever started it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit it: asyncio sets it only on sockets that name their protocol, and
        # without it the body of an answer waits 40 ms for the client to acknowledge the head.
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found.bind((host, port))
        found.listen(BACKLOG)
    except OSError as error:
        found.close()
        raise NotServed(f"{host}:{port} cannot be listened on ({error.strerror})") from error
    found.setblocking(False)
    return found
