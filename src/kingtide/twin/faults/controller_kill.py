"""Our own process dies, at any step: between passes, or in the middle of what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingtide.twin.engine import EventClass
from kingtide.twin.faults.dice import Dice
from kingtide.twin.faults.fault import Fault
from kingtide.twin.faults.scope import Scope

if TYPE_CHECKING:
    from kingtide.twin.world import World

LONGEST_MS = 3 * 60_000
"""A lease of 15 s and a start of seconds when all goes well; minutes where an image has to be
pulled or the node died too."""
MOST = 4
MOST_ACTIONS = 6
"""A pass seldom acts more often; a kill waits for one that does."""


class ControllerKill(Fault, frozen=True, kw_only=True, tag="controller-kill"):
    """The process ends and another starts later with nothing but what stands on objects.

    `after_actions` None kills it at the begin, otherwise in its next pass that acts, after so many
    of its actions.
    """

    after_actions: int | None

    def apply(self, world: World) -> None:
        """Kill it at its begin."""
        world.engine.at(self.from_ms, EventClass.WORLD, self._begin, world)

    def _begin(self, world: World) -> None:
        world.process.kill(self.until_ms - self.from_ms, self.after_actions)

    def told(self) -> str:
        """At which step, and for how long."""
        gone = f"for {(self.until_ms - self.from_ms) // 1000} s"
        if self.after_actions is None:
            return f"our controllers are killed {gone}"
        return f"our controllers are killed {gone} in their next pass, {self.after_actions} done"


def draw(dice: Dice, scope: Scope) -> tuple[ControllerKill, ...]:
    """Return kills, most of them in the middle of a pass."""
    found = []
    for number in range(dice.count(MOST)):
        from_ms, until_ms = dice.span(scope, LONGEST_MS, number)
        done = dice.below(MOST_ACTIONS + 1, "step", number)
        after = None if dice.below(3, "when", number) == 0 else done
        found.append(ControllerKill(from_ms=from_ms, until_ms=until_ms, after_actions=after))
    return tuple(found)
