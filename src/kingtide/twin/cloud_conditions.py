"""What the cloud does in a world beyond launching what is asked for: data, all of it optional."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kingtide.aws.autoscaling import CapacityPool

DUPLICATES_PER_MILLION = 1_000
"""EventBridge and SQS standard queues deliver at least once and do not say how often twice; one in
a thousand is judged, so that an evening of hundreds of messages sees it now and then.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html
"""


USD_CENT_MICRO_USD = 10_000


class CoursePoint(msgspec.Struct, frozen=True):
    """A point of a course over the world's time, in parts of the amount it belongs to."""

    at_ms: int
    parts_per_million: int


class Course(msgspec.Struct, frozen=True):
    """How an amount moves: points linear in between, and noise of its own for each pool.

    No points mean all of it. It is looked at every `every_ms`; `noise_percent` is the most by
    which a look is above or below, evenly spread.
    """

    points: tuple[CoursePoint, ...] = ()
    noise_percent: int = 0
    every_ms: int = 600_000

    def parts_per_million_at(self, now_ms: int) -> int:
        """Return where the course is at a time; before and after its points the nearest."""
        return _between(self.points, now_ms)


class PoolDepth(msgspec.Struct, frozen=True):
    """How many of our instances each of these pools can hold: launches beyond that fail.

    A spot pool that falls below what is in use takes the difference back. A pool without a depth
    never runs out by itself.
    """

    pools: tuple[CapacityPool, ...]
    instances: int
    course: Course = Course()


class PriceCourse(msgspec.Struct, frozen=True):
    """How the price of these pools moves, in percent of what it would be without."""

    pools: tuple[CapacityPool, ...]
    course: Course


class AccountLaunch(msgspec.Struct, frozen=True):
    """On-demand instances that another account of ours runs from one instant to another."""

    instance_type: str
    zone: str
    instances: int
    from_ms: int
    until_ms: int | None = None


class OtherAccount(msgspec.Struct, frozen=True):
    """Another account on the same physical pools: its on-demand instances come before our spot."""

    name: str
    launches: tuple[AccountLaunch, ...]


class PlannedReclaim(msgspec.Struct, frozen=True):
    """A share of the spot instances in these pools that EC2 takes back, rounded up, by lot."""

    at_ms: int
    pools: tuple[CapacityPool, ...]
    parts_per_million: int
    notice_ms: int


class PlannedRecommendation(msgspec.Struct, frozen=True):
    """A share of the spot instances in these pools that EC2 recommends to leave.

    `notice_after_ms` is when the interruption notice follows; None: never.
    """

    at_ms: int
    pools: tuple[CapacityPool, ...]
    parts_per_million: int
    notice_after_ms: int | None = None


class ZoneOutage(msgspec.Struct, frozen=True):
    """A zone that fails with everything in it."""

    zone: str
    from_ms: int
    until_ms: int | None


class CrossZoneTraffic(msgspec.Struct, frozen=True):
    """What traffic between zones is charged, in each direction, and how much a core-second is.

    Source of the price, USD 0.01 a gigabyte in each direction:
    https://aws.amazon.com/ec2/pricing/on-demand/ (data transfer within the same region)
    """

    kilobytes_per_core_second: int
    micro_usd_per_gigabyte: int = USD_CENT_MICRO_USD


class CloudConditions(msgspec.Struct, frozen=True):
    """How the cloud behaves; a world of defaults has instances that nobody takes away."""

    duplicate_messages_per_million: int = DUPLICATES_PER_MILLION
    depths: tuple[PoolDepth, ...] = ()
    price_courses: tuple[PriceCourse, ...] = ()
    other_accounts: tuple[OtherAccount, ...] = ()
    zone_rebalancing: bool = False
    """AWS does it unless the group suspends the process AZRebalance."""
    reclaims: tuple[PlannedReclaim, ...] = ()
    recommendations: tuple[PlannedRecommendation, ...] = ()
    zone_outages: tuple[ZoneOutage, ...] = ()
    cross_zone_traffic: CrossZoneTraffic | None = None
    """None: nobody prices it."""


def _between(points: Sequence[CoursePoint], now_ms: int) -> int:
    if not points:
        return 1_000_000
    before = points[0]
    if now_ms <= before.at_ms:
        return before.parts_per_million
    for after in points[1:]:
        if now_ms < after.at_ms:
            rise, run = (
                after.parts_per_million - before.parts_per_million,
                after.at_ms - before.at_ms,
            )
            return before.parts_per_million + rise * (now_ms - before.at_ms) // run
        before = after
    return before.parts_per_million
