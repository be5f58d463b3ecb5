"""Run many seeds of many scenarios in parallel processes; the results do not depend on how many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from kingtide.rehearsal.comparison.assumptions import with_assumption
from kingtide.rehearsal.comparison.measuring import Reading, read_off
from kingtide.rehearsal.comparison.plan import Settings
from kingtide.rehearsal.prepare import Prepared, prepare
from kingtide.rehearsal.processes import run_jobs
from kingtide.rehearsal.run import Run
from kingtide.rehearsal.scenario.read import Options

SEEDS_A_JOB = 5
"""Few enough that the last jobs keep all processes busy, enough to be worth the message."""

Value = float | None
Progress = Callable[[int], None]
"""Called with the number of runs that were finished since the last call."""


class Job(msgspec.Struct, frozen=True):
    """Some seeds of one scenario with settings laid over it, and perhaps a latency scaled."""

    scenario: Path
    settings: Settings
    seeds: tuple[int, ...]
    readings: tuple[Reading, ...]
    latency: str | None = None
    percent: int = 100


def run_all(
    jobs: Sequence[Job], processes: int, progress: Progress = lambda _: None
) -> list[tuple[tuple[Value, ...], ...]]:
    """Return for each job one tuple a seed, with one value a reading; in the order of jobs.

    Ctrl-C ends it with the first jobs' results, fewer than jobs; no process is left running.
    """
    return run_jobs(execute, jobs, processes, lambda result: progress(len(result)))


def execute(job: Job) -> tuple[tuple[Value, ...], ...]:
    """Run one job's seeds, one after the other."""
    prepared = _prepared(job.scenario, job.settings)
    definition = prepared.definition
    if job.latency is not None:
        definition = with_assumption(definition, job.latency, job.percent)
    found = []
    for seed in job.seeds:
        seeded = msgspec.structs.replace(definition, seed=seed)
        record = Run(Prepared(prepared.scenario, seeded)).record()
        found.append(tuple(read_off(record, reading) for reading in job.readings))
    return tuple(found)


# Jobs come scenario by scenario, so the one in hand and its neighbours are enough.
@lru_cache(maxsize=8)
def _prepared(scenario: Path, settings: Settings) -> Prepared:
    return prepare(scenario, Options(settings=settings))
