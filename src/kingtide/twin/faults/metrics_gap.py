"""A gap in the metrics: the metrics API answers nothing, or some nodes' kubelets do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingtide.twin.engine import EventClass
from kingtide.twin.faults.dice import Dice
from kingtide.twin.faults.fault import Fault
from kingtide.twin.faults.scope import Scope
from kingtide.twin.seed import SeedTree

if TYPE_CHECKING:
    from kingtide.twin.world import World

LONGEST_MS = 10 * 60_000
MOST = 2


class MetricsGap(Fault, frozen=True, kw_only=True, tag="metrics-gap"):
    """`missing_percent` of the nodes are not scraped; 100: the metrics API itself is away.

    With the API away HPAs cannot compute and keep what they have; with pods missing they count them
    conservatively, which is another thing.
    """

    missing_percent: int

    def apply(self, world: World) -> None:
        """Have scrapes miss, of the nodes that are there at its begin."""
        world.engine.at(self.from_ms, EventClass.OBSERVATION, self._begin, world)

    def _begin(self, world: World) -> None:
        world.engine.trace(f"fault metrics-gap {self.missing_percent}")
        engine, metrics = world.engine, world.metrics
        if self.missing_percent >= 100:
            metrics.stop_answering()
            engine.at(self.until_ms, EventClass.OBSERVATION, metrics.answer_again)
            return
        nodes = tuple(name for name in world.store.nodes if self._is_missed(world.seeds, name))
        metrics.miss(nodes)
        engine.at(self.until_ms, EventClass.OBSERVATION, metrics.find_again, nodes)

    def _is_missed(self, seeds: SeedTree, node: str) -> bool:
        return seeds.below(100, "faults/metrics-gap", node, self.from_ms) < self.missing_percent

    def told(self) -> str:
        """How much is missing."""
        if self.missing_percent >= 100:
            return "the metrics API is away"
        return f"metrics of {self.missing_percent} % of the nodes are missing"


def draw(dice: Dice, scope: Scope) -> tuple[MetricsGap, ...]:
    """Return gaps, every other one of the whole API."""
    found = []
    for number in range(dice.count(MOST)):
        from_ms, until_ms = dice.span(scope, LONGEST_MS, number)
        percent = 100 if dice.below(2, "whole", number) else dice.intensity_percent
        found.append(MetricsGap(from_ms=from_ms, until_ms=until_ms, missing_percent=percent))
    return tuple(found)
