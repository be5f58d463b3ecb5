"""The table of latencies."""

from __future__ import annotations

import pytest

from kingtide.twin.latencies import (
    DEFAULT_LATENCIES,
    Latency,
    LatencyTable,
    UnknownLatency,
    constant,
)
from kingtide.twin.seed import SeedTree

SLOPE = Latency(((0, 1_000), (50, 2_000), (100, 10_000)), "made for this test")


@pytest.mark.parametrize(
    ("parts_per_million", "milliseconds"),
    [
        pytest.param(0, 1_000, id="the least"),
        pytest.param(250_000, 1_500, id="half of the first stretch"),
        pytest.param(500_000, 2_000, id="the median"),
        pytest.param(750_000, 6_000, id="half of the second stretch"),
        pytest.param(1_000_000, 10_000, id="the most"),
    ],
)
def test_a_distribution_is_linear_between_its_points(
    parts_per_million: int, milliseconds: int
) -> None:
    assert SLOPE.at(parts_per_million) == milliseconds


def test_a_constant_is_the_same_everywhere() -> None:
    latency = constant(700, "made for this test")
    assert latency.is_constant
    assert [latency.at(p) for p in (0, 1, 999_999, 1_000_000)] == [700] * 4


def test_scaling_keeps_the_source_and_whether_it_was_assumed() -> None:
    half = Latency(SLOPE.points, "ours", assumed=True).scaled(50)
    assert half.points == ((0, 500), (50, 1_000), (100, 5_000))
    assert (half.source, half.assumed) == ("ours", True)


@pytest.mark.parametrize("name", sorted(DEFAULT_LATENCIES))
def test_every_default_is_a_distribution_with_a_source(name: str) -> None:
    latency = DEFAULT_LATENCIES[name]
    percents = [percent for percent, _ in latency.points]
    values = [ms for _, ms in latency.points]
    assert (percents[0], percents[-1]) == (0, 100)
    assert percents == sorted(dict.fromkeys(percents))
    assert values == sorted(values)
    assert values[0] >= 0
    assert latency.source


@pytest.mark.parametrize("name", sorted(DEFAULT_LATENCIES))
def test_what_is_judged_is_marked_as_assumed(name: str) -> None:
    latency = DEFAULT_LATENCIES[name]
    assert latency.assumed or "judged" not in latency.source


def test_each_entity_draws_its_own_and_the_same_again() -> None:
    table = LatencyTable(SeedTree(1))
    first = [table.draw_ms("node.boot", f"i-{n}") for n in range(20)]
    assert first == [table.draw_ms("node.boot", f"i-{n}") for n in range(20)]
    assert len(dict.fromkeys(first)) > 10
    assert all(20_000 <= ms <= 60_000 for ms in first)


def test_two_kinds_of_wait_of_one_entity_are_independent() -> None:
    table = LatencyTable(SeedTree(1), {"node.boot": SLOPE, "node.register": SLOPE})
    boots = [table.draw_ms("node.boot", f"i-{n}") for n in range(20)]
    assert boots != [table.draw_ms("node.register", f"i-{n}") for n in range(20)]


def test_an_override_replaces_one_latency_only() -> None:
    table = LatencyTable(SeedTree(1), {"node.boot": constant(5, "made for this test")})
    assert table.draw_ms("node.boot", "i-1") == 5
    assert table["node.register"] == DEFAULT_LATENCIES["node.register"]


def test_overriding_an_unknown_latency_is_an_error() -> None:
    with pytest.raises(UnknownLatency, match=r"node\.boots"):
        LatencyTable(SeedTree(1), {"node.boots": SLOPE})
