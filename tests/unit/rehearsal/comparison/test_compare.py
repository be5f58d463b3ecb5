from __future__ import annotations

import multiprocessing
from decimal import Decimal
from pathlib import Path

import pytest

from kingtide.rehearsal.comparison.compare import compare, jobs_of
from kingtide.rehearsal.comparison.outcome import Outcome
from kingtide.rehearsal.comparison.read import read_comparison
from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.run import Run
from kingtide.rehearsal.scenario.read import Options
from tests.small_rehearsal import with_lines
from tests.unit.rehearsal.comparison.small import COMPARISON, write_comparison

UNTRIED = with_lines(
    COMPARISON.partition("  sensitivity:\n")[0], ("resolution: 1\n", "sensitivity: false\n")
)
"""Rows alone: four in five runs of the whole comparison try another value."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_comparison(tmp_path_factory.mktemp("comparison")).parent


@pytest.fixture(scope="module")
def told() -> list[int]:
    """How many runs each call of `outcome`'s progress was about."""
    return []


@pytest.fixture(scope="module")
def outcome(folder: Path, told: list[int]) -> Outcome:
    return compare(read_comparison(folder / "comparison.yaml"), 1, told.append)


def test_the_outcome_is_the_same_with_two_processes(folder: Path, outcome: Outcome) -> None:
    assert compare(read_comparison(folder / "comparison.yaml"), 2) == outcome


def test_progress_counts_every_run_once(folder: Path, outcome: Outcome, told: list[int]) -> None:
    plan = read_comparison(folder / "comparison.yaml")
    assert sum(told) == outcome.runs == sum(len(job.seeds) for job in jobs_of(plan))


def test_a_variants_values_are_those_of_its_own_runs(folder: Path, outcome: Outcome) -> None:
    found = []
    for seed in (1, 2):
        options = Options(seed=seed, settings=("policies.hpa.target=0.5",))
        record = Run(prepare(folder / "rehearsal.yaml", options)).record()
        found.append(record.figures["hpa.web.max_replicas"].value)
    spread = outcome.rows[0].variants["hot"]
    assert [spread.p50, spread.p90] == sorted(found, key=lambda value: value or 0)
    assert spread.runs == 2
    assert outcome.rows[0].variants["plain"].runs == 3


def test_a_lower_target_asks_for_more_pods(outcome: Outcome) -> None:
    for row in outcome.rows:
        plain, hot = row.variants["plain"].p50, row.variants["hot"].p50
        assert plain is not None
        assert hot is not None
        assert hot > plain


def test_off_by_is_the_distance_of_the_reference(outcome: Outcome) -> None:
    most, early = outcome.rows
    assert most.variants["plain"].p50 is not None
    assert most.off_by == min(0, Decimal(str(most.variants["plain"].p50)) - 27)
    assert early.off_by is None


def test_a_judged_value_that_matters_is_shown_lower_and_higher(outcome: Outcome) -> None:
    demand = next(one for one in outcome.tries if one.name == "demand")
    assert [moved.row for moved in demand.moved] == ["most"]
    moved = demand.moved[0]
    assert moved.low is not None
    assert moved.as_is is not None
    assert moved.high is not None
    assert moved.low < moved.as_is < moved.high


def test_a_judged_value_that_moves_less_than_the_resolution_is_not_shown(
    outcome: Outcome,
) -> None:
    still = {one.name for one in outcome.tries if not one.moved}
    # How an instance ends has nothing to do with how many pods an autoscaler asks for.
    assert "cloud.terminate" in still


def test_an_expectation_is_held_against_the_reference(tmp_path: Path) -> None:
    text = with_lines(UNTRIED, ("resolution: 100", 'expect: "<= 2"'))
    outcome = compare(read_comparison(write_comparison(tmp_path, text)), 1)
    assert [row.name for row in outcome.failed] == ["early"]
    result = outcome.rows[1].expectation
    assert result is not None
    assert result.actual == outcome.rows[1].variants["plain"].p50


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(
    ("jobs", "rows", "tries"),
    [(1, 0, 0), (2, 1, 0), (4, 2, 0), (5, 2, 0)],
    ids=["a variant missing", "a scenario", "all rows", "half a try"],
)
def test_an_interrupted_comparison_holds_what_was_complete(
    folder: Path, outcome: Outcome, jobs: int, rows: int, tries: int, processes: int
) -> None:
    plan = read_comparison(folder / "comparison.yaml")
    enough = sum(len(job.seeds) for job in jobs_of(plan)[:jobs])
    done = 0

    def interrupt(runs: int) -> None:
        nonlocal done
        done += runs
        if done >= enough:
            raise KeyboardInterrupt

    found = compare(plan, processes, interrupt)
    assert found.partial
    assert found.rows == outcome.rows[:rows]
    assert found.tries == outcome.tries[:tries]
    assert multiprocessing.active_children() == []


def test_a_whole_comparison_is_not_partial(outcome: Outcome) -> None:
    assert not outcome.partial


def test_a_row_can_be_judged_in_another_variant(tmp_path: Path) -> None:
    row_lines = 'expect: ">= 1000"\n      judgedIn: hot'
    text = with_lines(UNTRIED, ("resolution: 100", row_lines))
    outcome = compare(read_comparison(write_comparison(tmp_path, text)), 1)
    row = outcome.rows[1]
    assert row.judged_in == "hot"
    assert row.expectation is not None
    assert row.expectation.actual == row.variants["hot"].at("p50")
    assert row.variants["hot"].at("p50") != row.variants["plain"].at("p50")
