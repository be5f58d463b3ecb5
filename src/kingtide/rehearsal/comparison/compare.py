"""Carry out a comparison: every row in every variant, then every judged value tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from kingtide.rehearsal.comparison.measuring import FigureReading, Reading
from kingtide.rehearsal.comparison.model import Published
from kingtide.rehearsal.comparison.outcome import Outcome, RowOutcome
from kingtide.rehearsal.comparison.plan import Plan, PlannedRow
from kingtide.rehearsal.comparison.ranks import Spread, spread
from kingtide.rehearsal.comparison.runs import SEEDS_A_JOB, Job, Progress, Value, run_all
from kingtide.rehearsal.comparison.sensitivity import tried, try_jobs
from kingtide.rehearsal.comparison.verdict import band
from kingtide.rehearsal.expectations import evaluate
from kingtide.rehearsal.record import ExpectationResult, Figure

Values = Mapping[tuple[str, str], tuple[Value, ...]]
"""Every run's value by row and variant, in the order of seeds."""


def jobs_of(plan: Plan) -> tuple[Job, ...]:
    """Return all runs of a comparison: variants first, then tries."""
    return (*_variant_jobs(plan), *try_jobs(plan))


def compare(plan: Plan, processes: int, progress: Progress = lambda _: None) -> Outcome:
    """Run a comparison; the outcome is the same for every number of processes.

    Ctrl-C ends it: the outcome is partial, of the rows and tries whose runs were all finished.
    """
    jobs = jobs_of(plan)
    results = run_all(jobs, processes, progress)
    is_partial = len(results) < len(jobs)
    if is_partial:
        plan = _finished(plan, len(results))
        results = results[: len(jobs_of(plan))]
    variant_jobs = _variant_jobs(plan)
    values = _values(plan, variant_jobs, results[: len(variant_jobs)])
    return Outcome(
        name=plan.name,
        title=plan.title,
        reference=plan.reference,
        variants=tuple(plan.variants),
        rows=tuple(_row(plan, row, values) for row in plan.rows),
        skipped=plan.skipped,
        differences={path.name: fields for path, fields in plan.differences.items()},
        tries=tried(plan, values, results[len(variant_jobs) :]),
        tries_seeds=plan.tries_seeds,
        runs=sum(len(result) for result in results),
        partial=is_partial,
    )


def _finished(plan: Plan, done: int) -> Plan:
    """Return what of a plan its first jobs complete; its jobs are the first of the whole plan's."""
    finished = _part(plan, 0, 0)
    for scenarios in range(len(plan.scenarios) + 1):
        whole = scenarios == len(plan.scenarios)
        for tries in range(len(plan.tries) + 1 if whole else 1):
            candidate = _part(plan, scenarios, tries)
            if len(jobs_of(candidate)) <= done:
                finished = candidate
    return finished


def _part(plan: Plan, scenarios: int, tries: int) -> Plan:
    kept = plan.scenarios[:scenarios]
    return msgspec.structs.replace(
        plan,
        rows=tuple(row for row in plan.rows if row.scenario in kept),
        differences={path: plan.differences[path] for path in kept if path in plan.differences},
        tries=plan.tries[:tries],
    )


def _variant_jobs(plan: Plan) -> tuple[Job, ...]:
    return tuple(
        Job(
            scenario=scenario,
            settings=settings,
            seeds=seeds,
            readings=tuple(row.reading for row in plan.rows_of(scenario)),
        )
        for scenario in plan.scenarios
        for variant, settings in plan.variants.items()
        for seeds in _batches(max(row.seeds[variant] for row in plan.rows_of(scenario)))
    )


def _batches(count: int) -> Iterator[tuple[int, ...]]:
    """Return the seeds 1 to a count, in batches."""
    for first in range(1, count + 1, SEEDS_A_JOB):
        yield tuple(range(first, min(first + SEEDS_A_JOB, count + 1)))


def _values(
    plan: Plan, jobs: tuple[Job, ...], results: list[tuple[tuple[Value, ...], ...]]
) -> Values:
    by_run: dict[tuple[Path, tuple[str, ...]], list[tuple[Value, ...]]] = {}
    for job, result in zip(jobs, results, strict=True):
        by_run.setdefault((job.scenario, job.settings), []).extend(result)
    return {
        (row.name, variant): tuple(
            run[column] for run in by_run[row.scenario, settings][: row.seeds[variant]]
        )
        for scenario in plan.scenarios
        for column, row in enumerate(plan.rows_of(scenario))
        for variant, settings in plan.variants.items()
    }


def _row(plan: Plan, row: PlannedRow, values: Values) -> RowOutcome:
    spreads = {variant: spread(values[row.name, variant]) for variant in plan.variants}
    judged = spreads[row.judged_in].at(row.statistic)
    off_by = None
    if row.published is not None and judged is not None:
        off_by = band(row.published).off_by(judged)
    return RowOutcome(
        name=row.name,
        title=row.title,
        scenario=row.scenario.name,
        measured=_measured(row.reading),
        unit=row.unit,
        statistic=row.statistic,
        published=None if row.published is None else _published(row.published),
        off_by=off_by,
        variants=spreads,
        source=row.source,
        note=row.note,
        expectation=_expectation(row, spreads[row.judged_in]),
        judged_in=row.judged_in,
    )


def _measured(reading: Reading) -> str:
    if isinstance(reading, FigureReading):
        return reading.figure
    share = f" / {reading.share_of}" if reading.share_of is not None else ""
    return f"{reading.over} of {reading.series}{share}"


def _published(published: Published) -> str:
    if published.told is not None:
        return published.told
    if published.value is not None:
        return f"{published.value:f}"
    if published.at_most is not None:
        return f"at most {published.at_most:f}"
    return f"{published.low:f} to {published.high:f}"


def _expectation(row: PlannedRow, judged: Spread) -> ExpectationResult | None:
    if row.expectation is None:
        return None
    figure = Figure(judged.at(row.statistic), row.unit, row.title)
    return evaluate((row.expectation,), {row.expectation.figure: figure})[0]
