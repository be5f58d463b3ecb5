"""Seeds as jobs for processes: each runs some seeds and shrinks those that fail."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec

from kingtide.rehearsal.gameday.outcome import SeedOutcome, Shrunk
from kingtide.rehearsal.gameday.seed_run import run_seed, seeded
from kingtide.rehearsal.gameday.selection import Selection
from kingtide.rehearsal.gameday.shrink import shrink
from kingtide.rehearsal.prepare import prepare
from kingtide.twin.definition import WorldDefinition
from kingtide.twin.faults.catalogue import DrawnFault, drawn
from kingtide.twin.invariants.bounds import Bounds
from kingtide.twin.seams import AS_BUILT, Seams

SEEDS_A_JOB = 5
"""Few enough that the last jobs keep all processes busy, enough to be worth the message."""


class SeedsJob(msgspec.Struct, frozen=True):
    """Some seeds of one scenario; `shrinks` says whether failures are made small."""

    scenario: Path
    seeds: tuple[int, ...]
    selection: Selection
    bounds: Bounds
    shrinks: bool = True


def execute(job: SeedsJob) -> tuple[SeedOutcome, ...]:
    """Run a job's seeds, one after the other."""
    definition = _definition(job.scenario)
    return tuple(
        play_seed(seeded(definition, seed), job.selection, job.bounds, shrinks=job.shrinks)
        for seed in job.seeds
    )


def play_seed(
    definition: WorldDefinition,
    selection: Selection,
    bounds: Bounds,
    seams: Seams = AS_BUILT,
    *,
    shrinks: bool = True,
) -> SeedOutcome:
    """Run one seed with the faults that it draws and the selection lets happen."""
    faults = selection.of(drawn(definition))
    found = run_seed(definition, faults, bounds, seams)
    if found.passed or not shrinks:
        return found
    failures = found.failures

    def fails(some: tuple[DrawnFault, ...]) -> bool:
        """Whether it fails in one of the ways in which it did; another failure is another find."""
        again = run_seed(definition, some, bounds, seams)
        return any(it in failures for it in again.failures)

    smallest = shrink(faults, fails)
    names = tuple(it.name for it in smallest.items)
    return msgspec.structs.replace(found, shrunk=Shrunk(names, smallest.runs, smallest.is_smallest))


@lru_cache(maxsize=2)
def _definition(scenario: Path) -> WorldDefinition:
    return prepare(scenario).definition
