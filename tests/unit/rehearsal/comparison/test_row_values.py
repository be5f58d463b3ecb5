"""What a row's runs came out as, alone and against another scenario's."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.rehearsal.comparison.compare import jobs_of
from kingtide.rehearsal.comparison.plan import Plan
from kingtide.rehearsal.comparison.read import read_comparison
from kingtide.rehearsal.comparison.row_values import values_of
from kingtide.rehearsal.comparison.runs import Job, Value
from tests.small_rehearsal import with_lines
from tests.unit.rehearsal.comparison.small import COMPARISON, write_comparison

WITHOUT_TRIES = COMPARISON.partition("  sensitivity:\n    seeds")[0]


def relative(folder: Path, told_as: str) -> Plan:
    """`early` of other.yaml against rehearsal.yaml; three seeds of `plain`, two of `hot`."""
    lines = f"relativeTo: {{scenario: rehearsal.yaml, as: {told_as}}}"
    text = with_lines(WITHOUT_TRIES, ("resolution: 100", lines))
    return read_comparison(write_comparison(folder, text))


def result(job: Job, own: Value, theirs: Value) -> tuple[tuple[Value, ...], ...]:
    """What a job would bring: rehearsal.yaml has a column of `most` and one of `early`'s."""
    value: tuple[Value, ...] = (own,) if job.scenario.name == "other.yaml" else (99.0, theirs)
    return (value,) * len(job.seeds)


@pytest.mark.parametrize(
    ("told_as", "own", "theirs", "expected"),
    [
        ("percent", 40.0, 100.0, -60.0),
        ("percent", 110.0, 100.0, 10.0),
        ("percent", 5.0, 0.0, None),
        ("percent", None, 100.0, None),
        ("percent", 5.0, None, None),
        ("difference", 40.0, 100.0, -60.0),
        ("difference", 0.0, 0.0, 0.0),
        ("difference", 5.5, 0.0, 5.5),
        ("difference", 5.0, None, None),
    ],
)
def test_a_change_is_that_of_each_run(
    tmp_path: Path, told_as: str, own: Value, theirs: Value, expected: Value
) -> None:
    plan = relative(tmp_path, told_as)
    jobs = jobs_of(plan)
    values = values_of(plan, jobs, [result(job, own, theirs) for job in jobs])
    assert values["early", "plain"] == (expected,) * 3
    assert values["early", "hot"] == (expected,) * 2
    assert values["most", "plain"] == (99.0,) * 3


def test_runs_are_paired_by_seed(tmp_path: Path) -> None:
    plan = relative(tmp_path, "difference")
    jobs = jobs_of(plan)
    results = [
        tuple(
            (10.0 * seed,) if job.scenario.name == "other.yaml" else (0.0, float(seed))
            for seed in job.seeds
        )
        for job in jobs
    ]
    assert values_of(plan, jobs, results)["early", "plain"] == (9.0, 18.0, 27.0)


def test_a_row_without_all_runs_of_both_scenarios_has_no_values(tmp_path: Path) -> None:
    plan = relative(tmp_path, "percent")
    jobs = jobs_of(plan)
    results = [result(job, 1.0, 1.0) for job in jobs]
    assert {name for name, _ in values_of(plan, jobs, results[:-1])} == {"most"}
    assert {name for name, _ in values_of(plan, jobs, results)} == {"most", "early"}
