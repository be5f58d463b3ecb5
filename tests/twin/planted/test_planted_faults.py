"""Faults planted one at a time through a world's seams: the named invariant has to find each."""

from __future__ import annotations

import pytest

from kingtide.roster.registry import ControllerRun
from kingtide.twin.invariants.catalogue import INVARIANTS
from kingtide.twin.seams import Seams
from tests.twin.planted.catalogue import PLANTED, Planted, example, played

SEEDS = range(1, 13)
"""A planted fault that no seed of a dozen meets would be found by luck only."""


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_by_the_invariant_that_names_it(name: str) -> None:
    planted = PLANTED[name]
    found: dict[str, None] = {}
    for seed in SEEDS:
        found |= dict.fromkeys(played(planted, seed).failures)
        if planted.invariant in found:
            return
    pytest.fail(f"{name}: {planted.invariant} is not among what was found: {list(found)}")


def test_claims_that_come_late_break_no_budget_where_they_wait_their_turn() -> None:
    late = PLANTED["late-claims-begun"]._replace(seams=Seams())
    assert played(late, SEEDS[0]).failures == ()


def test_every_invariant_finds_a_planted_fault() -> None:
    assert {it.name for it in INVARIANTS} <= {it.invariant for it in PLANTED.values()}


def test_without_a_planted_fault_the_same_seeds_find_nothing() -> None:
    clean = Planted("", Seams())
    assert [played(clean, seed).failures for seed in SEEDS] == [()] * len(SEEDS)
    runs = example().controllers
    assert ControllerRun("nodeAutoscaling", runs[0].policy) == runs[0]
