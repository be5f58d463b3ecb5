"""Whole game days of a small scenario: the same outcome however they are run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kingtide.rehearsal.gameday.outcome import Outcome
from kingtide.rehearsal.gameday.play import jobs_of, play
from kingtide.rehearsal.gameday.read import Choice, read_game_day
from tests.small_rehearsal import write_small


def played(folder: Path, seeds: int, *faults: str, first: int = 1, processes: int = 1) -> Outcome:
    plan = read_game_day(folder / "rehearsal.yaml", Choice(seeds, first, faults))
    return play(plan, processes)


def test_seeds_are_played_alike_in_processes_in_an_executor_and_alone(tmp_path: Path) -> None:
    plan = read_game_day(write_small(tmp_path), Choice(4))
    counted: list[int] = []
    alone = play(plan, 1, counted.append)
    with ThreadPoolExecutor(1) as executor:
        handed_over = play(plan, 2, executor=executor)
    assert alone == play(plan, 2) == handed_over
    assert [seed.seed for seed in alone.seeds] == [1, 2, 3, 4]
    assert sum(counted) == 4
    assert not alone.partial


def test_few_seeds_are_spread_over_processes_and_many_come_in_batches(tmp_path: Path) -> None:
    path = write_small(tmp_path)
    sizes = {
        seeds: [len(job.seeds) for job in jobs_of(read_game_day(path, Choice(seeds)), 2)]
        for seeds in (3, 12, 23)
    }
    assert sizes == {3: [1, 1, 1], 12: [3, 3, 3, 3], 23: [5, 5, 5, 5, 3]}


def test_a_fault_that_is_picked_is_the_one_that_the_seed_draws(tmp_path: Path) -> None:
    write_small(tmp_path)
    whole = next(seed for seed in played(tmp_path, 12).seeds if len(seed.faults) > 2)
    picked = whole.faults[1]
    again = played(tmp_path, 1, picked.name, first=whole.seed).seeds[0]
    assert again.faults == (picked,)
    assert again.trace_hash != whole.trace_hash


def test_without_faults_nothing_happens_but_the_evening(tmp_path: Path) -> None:
    write_small(tmp_path)
    seeds = played(tmp_path, 2, "none").seeds
    assert [seed.faults for seed in seeds] == [(), ()]
    assert all(seed.passed for seed in seeds)


@pytest.mark.parametrize(("seeds", "findings"), [(2, 0), (3, 6)], ids=["too-few", "enough"])
def test_a_condition_never_reached_is_a_finding_of_enough_seeds(
    tmp_path: Path, seeds: int, findings: int
) -> None:
    write_small(tmp_path)
    (tmp_path / "gameday.yaml").write_text(
        "apiVersion: fleet.kingtide.dev/v1alpha1\nkind: GameDay\nmetadata: {name: few}\n"
        "spec: {reachFrom: 3, faults: [none]}\n"
    )
    outcome = play(read_game_day(tmp_path, Choice(seeds)), 1)
    reached = [it.name for it in outcome.conditions if it.seeds]
    assert len(outcome.unreached) == (7 - len(reached) if findings else 0)
