"""DescribeSpotPriceHistory: what spot instances cost now; the built-in table where nothing is told.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotPriceHistory.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import msgspec

from kingtide.aws.autoscaling import CapacityPool
from kingtide.aws.prices import price_micro_usd_per_hour
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.reads import DESCRIBE_SPOT_PRICES

KEPT_SECONDS = 300.0
"""Spot prices move a few times a day (EC2 user guide, Spot Instance pricing history)."""
TYPES_A_CALL = 50
LINUX = "Linux/UNIX"
MICRO_USD = 1_000_000


class _Price(msgspec.Struct, frozen=True, rename="pascal"):
    instance_type: str
    availability_zone: str
    spot_price: str
    timestamp: datetime


class SpotPrices:
    """Prices by pool, as of the last five minutes."""

    def __init__(
        self,
        client: AwsClient,
        region: str,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._region = region
        self._now_ms = now_ms
        self._clock = clock
        self._told: dict[tuple[str, str], tuple[datetime, int]] = {}
        self._asked_at: dict[str, float] = {}

    def micro_usd_per_hour(self, pool: CapacityPool) -> int:
        """Return what an instance of a pool costs an hour.

        Raises:
            UnknownInstanceType: neither EC2 nor the table tells of the type.
        """
        told = self._told.get((pool.instance_type, pool.zone))
        if pool.lifecycle == "spot" and told is not None:
            return told[1]
        return price_micro_usd_per_hour(pool.instance_type, pool.lifecycle, self._region)

    async def refresh(self, instance_types: Iterable[str]) -> None:
        """Ask for the prices of types of which the last are older than five minutes.

        Raises:
            AwsFailure: EC2 does not answer; what was known stays.
        """
        old = self._clock() - KEPT_SECONDS
        due = [it for it in dict.fromkeys(instance_types) if self._asked_at.get(it, old) <= old]
        for start in range(0, len(due), TYPES_A_CALL):
            names = due[start : start + TYPES_A_CALL]
            now = datetime.fromtimestamp(self._now_ms() / 1_000, UTC)
            raws = await self._client.pages(
                DESCRIBE_SPOT_PRICES,
                "SpotPriceHistory",
                InstanceTypes=names,
                ProductDescriptions=[LINUX],
                StartTime=now,  # prices that hold now, however long ago they began
                EndTime=now,
            )
            for raw in raws:
                self._take(raw)
            self._asked_at.update(dict.fromkeys(names, self._clock()))

    def _take(self, raw: object) -> None:
        try:
            it = msgspec.convert(raw, _Price)
            micro_usd = int(Decimal(it.spot_price) * MICRO_USD)
        except (msgspec.ValidationError, InvalidOperation, ValueError, OverflowError):
            return
        key = (it.instance_type, it.availability_zone)
        known = self._told.get(key)
        if known is None or it.timestamp >= known[0]:
            self._told[key] = (it.timestamp, micro_usd)
