"""`cloud:` of a rehearsal: what capacity there is, what it costs, and what is taken away."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import (
    Count,
    DurationMs,
    Name,
    PositiveCount,
    PositiveDurationMs,
    Seconds,
    Switch,
)
from kingtide.rehearsal.scenario.local_time import LocalTime
from kingtide.rehearsal.scenario.price_model import Price, PricedType
from kingtide.twin.cloud_conditions import DUPLICATES_PER_MILLION, USD_CENT_MICRO_USD

_PERCENTAGE = re.compile(r"\d{1,4}(\.\d{1,4})?%")
_HIGHEST_SHARE = 10


def _share_per_million(value: object) -> int:
    if isinstance(value, str) and _PERCENTAGE.fullmatch(value):
        share = Decimal(value[:-1]) / 100
    elif isinstance(value, Decimal | int) and not isinstance(value, bool):
        share = Decimal(value)
    else:
        raise ValueError(f"{value!r} is not a share; write for example 0.4 or 40%")
    if not 0 <= share <= _HIGHEST_SHARE:
        raise ValueError(f"{value} is not within 0 and {_HIGHEST_SHARE}; write for example 0.4")
    return int(share * 1_000_000)


def _part_per_million(value: object) -> int:
    share = _share_per_million(value)
    if share > 1_000_000:
        raise ValueError(f"{value} is more than all; write for example 0.3 or 30%")
    return share


def _micro_usd(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, Decimal | int) or not 0 <= value <= 100:
        raise ValueError(f"{value!r} is not a price; write USD a gigabyte, as 0.01")
    return int(Decimal(value) * 1_000_000)


def _amount(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, Decimal | int) or not 0 <= value <= 1_000:
        raise ValueError(f"{value!r} is not an amount of traffic; write gigabytes, as 0.005")
    return int(Decimal(value) * 1_000_000)


_SHARE_SCHEMA = WithJsonSchema({"type": ["string", "number"], "examples": [0.4, "40%"]})
SharePerMillion = Annotated[int, BeforeValidator(_share_per_million), _SHARE_SCHEMA]
PartPerMillion = Annotated[int, BeforeValidator(_part_per_million), _SHARE_SCHEMA]
MicroUsd = Annotated[
    int,
    BeforeValidator(_micro_usd),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100, "examples": [0.01]}),
]
Kilobytes = Annotated[
    int,
    BeforeValidator(_amount),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1000, "examples": [0.005]}),
]


class PoolChoice(Written):
    """Which capacity pools something is about."""

    types: tuple[str, ...] | None = None
    """Instance types, also by family as `c5.*`; None for all that the cluster uses."""
    zones: tuple[str, ...] | None = None
    """Zones by letter or name; None for all of the cluster."""


class PoolOutage(PoolChoice):
    """Capacity pools (instance type, zone, lifecycle) that have nothing to launch for a time."""

    lifecycle: Literal["spot", "on-demand", "any"] = "any"
    """Which of both markets."""
    begin: LocalTime | None = Field(default=None, alias="from")
    """When it begins; None for before the start."""
    until: LocalTime | None = None
    """When it ends; None for not within the rehearsal."""


class WrittenCourse(PoolChoice):
    """How something moves over the day."""

    course: tuple[tuple[LocalTime, SharePerMillion], ...] = ()
    """Points `[time, share]`, with straight lines between them; a time of day comes back every
    day. None mean 100 % all day."""
    noise: PartPerMillion = 0
    """By how much each pool lies above or below at most, drawn anew each time it is looked at, in
    whole percent: `0.1`."""
    every: PositiveDurationMs = 600_000
    """How often it is looked at."""


class Depth(WrittenCourse):
    """How many of the cluster's instances each of these pools can hold, at 100 % of its course.

    A launch beyond that fails; a spot pool that falls below what it holds takes the rest back.
    """

    lifecycle: Literal["spot", "on-demand", "any"] = "spot"
    """Which of both markets."""
    instances: Count
    """Instances of one pool."""


class SpotPrices(WrittenCourse):
    """How spot prices move, as a share of what the type costs otherwise."""

    every: PositiveDurationMs = 3_600_000
    """How often prices change."""


class Launch(Written):
    """On-demand instances of another account."""

    type: PricedType
    """Instance type."""
    zone: str
    """Zone by letter or name."""
    instances: PositiveCount
    """How many; it gets no more than there are."""
    at: LocalTime
    """When it launches them."""
    until: LocalTime | None = None
    """When it ends them; None for not within the rehearsal."""


class Account(Written):
    """Another account of yours in the region. What it runs on demand comes before your spot."""

    launches: tuple[Launch, ...]
    """What it launches."""


class Reclaim(PoolChoice):
    """Spot instances that EC2 takes back."""

    at: LocalTime
    """When the notices are given."""
    share: PartPerMillion
    """The share of the instances in these pools, rounded up, drawn by lot."""
    notice: DurationMs = 120_000
    """Time between notice and end; 0 for no notice at all."""


class Recommendation(PoolChoice):
    """Spot instances of which EC2 says that they are at a raised risk."""

    at: LocalTime
    """When the recommendations are given."""
    share: PartPerMillion
    """The share of the instances in these pools, rounded up, drawn by lot."""
    notice_after: DurationMs | None = None
    """When the interruption notice follows; None for never."""


class ZoneOutage(Written):
    """A zone that fails with everything in it."""

    zone: str
    """Zone by letter or name."""
    begin: LocalTime = Field(alias="from")
    """When it fails."""
    until: LocalTime | None = None
    """When instances can be launched there again; None for not within the rehearsal."""


class TerminationHook(Written):
    """A lifecycle hook on every group.

    With it a controller can empty a node that its group ends for reasons of its own.
    """

    name: Name = "kingtide"
    """The hook's name."""
    heartbeat_timeout: Seconds = 300
    """How long the group waits for an answer or a heartbeat: 30s to 2h. AWS' default is 1h; a node
    that nobody empties would run that long."""

    @model_validator(mode="after")
    def _is_within_bounds(self) -> TerminationHook:
        if not 30 <= self.heartbeat_timeout <= 7_200:
            raise ValueError("heartbeatTimeout is not within 30s and 2h; write for example 5m")
        return self


class CrossZoneTraffic(Written):
    """What the applications' traffic between zones is charged: a plain model.

    Requests come from all Ready nodes alike and go to all ready pods alike, so that the share of
    another zone is one less the sum over zones of the share of nodes times the share of pods.
    """

    gigabytes_per_core_second: Kilobytes
    """Traffic that a core-second of served demand stands for, request and answer together."""
    usd_per_gigabyte: MicroUsd = USD_CENT_MICRO_USD
    """Price for each direction; each gigabyte is charged in both
    (https://aws.amazon.com/ec2/pricing/on-demand/, data transfer within a region)."""


class Cloud(Written):
    """What the cloud does."""

    outages: tuple[PoolOutage, ...] = ()
    """Capacity that is missing."""
    prices: dict[PricedType, Price] = {}
    """Prices by instance type, where the twin's own table is not to be used: a region it has no
    list prices for, a discount, a night of dear spot."""
    depths: tuple[Depth, ...] = ()
    """How much capacity pools have; one that is not named never runs out by itself. Of two that
    name a pool, the later holds."""
    spot_prices: tuple[SpotPrices, ...] = ()
    """How spot prices move; one that is not named stays."""
    accounts: dict[Name, Account] = {}
    """Other accounts on the same physical pools, by name. The spot pools they take from need a
    depth."""
    reclaims: tuple[Reclaim, ...] = ()
    """Spot instances taken back at a time that you choose."""
    rebalance_recommendations: tuple[Recommendation, ...] = ()
    """Recommendations to move away from spot instances."""
    zone_outages: tuple[ZoneOutage, ...] = ()
    """Zones that fail."""
    zone_rebalancing: Switch = False
    """Groups balance their zones, as AWS' process AZRebalance does: it is on there, unless
    suspended."""
    capacity_rebalancing: Switch = False
    """Spot groups replace instances of which EC2 says that they are at risk, before they go
    (Capacity Rebalancing)."""
    termination_hook: TerminationHook | None = None
    """Groups hold an instance that they end until somebody answers; None: they end it at once."""
    duplicate_messages: PartPerMillion = DUPLICATES_PER_MILLION
    """The share of events that come to the interruption queue twice."""
    cross_zone_traffic: CrossZoneTraffic | None = None
    """None: traffic between zones is not priced."""
