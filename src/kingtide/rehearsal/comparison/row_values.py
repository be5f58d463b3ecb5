"""Every run's value of every row: what was read off it, or how that differs from another scenario.

Runs of two scenarios are paired by seed, so that a change is that of one night and not of chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kingtide.rehearsal.comparison.plan import Counterpart, Plan, PlannedRow
from kingtide.rehearsal.comparison.runs import Job, Value

Values = Mapping[tuple[str, str], tuple[Value, ...]]
"""Every run's value by row and variant, in the order of seeds."""

_Runs = Mapping[tuple[Path, tuple[str, ...]], Sequence[tuple[Value, ...]]]
"""One value a column, of each run by scenario and settings."""


def values_of(
    plan: Plan, jobs: Sequence[Job], results: Sequence[tuple[tuple[Value, ...], ...]]
) -> Values:
    """Return the values of rows whose runs are all there; `results` are of the first jobs."""
    runs: dict[tuple[Path, tuple[str, ...]], list[tuple[Value, ...]]] = {}
    for job, result in zip(jobs, results, strict=False):  # fewer after an interruption
        runs.setdefault((job.scenario, job.settings), []).extend(result)
    found: dict[tuple[str, str], tuple[Value, ...]] = {}
    for row in plan.rows:
        by_variant = {
            variant: _of_row(plan, row, settings, row.seeds[variant], runs)
            for variant, settings in plan.variants.items()
        }
        if all(len(by_variant[variant]) == row.seeds[variant] for variant in plan.variants):
            found.update({(row.name, variant): it for variant, it in by_variant.items()})
    return found


def _of_row(
    plan: Plan, row: PlannedRow, settings: tuple[str, ...], seeds: int, runs: _Runs
) -> tuple[Value, ...]:
    own = _column(plan, row, row.scenario, settings, seeds, runs, is_counterpart=False)
    other = row.counterpart
    if other is None:
        return own
    theirs = _column(plan, row, other.scenario, settings, seeds, runs, is_counterpart=True)
    return tuple(_change(other, a, b) for a, b in zip(own, theirs, strict=False))


def _column(
    plan: Plan,
    row: PlannedRow,
    scenario: Path,
    settings: tuple[str, ...],
    seeds: int,
    runs: _Runs,
    *,
    is_counterpart: bool,
) -> tuple[Value, ...]:
    number = next(
        number
        for number, it in enumerate(plan.columns_of(scenario))
        if it.row.name == row.name and it.is_counterpart == is_counterpart
    )
    return tuple(run[number] for run in runs.get((scenario, settings), ())[:seeds])


def _change(other: Counterpart, own: Value, theirs: Value) -> Value:
    """Return the change, None where either did not arise or there is nothing to take percent of."""
    if own is None or theirs is None:
        return None
    if other.told_as == "difference":
        return round(own - theirs, 3)
    return round(100 * (own - theirs) / theirs, 3) if theirs else None
