"""Rebalance recommendations: a raised risk, with or without a notice that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingtide.aws.autoscaling import CapacityPool
from kingtide.control.counted import counted
from kingtide.twin.engine import EventClass
from kingtide.twin.faults.dice import Dice
from kingtide.twin.faults.fault import Fault
from kingtide.twin.faults.scope import Scope

if TYPE_CHECKING:
    from kingtide.twin.world import World

MOST = 3
LATEST_NOTICE_MS = 5 * 60_000
"""A recommendation comes "in advance of the two-minute notice", or with it: AWS says no more
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html); judged."""


class Rebalance(Fault, frozen=True, kw_only=True, tag="rebalance"):
    """Instances of a pool are recommended to be left; `notice_after_ms` None: nothing follows."""

    pool: CapacityPool
    most_instances: int
    notice_after_ms: int | None

    def apply(self, world: World) -> None:
        """Have the recommendation come at its begin."""
        world.engine.at(self.from_ms, EventClass.WORLD, self._begin, world)

    def _begin(self, world: World) -> None:
        there = [it.instance_id for it in world.cloud.instances() if it.pool == self.pool]
        world.cloud.recommend_rebalance(there[: self.most_instances], self.notice_after_ms)

    def told(self) -> str:
        """For how many, and what follows."""
        after = self.notice_after_ms
        follows = "nothing follows" if after is None else f"notice {after // 1000} s later"
        instances = counted(self.most_instances, "instance")
        return f"rebalance recommended for up to {instances} of {self.pool}, {follows}"


def draw(dice: Dice, scope: Scope) -> tuple[Rebalance, ...]:
    """Return recommendations, every other one without a notice."""
    spot = tuple(pool for pool in scope.pools if pool.lifecycle == "spot")
    if not spot:
        return ()
    found = []
    for number in range(dice.count(MOST)):
        from_ms, until_ms = dice.span(scope, LATEST_NOTICE_MS, number)
        after_ms = dice.below(until_ms - from_ms, "notice", number)
        found.append(
            Rebalance(
                from_ms=from_ms,
                until_ms=until_ms,
                pool=dice.pick(spot, "pool", number),
                most_instances=1 + dice.intensity_percent // 10,
                notice_after_ms=None if dice.below(2, "follows", number) else after_ms,
            )
        )
    return tuple(found)
