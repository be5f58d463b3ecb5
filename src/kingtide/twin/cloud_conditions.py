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


class CoursePoint(msgspec.Struct, frozen=True):
    """A point of a course over the world's time, in percent of the amount it belongs to."""

    at_ms: int
    percent: int


class Course(msgspec.Struct, frozen=True):
    """How an amount moves: points linear in between, and noise of its own for each pool.

    No points mean 100 percent. It is looked at every `every_ms`; `noise_percent` is the most by
    which a look is above or below, evenly spread.
    """

    points: tuple[CoursePoint, ...] = ()
    noise_percent: int = 0
    every_ms: int = 600_000

    def percent_at(self, now_ms: int) -> int:
        """Return the course's percentage at a time; before and after its points the nearest."""
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


class CloudConditions(msgspec.Struct, frozen=True):
    """How the cloud behaves; a world of defaults has instances that nobody takes away."""

    duplicate_messages_per_million: int = DUPLICATES_PER_MILLION
    depths: tuple[PoolDepth, ...] = ()
    price_courses: tuple[PriceCourse, ...] = ()
    other_accounts: tuple[OtherAccount, ...] = ()
    zone_rebalancing: bool = False
    """AWS does it unless the group suspends the process AZRebalance."""


def _between(points: Sequence[CoursePoint], now_ms: int) -> int:
    if not points:
        return 100
    before = points[0]
    if now_ms <= before.at_ms:
        return before.percent
    for after in points[1:]:
        if now_ms < after.at_ms:
            rise, run = after.percent - before.percent, after.at_ms - before.at_ms
            return before.percent + rise * (now_ms - before.at_ms) // run
        before = after
    return before.percent
