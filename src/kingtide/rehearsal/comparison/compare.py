"""Carry out a comparison: every row in every variant, then every judged value tried."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kingtide.rehearsal.comparison.measuring import FigureReading, Reading
from kingtide.rehearsal.comparison.model import Published
from kingtide.rehearsal.comparison.outcome import Outcome, RowOutcome
from kingtide.rehearsal.comparison.plan import Plan, PlannedRow
from kingtide.rehearsal.comparison.ranks import Spread, spread
from kingtide.rehearsal.comparison.row_values import Values, values_of
from kingtide.rehearsal.comparison.runs import SEEDS_A_JOB, Job, Progress, run_all
from kingtide.rehearsal.comparison.sensitivity import tried, try_jobs
from kingtide.rehearsal.comparison.verdict import band
from kingtide.rehearsal.expectations import evaluate
from kingtide.rehearsal.record import ExpectationResult, Figure


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
    variant_jobs = _variant_jobs(plan)
    of_variants, of_tries = results[: len(variant_jobs)], results[len(variant_jobs) :]
    values = values_of(plan, variant_jobs, of_variants)
    if is_partial:
        plan = _finished(plan, values, len(of_tries))
        of_tries = of_tries[: len(try_jobs(plan))]
    return Outcome(
        name=plan.name,
        title=plan.title,
        reference=plan.reference,
        variants=tuple(plan.variants),
        rows=tuple(_row(plan, row, values) for row in plan.rows),
        skipped=plan.skipped,
        differences={path.name: fields for path, fields in plan.differences.items()},
        tries=tried(plan, values, of_tries),
        tries_seeds=plan.tries_seeds,
        runs=sum(len(result) for result in results),
        partial=is_partial,
    )


def _finished(plan: Plan, values: Values, done: int) -> Plan:
    """Return the part of a plan whose runs were all finished; `done` are jobs of tries."""
    kept = msgspec.structs.replace(
        plan, rows=tuple(row for row in plan.rows if (row.name, plan.reference) in values), tries=()
    )
    scenarios = kept.scenarios
    kept = msgspec.structs.replace(
        kept, differences={p: it for p, it in plan.differences.items() if p in scenarios}
    )
    tries = 0
    while tries < len(plan.tries) and len(try_jobs(_with_tries(kept, plan, tries + 1))) <= done:
        tries += 1
    return _with_tries(kept, plan, tries) if done else kept


def _with_tries(kept: Plan, plan: Plan, tries: int) -> Plan:
    return msgspec.structs.replace(kept, tries=plan.tries[:tries])


def _variant_jobs(plan: Plan) -> tuple[Job, ...]:
    return tuple(
        Job(
            scenario=scenario,
            settings=settings,
            seeds=seeds,
            readings=tuple(column.reading for column in plan.columns_of(scenario)),
        )
        for scenario in plan.scenarios
        for variant, settings in plan.variants.items()
        for seeds in _batches(max(it.row.seeds[variant] for it in plan.columns_of(scenario)))
    )


def _batches(count: int) -> Iterator[tuple[int, ...]]:
    """Return the seeds 1 to a count, in batches."""
    for first in range(1, count + 1, SEEDS_A_JOB):
        yield tuple(range(first, min(first + SEEDS_A_JOB, count + 1)))


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
        measured=_measured(row),
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


def _measured(row: PlannedRow) -> str:
    text = _read(row.reading)
    if row.counterpart is None:
        return text
    change = "change of" if row.counterpart.told_as == "percent" else "difference of"
    return f"{change} {text} against {row.counterpart.scenario.name}"


def _read(reading: Reading) -> str:
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
