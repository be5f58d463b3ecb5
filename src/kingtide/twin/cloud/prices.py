"""The price of each capacity pool in this run's region."""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.aws.autoscaling import CapacityPool, Lifecycle
from kingtide.aws.prices import price_micro_usd_per_hour
from kingtide.twin.definition import PriceOverride


class PriceList:
    """Prices by instance type and lifecycle; all zones of a region cost the same here.

    `overrides` win over the table.
    """

    def __init__(self, region: str, overrides: Sequence[PriceOverride] = ()) -> None:
        self.region = region
        self._known: dict[tuple[str, Lifecycle], int] = {
            (price.instance_type, price.lifecycle): price.micro_usd_per_hour for price in overrides
        }

    def micro_usd_per_hour(self, pool: CapacityPool) -> int:
        """Return what one instance of the pool costs an hour.

        Raises:
            UnknownInstanceType: the table has no such type.
        """
        key = (pool.instance_type, pool.lifecycle)
        price = self._known.get(key)
        if price is None:
            price = price_micro_usd_per_hour(pool.instance_type, pool.lifecycle, self.region)
            self._known[key] = price
        return price
