"""The price of each capacity pool in this run's region."""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.aws.autoscaling import CapacityPool, Lifecycle
from kingtide.aws.prices import price_micro_usd_per_hour
from kingtide.twin.definition import PriceOverride


class PriceList:
    """Prices by instance type and lifecycle; all zones of a region cost the same here.

    `overrides` win over the table; a pool whose price moves has the one last set.
    """

    def __init__(self, region: str, overrides: Sequence[PriceOverride] = ()) -> None:
        self.region = region
        self._known: dict[tuple[str, Lifecycle], int] = {
            (price.instance_type, price.lifecycle): price.micro_usd_per_hour for price in overrides
        }
        self._moved: dict[CapacityPool, int] = {}

    def micro_usd_per_hour(self, pool: CapacityPool) -> int:
        """Return what one instance of the pool costs an hour at present.

        Raises:
            UnknownInstanceType: the table has no such type.
        """
        moved = self._moved.get(pool)
        return self.usual(pool) if moved is None else moved

    def usual(self, pool: CapacityPool) -> int:
        """Return what an instance of the pool costs where its price does not move.

        Raises:
            UnknownInstanceType: the table has no such type.
        """
        key = (pool.instance_type, pool.lifecycle)
        price = self._known.get(key)
        if price is None:
            price = price_micro_usd_per_hour(pool.instance_type, pool.lifecycle, self.region)
            self._known[key] = price
        return price

    def set(self, pool: CapacityPool, micro_usd_per_hour: int) -> None:
        """Have a pool cost this from now on."""
        self._moved[pool] = micro_usd_per_hour
