"""What judged values do: each row's figure with one of them lower and higher, on the same seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kingtide.rehearsal.comparison.outcome import Moved, TryOutcome
from kingtide.rehearsal.comparison.plan import Change, Plan, PlannedRow, Try
from kingtide.rehearsal.comparison.ranks import spread
from kingtide.rehearsal.comparison.runs import Job, Value

Results = Sequence[tuple[tuple[Value, ...], ...]]


def try_jobs(plan: Plan) -> tuple[Job, ...]:
    """Return the runs of all tries, in the reference variant."""
    return tuple(job for _, _, job in _tries(plan))


def tried(
    plan: Plan, values: Mapping[tuple[str, str], tuple[Value, ...]], results: Results
) -> tuple[TryOutcome, ...]:
    """Return what every try moved; `values` are the rows' as they are, `results` those of jobs."""
    found: dict[tuple[str, Path], list[tuple[tuple[Value, ...], ...]]] = {}
    for (one, _, job), result in zip(_tries(plan), results, strict=True):
        found.setdefault((one.name, job.scenario), []).append(result)
    return tuple(_outcome(plan, one, values, found) for one in plan.tries)


def _tries(plan: Plan) -> Iterator[tuple[Try, Change, Job]]:
    seeds = tuple(range(1, plan.tries_seeds + 1))
    for one in plan.tries:
        for scenario in one.scenarios:
            for change in (one.low, one.high):
                yield one, change, _job(plan, scenario, change, seeds)


def _job(plan: Plan, scenario: Path, change: Change, seeds: tuple[int, ...]) -> Job:
    return Job(
        scenario=scenario,
        settings=(*plan.variants[plan.reference], *change.settings),
        seeds=seeds,
        readings=tuple(row.reading for row in plan.rows_of(scenario)),
        latency=change.latency,
        percent=change.percent,
    )


def _outcome(
    plan: Plan,
    one: Try,
    values: Mapping[tuple[str, str], tuple[Value, ...]],
    found: Mapping[tuple[str, Path], list[tuple[tuple[Value, ...], ...]]],
) -> TryOutcome:
    moved: list[Moved] = []
    for scenario in one.scenarios:
        low, high = found[one.name, scenario]
        for column, row in enumerate(plan.rows_of(scenario)):
            as_is = values[row.name, plan.reference][: plan.tries_seeds]
            candidate = _moved(row, as_is, [run[column] for run in low], [r[column] for r in high])
            if row.sensitivity and _is_moved(candidate, row.resolution):
                moved.append(candidate)
    return TryOutcome(one.name, one.title, one.source, one.low.latency is not None, tuple(moved))


def _moved(
    row: PlannedRow, as_is: Sequence[Value], low: Sequence[Value], high: Sequence[Value]
) -> Moved:
    return Moved(
        row=row.name,
        title=row.title,
        unit=row.unit,
        low=spread(low).at(row.statistic),
        as_is=spread(as_is).at(row.statistic),
        high=spread(high).at(row.statistic),
    )


def _is_moved(candidate: Moved, resolution: float) -> bool:
    """Return whether a try differs by more than means something; arising or not is a difference."""
    for value in (candidate.low, candidate.high):
        if (value is None) != (candidate.as_is is None):
            return True
        if value is None or candidate.as_is is None:
            continue
        # To the thousandth, as figures are, so that what is compared is what is shown.
        if round(abs(value - candidate.as_is), 3) > resolution:
            return True
    return False
