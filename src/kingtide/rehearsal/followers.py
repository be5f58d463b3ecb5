"""What follows a world from its first moment, for figures that no counter of it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingtide.rehearsal.fallback import Waiting
from kingtide.rehearsal.node_waits import NodeWaits
from kingtide.rehearsal.on_demand_ages import OnDemandAges
from kingtide.rehearsal.zone_balance import ZoneBalance

if TYPE_CHECKING:
    from kingtide.twin.world import World


class Followers:
    """One of each."""

    def __init__(self, world: World) -> None:
        self.waits = NodeWaits(world)
        self.waiting = Waiting(world)
        self.zones = ZoneBalance(world)
        self.ages = OnDemandAges(world)
