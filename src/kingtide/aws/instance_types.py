"""What an EC2 instance type is: its size, its price, its spot market."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import msgspec

from kingtide.aws.instance_type_table import (
    INTERRUPTION_BUCKETS,
    ON_DEMAND_REGIONS,
    ROWS,
    SPOT_REGIONS,
    InstanceTypeRow,
)


class SpotMarket(msgspec.Struct, frozen=True, gc=False):
    """A type's spot market in one region, as the Spot Instance advisor tells it.

    `saving_percent` is against the on-demand price; `interruption` is the advisor's label
    (`5-10%`): the share of instances interrupted in the past month.
    """

    saving_percent: int
    interruption: str


class InstanceType(msgspec.Struct, frozen=True, gc=False):
    """An EC2 instance type.

    `memory_mib` is what AWS sells, more than the kernel sees; `max_pods` is the bound where each
    pod takes an address of a network interface (the VPC CNI); `on_demand_micro_usd_per_hour` and
    `spot` are by region, a region missing where nothing is known of it.
    """

    name: str
    vcpus: int
    memory_mib: int
    max_pods: int
    arch: str
    on_demand_micro_usd_per_hour: Mapping[str, int]
    spot: Mapping[str, SpotMarket]


class UnknownInstanceType(KeyError):
    """A type without figures here; `nearest` holds names that look like it, best first."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.nearest = tuple(get_close_matches(name, INSTANCE_TYPES, n=3, cutoff=0.6))

    def __str__(self) -> str:
        hint = f"; did you mean {' or '.join(self.nearest)}?" if self.nearest else ""
        return f"no EC2 instance type {self.name!r} is known{hint}"


def _parse(row: InstanceTypeRow) -> InstanceType:
    name, vcpus, memory_mib, max_pods, *on_demand, markets = row
    family = name.split(".", 1)[0]
    return InstanceType(
        name=name,
        vcpus=vcpus,
        memory_mib=memory_mib,
        max_pods=max_pods,
        arch="arm64" if family.endswith("g") else "amd64",
        on_demand_micro_usd_per_hour=dict(zip(ON_DEMAND_REGIONS, on_demand, strict=True)),
        spot={
            region: SpotMarket(market[0], INTERRUPTION_BUCKETS[market[1]])
            for region, market in zip(SPOT_REGIONS, markets, strict=True)
            if market is not None
        },
    )


INSTANCE_TYPES: Mapping[str, InstanceType] = {row[0]: _parse(row) for row in ROWS}
"""Every known type by name."""


def instance_type(name: str) -> InstanceType:
    """Return a type by name.

    Raises:
        UnknownInstanceType: there are no figures for it.
    """
    found = INSTANCE_TYPES.get(name)
    if found is None:
        raise UnknownInstanceType(name)
    return found
