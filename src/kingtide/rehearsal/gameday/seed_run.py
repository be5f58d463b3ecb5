"""One seed: its faults drawn, its world run under all invariants, safety first, then liveness."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kingtide.rehearsal.figures import classes_by_priority
from kingtide.rehearsal.gameday.outcome import FaultTold, SeedOutcome, Unavailability
from kingtide.rehearsal.measurements import LIFECYCLES
from kingtide.twin.definition import WorldDefinition
from kingtide.twin.faults.catalogue import DrawnFault, with_faults
from kingtide.twin.invariants.bounds import Bounds
from kingtide.twin.invariants.sometimes import reached
from kingtide.twin.invariants.watching import Watched
from kingtide.twin.seams import AS_BUILT, Seams
from kingtide.twin.world import World


def run_seed(
    definition: WorldDefinition,
    faults: Sequence[DrawnFault],
    bounds: Bounds,
    seams: Seams = AS_BUILT,
) -> SeedOutcome:
    """Run a world with these faults and return what came out; an error ends it and is told."""
    world = World(with_faults(definition, faults), seams)
    for it in faults:
        it.fault.apply(world)
    watched = Watched(world, bounds)
    crash, healed_ms = "", None
    try:
        healed_ms = _run(world, watched, bounds)
    except Exception as error:  # noqa: BLE001 (whatever ends a world is what a game day looks for)
        crash = f"{type(error).__name__}: {error}"
    return _outcome(world, watched, faults, crash, healed_ms)


def _run(world: World, watched: Watched, bounds: Bounds) -> int | None:
    """Run both phases; return when everything was healed, None when it never was."""
    end_ms = world.definition.end_ms
    watched.run_until(end_ms)
    watched.faults_stopped()
    longest_s = max(bounds.converge_seconds, bounds.overprovisioning_seconds + 60)
    watched.run_until(end_ms + 1000 * longest_s, until_healed=True)
    watched.end()
    return world.engine.now_ms if watched.has_converged() else None


def _outcome(
    world: World, watched: Watched, faults: Sequence[DrawnFault], crash: str, healed_ms: int | None
) -> SeedOutcome:
    definition, now_ms = world.definition, world.engine.now_ms
    world.availability.settle()
    classes = world.availability.classes
    return SeedOutcome(
        seed=definition.seed,
        faults=tuple(_told(it, definition.start_ms) for it in faults),
        unavailability=tuple(
            Unavailability(
                name, classes[name].max_unavailable, classes[name].longest_stretch_ms / 1000
            )
            for name in classes_by_priority(definition)
        ),
        cost_micro_usd=sum(world.cloud.cost.spent_micro_usd(it, now_ms) for it in LIFECYCLES),
        violations=watched.violations,
        crash=crash,
        healed_seconds=None if healed_ms is None else (healed_ms - definition.end_ms) // 1000,
        reached=reached(world),
        trace_hash=world.trace_hash,
    )


def _told(drawn: DrawnFault, start_ms: int) -> FaultTold:
    fault = drawn.fault
    return FaultTold(
        name=drawn.name,
        from_seconds=(fault.from_ms - start_ms) // 1000,
        until_seconds=(fault.until_ms - start_ms) // 1000,
        told=fault.told(),
    )


def seeded(definition: WorldDefinition, seed: int) -> WorldDefinition:
    """Return the same world on another night."""
    return msgspec.structs.replace(definition, seed=seed)
