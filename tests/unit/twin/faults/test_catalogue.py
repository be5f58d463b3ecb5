from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from kingtide.twin.definition import WorldDefinition
from kingtide.twin.faults.catalogue import KINDS, Kind, drawn
from kingtide.twin.faults.fault import Fault
from tests.twin.worlds import application, definition, group

SEEDS = range(1, 121)


def world(seed: int) -> WorldDefinition:
    return definition(
        application("front", 3, demand=[(0, 1_000)]),
        application("api", 3, demand=[(0, 1_000)], depends_on="test/front"),
        groups=(group("spot", 6, spot=True), group("on-demand", 2)),
        seed=seed,
    )


def test_every_kind_is_in_about_half_of_the_seeds() -> None:
    seen = Counter(kind for seed in SEEDS for kind in {it.kind for it in drawn(world(seed))})
    assert sorted(seen) == sorted(kind.name for kind in KINDS)
    assert all(40 <= count <= 80 for count in seen.values()), seen


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_faults_begin_and_end_while_the_world_is_recorded_and_tell_what_they_are(
    kind: Kind,
) -> None:
    found = [it.fault for seed in SEEDS for it in drawn(world(seed), (kind,))]
    start_ms, end_ms = world(1).start_ms, world(1).end_ms
    assert found
    for fault in found:
        assert start_ms <= fault.from_ms < fault.until_ms <= end_ms
        assert fault.told()
    assert len({(it.from_ms, it.until_ms) for it in found}) > len(found) // 2


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_draws_alike_whatever_else_is_drawn(kind: Kind) -> None:
    for seed in (1, 2, 3, 4, 5):
        alone = drawn(world(seed), (kind,))
        assert alone == tuple(it for it in drawn(world(seed)) if it.kind == kind.name)


class Flood(Fault, frozen=True, kw_only=True, tag="flood"):
    """A kind that says nothing about itself."""


def test_a_fault_that_tells_no_more_tells_its_kind() -> None:
    assert Flood(from_ms=0, until_ms=1).told() == "flood"


def test_names_count_a_seeds_faults_by_kind() -> None:
    names = [it.name for seed in SEEDS for it in drawn(world(seed)) if it.kind == "ice"]
    assert {"ice#1", "ice#2"} <= set(names)


def test_faults_are_values_that_can_be_written_and_read() -> None:
    for seed in SEEDS:
        for it in drawn(world(seed)):
            text = msgspec.json.encode(it.fault)
            assert msgspec.json.decode(text, type=type(it.fault)) == it.fault
