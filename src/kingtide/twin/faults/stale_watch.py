"""A stale watch: controllers see the cluster as it was, or late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingtide.twin.engine import EventClass
from kingtide.twin.faults.dice import Dice
from kingtide.twin.faults.fault import Fault
from kingtide.twin.faults.scope import Scope

if TYPE_CHECKING:
    from kingtide.twin.world import World

LONGEST_MS = 3 * 60_000
"""A connection that hangs is found out by a reflector's timeout of minutes."""
MOST = 3
LONGEST_DELAY_MS = 20_000


class StaleWatch(Fault, frozen=True, kw_only=True, tag="stale-watch"):
    """Changes are seen `delay_ms` later, or (None) not at all until its end."""

    delay_ms: int | None

    def apply(self, world: World) -> None:
        """Have the watch hang, or lag, from its begin on."""
        world.engine.at(self.from_ms, EventClass.WORLD, self._begin, world)

    def _begin(self, world: World) -> None:
        world.engine.trace(f"fault stale-watch {self.delay_ms}")
        if self.delay_ms is None:
            world.watch.freeze(self.until_ms)
        else:
            world.watch.delay(self.delay_ms, self.until_ms)

    def told(self) -> str:
        """How stale."""
        if self.delay_ms is None:
            return "the watch shows nothing new"
        return f"the watch is {self.delay_ms / 1000:g} s behind"


def draw(dice: Dice, scope: Scope) -> tuple[StaleWatch, ...]:
    """Return watches that lag, every other one frozen."""
    found = []
    for number in range(dice.count(MOST)):
        from_ms, until_ms = dice.span(scope, LONGEST_MS, number)
        delay_ms = 1_000 + LONGEST_DELAY_MS * dice.intensity_percent // 100
        delay = None if dice.below(2, "frozen", number) else delay_ms
        found.append(StaleWatch(from_ms=from_ms, until_ms=until_ms, delay_ms=delay))
    return tuple(found)
