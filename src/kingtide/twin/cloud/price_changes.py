"""Spot prices that move within the day; running instances pay the price of the moment.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-instances-history.html
"""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.twin.cloud.capacity_changes import with_noise
from kingtide.twin.cloud.cost import CostMeter
from kingtide.twin.cloud.listener import InstanceListener
from kingtide.twin.cloud.prices import PriceList
from kingtide.twin.cloud_conditions import PriceCourse
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.seed import SeedTree


class PriceChanges:
    """Moves the prices of a run's pools along their courses, and what is billed with them."""

    def __init__(
        self,
        engine: Engine,
        seeds: SeedTree,
        prices: PriceList,
        cost: CostMeter,
        listener: InstanceListener,
        courses: Sequence[PriceCourse],
    ) -> None:
        self._engine = engine
        self._seeds = seeds
        self._prices = prices
        self._cost = cost
        self._listener = listener
        for course in courses:
            self._look(course)

    def _look(self, priced: PriceCourse) -> None:
        now_ms = self._engine.now_ms
        for pool in priced.pools:
            usual = self._prices.usual(pool)
            price = with_noise(usual, self._seeds, "cloud/price", pool, priced.course, now_ms)
            before = self._prices.micro_usd_per_hour(pool)
            if price != before:
                self._engine.trace(f"cloud {pool} costs {price}")
                self._listener.on_price_change(pool, price)
                self._prices.set(pool, price)
                self._cost.reprice(pool, price - before, now_ms)
        self._engine.after(priced.course.every_ms, EventClass.WORLD, self._look, priced)
