"""Instances that boot slowly, never become a node, or a node that is never Ready."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kingtide.twin.engine import EventClass
from kingtide.twin.faults.dice import Dice
from kingtide.twin.faults.fault import Fault
from kingtide.twin.faults.scope import Scope
from kingtide.twin.seed import PARTS_PER_MILLION

if TYPE_CHECKING:
    from kingtide.twin.world import World

LONGEST_MS = 15 * 60_000
SLOWEST_PERCENT = 400
"""Four times the usual minute and a half: beyond a provision time of 5 min, so that nodes come
which were given up."""

Trouble = Literal["slow", "never", "broken"]


class Joining(Fault, frozen=True, kw_only=True, tag="joining"):
    """What becomes of instances that begin to boot meanwhile.

    `percent` is the share of them that never join or join broken, and of the usual time that slow
    ones take.
    """

    trouble: Trouble
    percent: int

    def apply(self, world: World) -> None:
        """Have boots go wrong from its begin on."""
        world.engine.at(self.from_ms, EventClass.WORLD, self._begin, world)

    def _begin(self, world: World) -> None:
        faults, share = world.node_life.join_faults, self.percent * PARTS_PER_MILLION // 100
        match self.trouble:
            case "slow":
                faults.slow_boots(self.percent, self.until_ms)
            case "never":
                faults.never_join(share, self.until_ms)
            case "broken":
                faults.join_broken(share, self.until_ms)

    def told(self) -> str:
        """What becomes of them."""
        match self.trouble:
            case "slow":
                return f"boots take {self.percent} % of their time"
            case "never":
                return f"{self.percent} % of new instances never become a node"
            case "broken":
                return f"{self.percent} % of new nodes are never Ready"


def _draw(dice: Dice, scope: Scope, trouble: Trouble, percent: int) -> tuple[Joining, ...]:
    from_ms, until_ms = dice.span(scope, LONGEST_MS, 0)
    return (Joining(from_ms=from_ms, until_ms=until_ms, trouble=trouble, percent=percent),)


def draw_slow(dice: Dice, scope: Scope) -> tuple[Joining, ...]:
    """Return a time of slow boots."""
    slower = (SLOWEST_PERCENT - 100) * dice.intensity_percent // 100
    return _draw(dice, scope, "slow", 101 + slower)


def draw_never(dice: Dice, scope: Scope) -> tuple[Joining, ...]:
    """Return a time in which some instances never join."""
    return _draw(dice, scope, "never", dice.intensity_percent)


def draw_broken(dice: Dice, scope: Scope) -> tuple[Joining, ...]:
    """Return a time in which some nodes join broken."""
    return _draw(dice, scope, "broken", dice.intensity_percent)
