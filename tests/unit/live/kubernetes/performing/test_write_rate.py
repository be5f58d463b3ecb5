from __future__ import annotations

import asyncio

import pytest

from kingtide.live.kubernetes.failures import TooManyWrites
from kingtide.live.kubernetes.performing.write_rate import LONGEST_WAIT_SECONDS, WriteRate


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def taken(rate: WriteRate, times: int) -> None:
    async def take() -> None:
        for _ in range(times):
            await rate.take()

    asyncio.run(take())


def test_a_burst_does_not_wait_and_what_follows_takes_its_turn() -> None:
    clock = Clock()
    taken(WriteRate(10, 3, clock, clock.sleep), 5)
    assert clock.waits == pytest.approx([0.1, 0.2])


def test_the_bucket_fills_with_time_up_to_its_burst() -> None:
    clock = Clock()
    rate = WriteRate(10, 3, clock, clock.sleep)
    taken(rate, 3)
    clock.now += 0.1
    taken(rate, 1)
    assert clock.waits == []
    clock.now += 1_000
    taken(rate, 4)
    assert clock.waits == pytest.approx([0.1])


def test_a_write_whose_turn_would_come_too_late_is_refused_and_takes_no_turn() -> None:
    clock = Clock()
    rate = WriteRate(10, 1, clock, clock.sleep)
    taken(rate, 51)
    assert max(clock.waits) == pytest.approx(LONGEST_WAIT_SECONDS)
    for _ in range(2):
        with pytest.raises(TooManyWrites, match="10 writes a second"):
            taken(rate, 1)
    assert rate.refused == 2
    clock.now += 0.1
    taken(rate, 1)
