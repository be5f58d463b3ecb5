"""Play a game day: every seed, in parallel, and what was reached over all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from kingtide.rehearsal.gameday.jobs import SEEDS_A_JOB, SeedsJob, execute
from kingtide.rehearsal.gameday.outcome import Condition, Outcome, SeedOutcome
from kingtide.rehearsal.gameday.plan import Plan
from kingtide.rehearsal.processes import run_jobs
from kingtide.twin.invariants.sometimes import SOMETIMES

Progress = Callable[[int], None]
"""Called with the number of seeds that were finished since the last call."""


def jobs_of(plan: Plan, processes: int) -> tuple[SeedsJob, ...]:
    """Return the seeds of a game day in batches: smaller ones where there are few seeds."""
    batch = max(1, min(SEEDS_A_JOB, plan.seeds // (2 * processes)))
    last = plan.first_seed + plan.seeds
    return tuple(
        SeedsJob(
            scenario=plan.scenario,
            seeds=tuple(range(first, min(first + batch, last))),
            selection=plan.selection,
            bounds=plan.bounds,
        )
        for first in range(plan.first_seed, last, batch)
    )


def play(
    plan: Plan,
    processes: int,
    progress: Progress = lambda _: None,
    executor: Executor | None = None,
) -> Outcome:
    """Play a game day; the outcome is the same for every number of processes and every executor.

    Ctrl-C ends it: the outcome is partial, of the seeds that were finished.
    """
    jobs = jobs_of(plan, processes)
    results = run_jobs(execute, jobs, processes, lambda it: progress(len(it)), executor)
    seeds = tuple(seed for result in results for seed in result)
    return Outcome(
        name=plan.name,
        path=str(plan.path),
        first_seed=plan.first_seed,
        wanted=plan.seeds,
        priority_classes=plan.priority_classes,
        seeds=seeds,
        conditions=_conditions(plan, seeds),
        reach_from=plan.reach_from,
        partial=len(seeds) < plan.seeds,
    )


def _conditions(plan: Plan, seeds: Sequence[SeedOutcome]) -> tuple[Condition, ...]:
    return tuple(
        Condition(
            name=it.name,
            sentence=it.sentence,
            seeds=sum(bool(seed.reached.get(it.name)) for seed in seeds),
            times=sum(seed.reached.get(it.name, 0) for seed in seeds),
            wanted=it.name in plan.reach,
        )
        for it in SOMETIMES
    )
