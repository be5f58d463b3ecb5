"""InsufficientInstanceCapacity: pools from which nothing can be had for a while."""

from __future__ import annotations

import msgspec

from kingtide.aws.autoscaling import CapacityPool
from kingtide.control.counted import counted
from kingtide.twin.definition import PoolOutage, WorldDefinition
from kingtide.twin.faults.dice import Dice
from kingtide.twin.faults.fault import Fault
from kingtide.twin.faults.scope import Scope

LONGEST_MS = 20 * 60_000
"""Ten types and more were empty for most of an evening's peak
(https://tech.bedrockstreaming.com/2020/12/08/three-years-running-kubernetes-on-production-at-bedrock.html);
longer than half of a scope nothing lasts."""
MOST = 4


class Ice(Fault, frozen=True, kw_only=True, tag="ice"):
    """These pools have no capacity; what runs in them goes on running."""

    pools: tuple[CapacityPool, ...]
    whole: str = ""
    """What they are together (`all spot`), empty where nothing but their number tells."""

    def laid_over(self, definition: WorldDefinition) -> WorldDefinition:
        """Return the world with the outage."""
        outage = PoolOutage(self.pools, self.from_ms, self.until_ms)
        return msgspec.structs.replace(definition, outages=(*definition.outages, outage))

    def told(self) -> str:
        """Which pools."""
        return f"no capacity in {self.whole or counted(len(self.pools), 'pool')}"


def draw(dice: Dice, scope: Scope) -> tuple[Ice, ...]:
    """Return outages of one zone's spot, one type's, all spot, everything, or some pools."""
    found = []
    for number in range(dice.count(MOST)):
        from_ms, until_ms = dice.span(scope, LONGEST_MS, number)
        pools, whole = _pools(dice, scope, number)
        if pools:
            found.append(Ice(from_ms=from_ms, until_ms=until_ms, pools=pools, whole=whole))
    return tuple(found)


def _pools(dice: Dice, scope: Scope, number: int) -> tuple[tuple[CapacityPool, ...], str]:
    spot = tuple(pool for pool in scope.pools if pool.lifecycle == "spot")
    if not spot:
        return scope.pools, "every pool"
    match dice.below(5, "which", number):
        case 0:
            zone = dice.pick(scope.zones, "zone", number)
            return tuple(pool for pool in spot if pool.zone == zone), f"spot of {zone}"
        case 1:
            kind = dice.pick(spot, "type", number).instance_type
            return tuple(pool for pool in spot if pool.instance_type == kind), f"spot {kind}"
        case 2:
            return spot, "all spot"
        case 3:
            return scope.pools, "every pool"
        case _:
            return dice.sample(spot, dice.intensity_percent, f"pools/{number}"), ""
