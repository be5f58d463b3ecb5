"""What a cluster's instances cost an hour, without disks, traffic and load balancers."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kingtide.aws.autoscaling import Lifecycle
from kingtide.aws.instance_types import UnknownInstanceType
from kingtide.aws.prices import REFERENCE_REGION, price_micro_usd_per_hour
from kingtide.compile.plan.instance_group import InstanceGroup


class Price(msgspec.Struct, frozen=True):
    """Micro-USD an hour, by what instances are."""

    spot_micro_usd_per_hour: int = 0
    on_demand_micro_usd_per_hour: int = 0
    control_plane_micro_usd_per_hour: int = 0

    @property
    def total_micro_usd_per_hour(self) -> int:
        """All of it."""
        return (
            self.spot_micro_usd_per_hour
            + self.on_demand_micro_usd_per_hour
            + self.control_plane_micro_usd_per_hour
        )

    def plus(self, other: Price) -> Price:
        """Return the sum."""
        return Price(
            self.spot_micro_usd_per_hour + other.spot_micro_usd_per_hour,
            self.on_demand_micro_usd_per_hour + other.on_demand_micro_usd_per_hour,
            self.control_plane_micro_usd_per_hour + other.control_plane_micro_usd_per_hour,
        )


class Prices(msgspec.Struct, frozen=True):
    """At every group's minimum, on an ordinary evening, and with every group at its maximum."""

    minimum: Price = Price()
    typical: Price = Price()
    peak: Price = Price()

    def plus(self, other: Prices) -> Prices:
        """Return the sums."""
        return Prices(
            self.minimum.plus(other.minimum),
            self.typical.plus(other.typical),
            self.peak.plus(other.peak),
        )


def price_of(group: InstanceGroup, instances: int, region: str) -> Price:
    """Return the price of so many instances of a group.

    An instance costs the mean of its group's types, for which of them a launch takes is the cloud's
    choice; types without figures do not count (`unknown_types`).
    """
    on_demand = group.on_demand_of(instances)
    paid = mean_micro_usd_per_hour(group.instance_types, "on-demand", region) * on_demand
    if group.role != "node":
        return Price(control_plane_micro_usd_per_hour=paid)
    spot = mean_micro_usd_per_hour(group.instance_types, "spot", region)
    return Price(spot * (instances - on_demand), paid)


def mean_micro_usd_per_hour(types: Iterable[str], lifecycle: Lifecycle, region: str) -> int:
    """Return the mean price of instance types, 0 where none of them has figures."""
    known = []
    for name in types:
        try:
            known.append(price_micro_usd_per_hour(name, lifecycle, region or REFERENCE_REGION))
        except UnknownInstanceType:
            continue
    return sum(known) // len(known) if known else 0


def unknown_types(groups: Iterable[InstanceGroup]) -> tuple[str, ...]:
    """Return the instance types whose price nobody told, sorted."""
    found: dict[str, None] = {}
    for group in groups:
        for name in group.instance_types:
            try:
                price_micro_usd_per_hour(name, "on-demand")
            except UnknownInstanceType:
                found[name] = None
    return tuple(sorted(found))
