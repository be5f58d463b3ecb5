"""How the webhook's process ends: nobody who asks meanwhile is turned away."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
import pytest

from kingtide.controllers.admission.webhooks import ServiceReach, UrlReach
from kingtide.operate.admission.process import DRAIN_SECONDS, Listeners, Source, run_webhook
from kingtide.operate.admission.server import END_SECONDS
from kingtide.operate.installation.admission import GRACE_SECONDS
from kingtide.operate.running.health import listening
from kingtide.operate.running.logs import DecisionLog
from tests.small_rehearsal import CLUSTER, write_small
from tests.unit.controllers.admission.objects import container, daemon_set
from tests.unit.operate.admission.api_server import OneSecret
from tests.unit.operate.admission.test_answers import sent

PATIENCE_SECONDS = 30.0
REVIEW = sent(daemon_set(container()))


class Ending:
    """A webhook that serves; `stop` is what a signal sets."""

    def __init__(self, folder: Path, reach: ServiceReach | UrlReach, drain_seconds: float) -> None:
        write_small(folder)
        (folder / "fleet/clusters/prod.yaml").write_text(CLUSTER + "  admission: {}\n")
        self.stop = asyncio.Event()
        self.log = io.StringIO()
        self._webhook, self._health = listening("0"), listening("0")
        self._ports = [it.getsockname()[1] for it in (self._webhook, self._health)]
        self._source = Source(folder / "fleet", "prod")
        self._reach, self._drain_seconds = reach, drain_seconds

    async def run(self) -> None:
        async with httpx2.AsyncClient(transport=OneSecret(), base_url="https://api") as client:
            await run_webhook(
                client,
                self._source,
                self._reach,
                Listeners(self._webhook, self._health),
                DecisionLog(self.log, lambda _: (), as_json=True),
                self.stop,
                self._drain_seconds,
            )

    async def review(self) -> httpx2.Response:
        """Ask on a connection of its own."""
        async with httpx2.AsyncClient(verify=False) as client:
            return await client.post(
                f"https://127.0.0.1:{self._ports[0]}/validate/closed", content=REVIEW
            )

    async def killed(self, running: asyncio.Future[None]) -> None:
        """End it amid all, as a signal that nobody handles does."""
        running.cancel()
        await asyncio.wait([running])
        self._webhook.close()
        self._health.close()

    async def ready(self) -> httpx2.Response:
        async with httpx2.AsyncClient() as client:
            return await client.get(f"http://127.0.0.1:{self._ports[1]}/readyz")


async def answered(ask: Callable[[], Awaitable[httpx2.Response]]) -> httpx2.Response:
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await ask()
        except httpx2.TransportError:
            assert time.monotonic() < ends
            await asyncio.sleep(0.05)


def test_behind_a_service_it_answers_on_while_it_says_that_it_is_not_ready(tmp_path: Path) -> None:
    async def scene() -> None:
        it = Ending(tmp_path, ServiceReach(), drain_seconds=10 * PATIENCE_SECONDS)
        running = asyncio.ensure_future(it.run())
        assert "connection" not in (await answered(it.review)).headers
        it.stop.set()
        ready = await answered(it.ready)
        assert (ready.status_code, ready.text) == (503, "it ends\n")
        late = await it.review()
        assert (late.status_code, late.headers["connection"]) == (200, "close")
        assert late.json()["response"]["allowed"] is False
        await it.killed(running)

    asyncio.run(scene())


def test_behind_a_service_it_ends_when_it_has_answered_on_for_long_enough(tmp_path: Path) -> None:
    async def scene() -> None:
        it = Ending(tmp_path, ServiceReach(), drain_seconds=0.05)
        running = asyncio.ensure_future(it.run())
        await answered(it.review)
        it.stop.set()
        await asyncio.wait_for(running, PATIENCE_SECONDS)
        with pytest.raises(httpx2.TransportError):
            await it.review()

    asyncio.run(scene())


def test_at_an_address_of_its_own_it_ends_at_once(tmp_path: Path) -> None:
    async def scene() -> None:
        reach = UrlReach("https://127.0.0.1:8443", "127.0.0.1")
        it = Ending(tmp_path, reach, drain_seconds=PATIENCE_SECONDS)
        running = asyncio.ensure_future(it.run())
        await answered(it.review)
        it.stop.set()
        await asyncio.wait_for(running, PATIENCE_SECONDS / 2)

    asyncio.run(scene())


def test_the_pods_grace_period_is_long_enough_for_all_of_it() -> None:
    assert DRAIN_SECONDS + END_SECONDS < GRACE_SECONDS
