"""The game day that `make test` plays: two hundred seeds of the example, nothing broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.rehearsal.gameday.play import play
from kingtide.rehearsal.gameday.read import Choice, read_game_day
from kingtide.rehearsal.gameday.seed_run import run_seed, seeded
from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.processes import default_processes
from kingtide.twin.faults.catalogue import drawn, with_faults
from kingtide.twin.invariants.bounds import Bounds
from kingtide.twin.world import World


# Two hundred evenings, a hundred seconds of processor: on a machine that others load, minutes.
@pytest.mark.timeout(1200)
def test_two_hundred_seeds_of_the_example_break_nothing(repository: Path) -> None:
    plan = read_game_day(repository / "examples" / "gameday-small", Choice(seeds=200))
    outcome = play(plan, default_processes())
    assert [outcome.replay(seed) for seed in outcome.failed] == []
    assert [it.name for it in outcome.unreached] == []


def test_a_world_under_invariants_happens_as_without_them(repository: Path) -> None:
    definition = seeded(
        prepare(repository / "examples" / "gameday-small" / "rehearsal.yaml").definition, 8
    )
    faults = drawn(definition)
    watched = run_seed(definition, faults, Bounds())
    assert watched.healed_seconds is not None
    alone = World(with_faults(definition, faults))
    for it in faults:
        it.fault.apply(alone)
    # In the same steps: the engine's clock stands at each minute's end, whatever happens there.
    alone.run_until(definition.end_ms + 1000 * watched.healed_seconds)
    assert alone.trace_hash == watched.trace_hash
