"""What an instance costs an hour, in integer micro-USD."""

from __future__ import annotations

from kingtide.aws.autoscaling import Lifecycle
from kingtide.aws.instance_types import instance_type

REFERENCE_REGION = "eu-west-1"
"""The region whose price stands in where the table has none of a region's own."""


def price_micro_usd_per_hour(
    name: str, lifecycle: Lifecycle, region: str = REFERENCE_REGION
) -> int:
    """Return the price of one hour in micro-USD, for Linux, without tax.

    On-demand is the region's list price, or the reference region's where the table has none
    (eu-west-3 lists about 5 % more). Spot is that price less the region's saving; without figures
    for the region the reference region's saving counts, and a type that no advisor lists costs the
    on-demand price. Real spot prices move within the day; the advisor's saving is their average
    over a month.

    Raises:
        UnknownInstanceType: there are no figures for it.
    """
    found = instance_type(name)
    listed = found.on_demand_micro_usd_per_hour
    on_demand = listed.get(region, listed[REFERENCE_REGION])
    if lifecycle == "on-demand":
        return on_demand
    market = found.spot.get(region) or found.spot.get(REFERENCE_REGION)
    saving_percent = 0 if market is None else market.saving_percent
    return on_demand * (100 - saving_percent) // 100
