"""Shallow pools: a few instances more, then none; requests come in parts."""

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

LONGEST_MS = 15 * 60_000
MOST = 2
DEEPEST = 3
"""Instances that a shallow pool gives: a fleet of thirty nodes asks for more than that at once."""


class ShallowPools(Fault, frozen=True, kw_only=True, tag="shallow-pools"):
    """Each of these pools gives `instances` more while it lasts."""

    pools: tuple[CapacityPool, ...]
    instances: int

    def apply(self, world: World) -> None:
        """Have pools run out as they are asked."""
        world.engine.at(self.from_ms, EventClass.WORLD, self._begin, world)

    def _begin(self, world: World) -> None:
        world.cloud.set_depth(self.pools, self.instances, self.until_ms)

    def told(self) -> str:
        """How shallow."""
        more = counted(self.instances, "instance")
        return f"{counted(len(self.pools), 'pool')} with {more} more each"


def draw(dice: Dice, scope: Scope) -> tuple[ShallowPools, ...]:
    """Return times in which most pools, on-demand too at times, have little left."""
    found = []
    for number in range(dice.count(MOST)):
        from_ms, until_ms = dice.span(scope, LONGEST_MS, number)
        spot_only = dice.below(3, "lifecycle", number) > 0
        pools = tuple(it for it in scope.pools if not spot_only or it.lifecycle == "spot")
        if pools:
            found.append(
                ShallowPools(
                    from_ms=from_ms,
                    until_ms=until_ms,
                    pools=dice.sample(pools, 50 + dice.intensity_percent // 2, f"pools/{number}"),
                    instances=dice.below(DEEPEST + 1, "instances", number),
                )
            )
    return tuple(found)
