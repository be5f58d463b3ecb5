"""/metrics, /healthz and /readyz of a running process."""

from __future__ import annotations

from collections.abc import Callable

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

LOOPBACK = "127.0.0.1"


def application(
    registry: CollectorRegistry,
    unhealthy: Callable[[], str | None],
    unready: Callable[[], str | None],
) -> Starlette:
    """Return the application; each check returns why it fails, None where all is well."""

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    def answer(check: Callable[[], str | None]) -> Callable[[Request], Response]:
        def endpoint(_: Request) -> Response:
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

    def __init__(self, app: Starlette, port: int, host: str = LOOPBACK) -> None:
        config = uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False)
        super().__init__(config)

    def install_signal_handlers(self) -> None:
        """The process ends after its pass; a server must not end it before."""

    @property
    def port(self) -> int:
        """The port, once it listens."""
        return int(self.servers[0].sockets[0].getsockname()[1])
