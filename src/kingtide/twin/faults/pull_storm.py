"""An image-pull storm: nothing is cached, and every node pulls through one narrow registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingtide.twin.cluster.image_pulls import ImagePulls, PullRates
from kingtide.twin.engine import EventClass
from kingtide.twin.faults.dice import Dice
from kingtide.twin.faults.fault import Fault
from kingtide.twin.faults.scope import Scope

if TYPE_CHECKING:
    from kingtide.twin.world import World

LONGEST_MS = 10 * 60_000
NODE_BYTES_PER_MS = 125_000
"""1 Gbit/s: what a pull on one node reaches with unpacking; judged, below the 10 Gbit/s that a
c5.4xlarge may take in bursts (https://aws.amazon.com/ec2/instance-types/c5/)."""
IMAGE_BYTES = 600_000_000
"""A service's image with its runtime; judged."""
WIDEST_BYTES_PER_MS, NARROWEST_BYTES_PER_MS = 2_500_000, 125_000
"""Registry bandwidth for a whole cluster, from 20 Gbit/s down to what one node takes; judged."""


class PullStorm(Fault, frozen=True, kw_only=True, tag="pull-storm"):
    """Images have to be pulled, one at a time a node, all through `registry_bytes_per_ms`."""

    registry_bytes_per_ms: int

    def apply(self, world: World) -> None:
        """Have pods that start meanwhile pull; those that have begun go on after its end."""
        world.engine.at(self.from_ms, EventClass.WORLD, self._begin, world)

    def _begin(self, world: World) -> None:
        rates = PullRates(self.registry_bytes_per_ms, NODE_BYTES_PER_MS, IMAGE_BYTES)
        pulls = ImagePulls(world.engine, rates)
        world.engine.trace(f"fault pull-storm {self.registry_bytes_per_ms}")
        world.kubelets.pull_through(pulls)
        world.engine.at(self.until_ms, EventClass.WORLD, self._end, world, pulls)

    def _end(self, world: World, pulls: ImagePulls) -> None:
        if world.kubelets.pulls is pulls:
            world.kubelets.pull_through(None)

    def told(self) -> str:
        """How narrow."""
        return f"every image is pulled, through {self.registry_bytes_per_ms * 8 // 1000} Mbit/s"


def draw(dice: Dice, scope: Scope) -> tuple[PullStorm, ...]:
    """Return one storm, the narrower the higher the intensity."""
    from_ms, until_ms = dice.span(scope, LONGEST_MS, 0)
    width = WIDEST_BYTES_PER_MS - NARROWEST_BYTES_PER_MS
    through = WIDEST_BYTES_PER_MS - width * dice.intensity_percent // 100
    return (PullStorm(from_ms=from_ms, until_ms=until_ms, registry_bytes_per_ms=through),)
