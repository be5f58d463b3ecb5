"""A whole availability zone is gone for a while: its machines at once, its pools until it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingtide.twin.engine import EventClass
from kingtide.twin.faults.dice import Dice
from kingtide.twin.faults.fault import Fault
from kingtide.twin.faults.scope import Scope

if TYPE_CHECKING:
    from kingtide.twin.world import World

LONGEST_MS = 15 * 60_000
"""Real ones last hours; this long is enough for every rule that reacts to one to have acted."""


class ZoneLoss(Fault, frozen=True, kw_only=True, tag="zone-loss"):
    """Every instance of `zone` ends and nothing can be launched there."""

    zone: str

    def apply(self, world: World) -> None:
        """Have the zone fail at its begin; its groups replace the instances elsewhere."""
        world.engine.at(self.from_ms, EventClass.WORLD, self._begin, world)

    def _begin(self, world: World) -> None:
        world.cloud.lose_zone(self.zone, self.until_ms)

    def told(self) -> str:
        """Which zone."""
        return f"{self.zone} is lost"


def draw(dice: Dice, scope: Scope) -> tuple[ZoneLoss, ...]:
    """Return one lost zone, unless there is no other to go to."""
    if len(scope.zones) < 2:
        return ()
    from_ms, until_ms = dice.span(scope, LONGEST_MS, 0)
    return (ZoneLoss(from_ms=from_ms, until_ms=until_ms, zone=dice.pick(scope.zones, "zone")),)
