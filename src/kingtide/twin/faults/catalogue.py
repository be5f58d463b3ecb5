"""Every kind of fault by name, and the faults that a seed draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from kingtide.twin.definition import WorldDefinition
from kingtide.twin.faults import (
    api_errors,
    application_outage,
    controller_kill,
    ice,
    joining,
    metrics_gap,
    pull_storm,
    rebalance,
    reclaim,
    shallow_pools,
    stale_watch,
    two_leaders,
    zone_loss,
)
from kingtide.twin.faults.dice import Dice
from kingtide.twin.faults.fault import Fault
from kingtide.twin.faults.scope import Scope, scope_of
from kingtide.twin.seed import SeedTree

Draw = Callable[[Dice, Scope], Sequence[Fault]]

ON_PERCENT = 50
"""Each kind is in a seed or not with even odds, so that half of all seeds are without any one kind
and every pair of kinds meets in a quarter: swarm testing
(https://users.cs.utah.edu/~regehr/papers/swarm12.pdf)."""


class Kind(msgspec.Struct, frozen=True):
    """A kind of fault: its name, what it is in a sentence, and how a seed draws its faults."""

    name: str
    summary: str
    draw: Draw


class DrawnFault(msgspec.Struct, frozen=True):
    """The number-th fault (from 1) that a seed drew of a kind."""

    kind: str
    number: int
    fault: Fault

    @property
    def name(self) -> str:
        """`kind#number`, by which a command line picks it."""
        return f"{self.kind}#{self.number}"


KINDS: tuple[Kind, ...] = (
    # The cloud.
    Kind("reclaim", "Spot instances are taken back, dozens at once.", reclaim.draw),
    Kind("rebalance", "A raised risk is told, with or without a later notice.", rebalance.draw),
    Kind("ice", "Capacity pools from which nothing can be launched.", ice.draw),
    Kind("shallow-pools", "Pools that give a few instances and then none.", shallow_pools.draw),
    Kind("zone-loss", "An availability zone with all its machines is gone.", zone_loss.draw),
    # Nodes.
    Kind("slow-boot", "New nodes take up to four times as long.", joining.draw_slow),
    Kind("never-join", "Instances that never become a node.", joining.draw_never),
    Kind("join-broken", "Nodes that are never Ready.", joining.draw_broken),
    Kind("pull-storm", "No image is cached, and the registry is narrow.", pull_storm.draw),
    # Applications and what is known of them.
    Kind(
        "application-outage",
        "A front answers nothing; then all its traffic is back at once.",
        application_outage.draw,
    ),
    Kind("metrics-gap", "The metrics API, or some nodes' metrics, are missing.", metrics_gap.draw),
    # Our own controllers.
    Kind("controller-kill", "Our process dies, also between two actions.", controller_kill.draw),
    Kind("two-leaders", "A paused leader wakes up after another one took over.", two_leaders.draw),
    Kind("api-errors", "Writes are refused, throttled or lose their answer.", api_errors.draw),
    Kind("stale-watch", "Controllers see the cluster late or not at all.", stale_watch.draw),
)


def drawn(definition: WorldDefinition, kinds: Sequence[Kind] = KINDS) -> tuple[DrawnFault, ...]:
    """Return the faults of a world's seed, kind by kind; each kind has streams of its own."""
    seeds, scope = SeedTree(definition.seed), scope_of(definition)
    found: list[DrawnFault] = []
    for kind in kinds:
        if seeds.below(100, "faults/on", kind.name) >= ON_PERCENT:
            continue
        intensity = 1 + seeds.below(100, "faults/intensity", kind.name)
        faults = kind.draw(Dice(seeds, kind.name, intensity), scope)
        found += [DrawnFault(kind.name, number, it) for number, it in enumerate(faults, start=1)]
    return tuple(found)


def with_faults(definition: WorldDefinition, faults: Sequence[DrawnFault]) -> WorldDefinition:
    """Return a world's definition with what of the faults stands in definitions."""
    for drawn_fault in faults:
        definition = drawn_fault.fault.laid_over(definition)
    return definition
