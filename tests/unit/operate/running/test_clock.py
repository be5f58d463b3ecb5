"""The server's time: its pace is measured, waits go by it, a real server's seconds are enough."""

from __future__ import annotations

import asyncio
from email.utils import formatdate

import httpx2
import pytest

from kingtide.operate.running.clock import NOW_HEADER, MachineClock, ServerClock

START_MS = 1_600_000_000_000


class Served:
    """A server whose time goes `speed` times as fast as ours; ours is moved by hand."""

    def __init__(self, speed: float, *, is_twin: bool = True) -> None:
        self.ours = 100.0
        self.speed = speed
        self.is_twin = is_twin
        client = httpx2.AsyncClient(
            transport=httpx2.MockTransport(self.answer), base_url="https://server"
        )
        self.clock = ServerClock(client, lambda: self.ours)

    @property
    def now_ms(self) -> float:
        return START_MS + 700 + (self.ours - 100.0) * 1000 * self.speed

    def answer(self, _: httpx2.Request) -> httpx2.Response:
        headers = {"date": formatdate(self.now_ms // 1000, usegmt=True)}
        if self.is_twin:
            headers[NOW_HEADER] = str(int(self.now_ms))
        return httpx2.Response(200, headers=headers)

    async def hear(self, *seconds: float) -> None:
        for one in seconds:
            self.ours += one
            await self.clock.ask()


def test_between_two_answers_a_twins_time_goes_on_at_its_own_pace() -> None:
    async def heard() -> None:
        served = Served(speed=20)
        await served.hear(0, 1)
        served.ours += 0.5
        assert served.clock.now_ms() == pytest.approx(served.now_ms, abs=2)

    asyncio.run(heard())


def test_a_wait_is_as_long_as_the_servers_time_says() -> None:
    async def waited() -> None:
        served = Served(speed=1_000)
        await served.hear(0, 1)
        until_ms = served.clock.now_ms() + 30_000
        waiting = asyncio.create_task(served.clock.sleep(30))
        await asyncio.sleep(0)
        served.ours += 0.029
        await asyncio.sleep(0.05)
        assert not waiting.done()
        served.ours += 0.002
        await asyncio.wait_for(waiting, 10)
        assert served.clock.now_ms() >= until_ms

    asyncio.run(waited())


def test_while_the_servers_time_stands_still_nobody_goes_on() -> None:
    async def waited() -> None:
        served = Served(speed=0)
        await served.hear(0, 1)
        waiting = asyncio.create_task(served.clock.sleep(1))
        await asyncio.sleep(0)
        served.ours += 3_600
        await asyncio.sleep(0.02)
        assert not waiting.done()
        waiting.cancel()

    asyncio.run(waited())


def test_a_real_servers_whole_seconds_make_a_time_that_neither_jumps_nor_stops() -> None:
    async def heard() -> None:
        served = Served(speed=1, is_twin=False)
        await served.hear(0)
        seen = []
        for _ in range(20):
            await served.hear(0.25)
            seen.append(served.clock.now_ms() - served.now_ms)
        assert all(abs(it) <= 1_000 for it in seen)
        assert max(seen) - min(seen) < 1_000
        assert [it for it in seen[8:] if it != pytest.approx(seen[8], abs=2)] == []

    asyncio.run(heard())


def test_this_machines_time_is_that_of_its_own_clock() -> None:
    clock = MachineClock()
    before = clock.seconds()
    asyncio.run(clock.sleep(0.01))
    assert clock.seconds() - before >= 0.009
    assert clock.now_ms() > START_MS
