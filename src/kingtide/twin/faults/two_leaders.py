"""Two leaders for a moment: one stands still, another takes the lease, the first one wakes up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingtide.twin.engine import EventClass
from kingtide.twin.faults.dice import Dice
from kingtide.twin.faults.fault import Fault
from kingtide.twin.faults.scope import Scope

if TYPE_CHECKING:
    from kingtide.twin.world import World

LONGEST_MS = 2 * 60_000
"""From a pause of the garbage collector's kind to a machine that was suspended."""
MOST = 2
MOST_IN_FLIGHT = 3


class TwoLeaders(Fault, frozen=True, kw_only=True, tag="two-leaders"):
    """The leader freezes with decisions in hand; `in_flight` of its calls still arrive, late."""

    in_flight: int

    def apply(self, world: World) -> None:
        """Freeze it in its next pass that acts."""
        world.engine.at(self.from_ms, EventClass.WORLD, self._begin, world)

    def _begin(self, world: World) -> None:
        world.process.freeze(self.until_ms - self.from_ms, self.in_flight)

    def told(self) -> str:
        """For how long, and what arrives late."""
        frozen_s = (self.until_ms - self.from_ms) // 1000
        return f"the leader freezes for {frozen_s} s with {self.in_flight} calls on their way"


def draw(dice: Dice, scope: Scope) -> tuple[TwoLeaders, ...]:
    """Return freezes around the lease's length."""
    found = []
    for number in range(dice.count(MOST)):
        from_ms, until_ms = dice.span(scope, LONGEST_MS, number)
        late = dice.below(MOST_IN_FLIGHT + 1, "late", number)
        found.append(TwoLeaders(from_ms=from_ms, until_ms=until_ms, in_flight=late))
    return tuple(found)
