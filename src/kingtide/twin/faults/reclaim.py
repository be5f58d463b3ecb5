"""Spot reclaimed: dozens of instances of some pools at once, with two minutes, less, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingtide.aws.autoscaling import CapacityPool
from kingtide.control.counted import counted
from kingtide.twin.engine import EventClass
from kingtide.twin.faults.dice import Dice
from kingtide.twin.faults.fault import Fault
from kingtide.twin.faults.scope import Scope
from kingtide.twin.seed import PARTS_PER_MILLION

if TYPE_CHECKING:
    from kingtide.twin.world import World

MOST = 4
NOTICES_MS = (120_000, 120_000, 120_000, 60_000, 30_000, 0)
"""Two minutes is what EC2 promises and mostly keeps; the rest is what "best effort" may come to
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html)."""
CLOSED_MS = 5 * 60_000
"""A pool that takes back gives nothing for a while; judged."""


class Reclaim(Fault, frozen=True, kw_only=True, tag="reclaim"):
    """A share of the instances of these pools is taken back after `notice_ms`."""

    pools: tuple[CapacityPool, ...]
    parts_per_million: int
    notice_ms: int

    def apply(self, world: World) -> None:
        """Have the notices come at its begin; the pools give nothing until its end."""
        world.engine.at(self.from_ms, EventClass.WORLD, self._begin, world)

    def _begin(self, world: World) -> None:
        world.cloud.close_pools(self.pools, self.until_ms)
        world.cloud.reclaim_share(self.pools, self.parts_per_million, self.notice_ms)

    def told(self) -> str:
        """How much of what, and how soon."""
        percent = self.parts_per_million * 100 // PARTS_PER_MILLION
        pools = counted(len(self.pools), "spot pool")
        return f"{percent} % of {pools} reclaimed with {self.notice_ms // 1000} s of notice"


def draw(dice: Dice, scope: Scope) -> tuple[Reclaim, ...]:
    """Return reclaims, of a single pool up to all of them, correlated within one instant."""
    spot = tuple(pool for pool in scope.pools if pool.lifecycle == "spot")
    if not spot:
        return ()
    found = []
    for number in range(dice.count(MOST)):
        from_ms, until_ms = dice.span(scope, CLOSED_MS, number)
        share = 1 + dice.below(dice.intensity_percent, "share", number)
        found.append(
            Reclaim(
                from_ms=from_ms,
                until_ms=until_ms,
                pools=dice.sample(spot, 1 + dice.below(60, "pools", number), f"pools/{number}"),
                parts_per_million=share * PARTS_PER_MILLION // 100,
                notice_ms=dice.pick(NOTICES_MS, "notice", number),
            )
        )
    return tuple(found)
