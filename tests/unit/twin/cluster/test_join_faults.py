"""Instances that join late, never, or broken, while a fault says so."""

from __future__ import annotations

from collections import Counter

import pytest

from kingtide.twin.cluster.join_faults import JoinFaults
from kingtide.twin.engine import Engine
from kingtide.twin.seed import SeedTree

UNTIL_MS = 1_000
NAMES = tuple(f"i-{number}" for number in range(400))


def faults(now_ms: int = 0) -> JoinFaults:
    return JoinFaults(Engine(now_ms), SeedTree(1))


def test_without_a_fault_all_join_in_their_own_time() -> None:
    it = faults()
    assert it.delay_ms(70_000) == 70_000
    assert {it.joining(name) for name in NAMES} == {"joins"}


@pytest.mark.parametrize(("now_ms", "delay_ms"), [(UNTIL_MS - 1, 210_000), (UNTIL_MS, 70_000)])
def test_boots_are_slow_until_the_fault_ends(now_ms: int, delay_ms: int) -> None:
    it = faults(now_ms)
    it.slow_boots(300, UNTIL_MS)
    assert it.delay_ms(70_000) == delay_ms


@pytest.mark.parametrize(
    ("parts_per_million", "least", "most"), [(0, 0, 0), (250_000, 70, 130), (1_000_000, 400, 400)]
)
def test_a_share_never_joins(parts_per_million: int, least: int, most: int) -> None:
    it = faults()
    it.never_join(parts_per_million, UNTIL_MS)
    never = sum(it.joining(name) == "never joins" for name in NAMES)
    assert least <= never <= most


def test_a_share_of_those_that_join_is_broken() -> None:
    it = faults()
    it.never_join(500_000, UNTIL_MS)
    it.join_broken(500_000, UNTIL_MS)
    counts = Counter(it.joining(name) for name in NAMES)
    assert 160 < counts["never joins"] < 240
    assert 60 < counts["joins broken"] < 140


def test_all_join_after_the_fault() -> None:
    it = faults(UNTIL_MS)
    it.never_join(1_000_000, UNTIL_MS)
    it.join_broken(1_000_000, UNTIL_MS)
    assert it.joining("i-1") == "joins"
