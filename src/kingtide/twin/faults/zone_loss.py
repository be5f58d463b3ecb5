"""A whole availability zone is gone for a while: its machines at once, its pools until it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kingtide.twin.definition import PoolOutage, WorldDefinition
from kingtide.twin.engine import EventClass
from kingtide.twin.faults.dice import Dice
from kingtide.twin.faults.fault import Fault
from kingtide.twin.faults.scope import Scope, scope_of

if TYPE_CHECKING:
    from kingtide.twin.world import World

LONGEST_MS = 15 * 60_000
"""Real ones last hours; this long is enough for every rule that reacts to one to have acted."""


class ZoneLoss(Fault, frozen=True, kw_only=True, tag="zone-loss"):
    """Every instance of `zone` ends and nothing can be launched there."""

    zone: str

    def laid_over(self, definition: WorldDefinition) -> WorldDefinition:
        """Return the world in which the zone's pools are empty meanwhile."""
        pools = tuple(pool for pool in scope_of(definition).pools if pool.zone == self.zone)
        outage = PoolOutage(pools, self.from_ms, self.until_ms)
        return msgspec.structs.replace(definition, outages=(*definition.outages, outage))

    def apply(self, world: World) -> None:
        """Have the zone's instances end at its begin; their groups replace them elsewhere."""
        world.engine.at(self.from_ms, EventClass.WORLD, self._begin, world)

    def _begin(self, world: World) -> None:
        world.engine.trace(f"fault zone-loss {self.zone}")
        for instance in list(world.cloud.instances()):
            if instance.pool.zone == self.zone and instance.state in ("Pending", "InService"):
                group, name = instance.group, instance.instance_id
                world.cloud.terminate_instance(group, name, decrement=False)

    def told(self) -> str:
        """Which zone."""
        return f"{self.zone} is lost"


def draw(dice: Dice, scope: Scope) -> tuple[ZoneLoss, ...]:
    """Return one lost zone, unless there is no other to go to."""
    if len(scope.zones) < 2:
        return ()
    from_ms, until_ms = dice.span(scope, LONGEST_MS, 0)
    return (ZoneLoss(from_ms=from_ms, until_ms=until_ms, zone=dice.pick(scope.zones, "zone")),)
