"""/metrics of the ingress controller: its own figures, its agent's, and those of its HAProxy.

HAProxy has a line a server and figure, 23 MB with 6,000 servers (measured on 2.6.12); it is asked
for frontends and backends alone, without servers in maintenance. That is still 11 MB with 2,000
backends, so that of backends only what somebody looks at is passed on: 3.5 MB. Its own exporter is
open to this machine only, so there is one place to scrape. Source:
https://github.com/haproxy/haproxy/blob/v2.6.0/addons/promex/README
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx2
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ASKED = "/metrics?scope=frontend&scope=backend&no-maint"
OF_BACKENDS = (
    "current_queue",
    "current_sessions",
    "bytes_in_total",
    "bytes_out_total",
    "requests_denied_total",
    "connection_errors_total",
    "response_errors_total",
    "retry_warnings_total",
    "redispatch_warnings_total",
    "status",
    "active_servers",
    "http_responses_total",
    "http_requests_total",
    "client_aborts_total",
    "server_aborts_total",
    "queue_time_average_seconds",
    "connect_time_average_seconds",
    "response_time_average_seconds",
    "total_time_average_seconds",
)
"""What alerts and dashboards of an ingress ask for: demand, errors, tries elsewhere, times, and who
serves. HAProxy 2.6 takes no list of metrics, only scopes."""
SECONDS = 3.0
"""HAProxy answers within 0.1 s; Prometheus waits 10 s by default."""
MAX_BYTES = 64_000_000
"""Of its answer: five times what HAProxy says of 2,000 backends."""


class MetricsPage:
    """Answers /metrics; `stats` is HAProxy's address without a scheme, `agent` asks its agent."""

    def __init__(
        self, registry: CollectorRegistry, stats: str, agent: Callable[[], Awaitable[bytes]]
    ) -> None:
        self._registry = registry
        self._agent = agent
        self._url = f"http://{stats}{ASKED}"

    def put_into(self, application: Starlette) -> Starlette:
        """Have an application answer with this page; return it."""
        application.router.routes.insert(0, Route("/metrics", self.answer))
        return application

    async def answer(self, _: Request) -> Response:
        """Return all; where HAProxy does not answer, our own say so."""
        text = generate_latest(self._registry) + await self._agent() + await self._haproxys()
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    async def _haproxys(self) -> bytes:
        try:
            async with httpx2.AsyncClient(timeout=SECONDS, trust_env=False) as client:
                answer = await client.get(self._url)
        except httpx2.HTTPError:
            return b""
        if answer.status_code != 200 or len(answer.content) > MAX_BYTES:
            return b""
        return passed_on(answer.content)


_FAMILY, _BACKEND = b"\n# HELP ", b"haproxy_backend_"
_PASSED_ON = frozenset(f"haproxy_backend_{it}".encode() for it in OF_BACKENDS)


def passed_on(text: bytes) -> bytes:
    """Return HAProxy's figures without those of backends that nobody looks at."""
    families = (b"\n" + text).split(_FAMILY)
    kept = (
        it for it in families if not it.startswith(_BACKEND) or it.partition(b" ")[0] in _PASSED_ON
    )
    found = _FAMILY.join(kept).removeprefix(b"\n")
    return found if found.endswith(b"\n") or not text else found + b"\n"
