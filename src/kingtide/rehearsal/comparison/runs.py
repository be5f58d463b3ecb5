"""Run many seeds of many scenarios in parallel processes; the results do not depend on how many."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import msgspec

from kingtide.rehearsal.comparison.assumptions import with_assumption
from kingtide.rehearsal.comparison.measuring import Reading, read_off
from kingtide.rehearsal.comparison.plan import Settings
from kingtide.rehearsal.prepare import Prepared, prepare
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


def default_processes() -> int:
    """Return the number of CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_all(
    jobs: Sequence[Job], processes: int, progress: Progress = lambda _: None
) -> list[tuple[tuple[Value, ...], ...]]:
    """Return for each job one tuple a seed, with one value a reading; in the order of jobs.

    Ctrl-C ends it with the first jobs' results, fewer than jobs; no process is left running.
    """
    found: list[tuple[tuple[Value, ...], ...]] = []
    if processes == 1 or len(jobs) <= 1:
        with suppress(KeyboardInterrupt):
            _collect(map(execute, jobs), found, progress)
        return found
    # A fresh interpreter for each process: a fork would copy the threads of a progress bar halfway.
    context = multiprocessing.get_context("spawn")
    others = multiprocessing.active_children()
    pool = ProcessPoolExecutor(
        min(processes, len(jobs)), mp_context=context, initializer=_leave_interrupts
    )
    try:
        # Not pool.map: it cancels what waits when it is left, and a pool whose processes end then
        # fails on what was cancelled (InvalidStateError in its thread, Python 3.11).
        futures = [pool.submit(execute, job) for job in jobs]
        _collect((future.result() for future in futures), found, progress)
    except KeyboardInterrupt:
        # At once: the evenings in hand may take minutes yet. The shutdown waits for the processes.
        for child in multiprocessing.active_children():
            if child not in others:
                child.terminate()
    finally:
        pool.shutdown(cancel_futures=True)
    return found


def _leave_interrupts() -> None:
    """Leave Ctrl-C to the parent, which ends this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


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


def _collect(
    results: Iterable[tuple[tuple[Value, ...], ...]],
    found: list[tuple[tuple[Value, ...], ...]],
    progress: Progress,
) -> None:
    for result in results:
        found.append(result)
        progress(len(result))
