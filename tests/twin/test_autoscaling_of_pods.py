"""Autoscalers in a whole world: they grow, hold for their window, and come down."""

from __future__ import annotations

import pytest

from kingtide.twin.definition import Outage
from kingtide.twin.latencies import constant
from kingtide.twin.world import World
from tests.twin.worlds import (
    MINUTE_MS,
    SECOND_MS,
    START_MS,
    application,
    autoscaler,
    available,
    definition,
    fixed_node,
    replicas,
)

NODES = tuple(fixed_node(f"n{number}", 16_000) for number in range(6))
PEAK_MS = 10 * MINUTE_MS
FALL_MS = 14 * MINUTE_MS
DEMAND = [
    (0, 14_000),
    (PEAK_MS, 14_000),
    (PEAK_MS + MINUTE_MS, 28_000),
    (FALL_MS, 28_000),
    (FALL_MS + MINUTE_MS, 14_000),
]


def changes(world: World, until_ms: int) -> list[tuple[int, int]]:
    """(milliseconds after the start, replicas) at every change, looked at each second."""
    found = [(0, replicas(world, "api"))]
    while world.engine.now_ms < START_MS + until_ms:
        world.run_until(world.engine.now_ms + SECOND_MS)
        if replicas(world, "api") != found[-1][1]:
            found.append((world.engine.now_ms - START_MS, replicas(world, "api")))
    return found


@pytest.mark.parametrize("window_seconds", [300, 1_800])
@pytest.mark.parametrize("interval_ms", [15_000, 60_000])
def test_an_autoscaler_grows_with_the_peak_and_holds_for_its_window(
    window_seconds: int, interval_ms: int
) -> None:
    scaling = autoscaler("api", 10, 60, stabilization_seconds=window_seconds)
    world = World(
        definition(
            application("api", 20, demand=DEMAND, scaling=scaling),
            nodes=NODES,
            hours=2,
            latencies={"metrics.scrape_interval": constant(interval_ms, "test")},
            warm_up_ms=15 * MINUTE_MS,
        )
    )
    world.run_until(START_MS)
    assert replicas(world, "api") == 20
    steps = changes(world, FALL_MS + window_seconds * 1000 + 10 * MINUTE_MS)
    growing = [(at_ms, count) for at_ms, count in steps[1:] if at_ms < FALL_MS]
    assert growing[0][0] >= PEAK_MS
    assert growing[0][0] <= PEAK_MS + MINUTE_MS + 2 * interval_ms + 5_000 + 15_000
    top = growing[-1][1]
    assert 36 <= top <= 44  # 28 cores at 70 % are 40 pods; the tolerance is 10 %
    first_fall_ms, lower = next((at_ms, count) for at_ms, count in steps if at_ms > FALL_MS)
    assert lower < top
    # The last recommendation of the full height is at most one minute and a pipeline after the
    # fall began; from it the window runs.
    assert first_fall_ms >= FALL_MS + window_seconds * 1000
    assert first_fall_ms <= FALL_MS + window_seconds * 1000 + MINUTE_MS + 2 * interval_ms + 20_000
    # Within the tolerance of 10 % nothing is changed, and the window keeps the highest of it.
    assert 20 <= steps[-1][1] <= 23


@pytest.mark.parametrize(
    ("window_seconds", "keeps"), [(300, False), (1_800, True)], ids=["5 minutes", "30 minutes"]
)
def test_a_long_window_keeps_pods_through_an_outage_of_the_front(
    window_seconds: int, *, keeps: bool
) -> None:
    outage = Outage(START_MS + 5 * MINUTE_MS, START_MS + 20 * MINUTE_MS)
    scaling = autoscaler("api", 2, 60, stabilization_seconds=window_seconds)
    world = World(
        definition(
            application("front", 1, demand=[(0, 500)], outages=(outage,)),
            application(
                "api", 20, demand=[(0, 14_000)], scaling=scaling, depends_on="test/front",
                ready_after_ms=constant(20_000, "test"), limit_millicores=1_000,
            ),
            nodes=NODES,
            warm_up_ms=5 * MINUTE_MS,
        )
    )  # fmt: skip
    world.run_until(outage.until_ms - 1)
    assert (replicas(world, "api") == 20) is keeps
    before = world.metrics.unserved.core_milliseconds(1, world.engine.now_ms)
    world.run_until(outage.until_ms + 15 * MINUTE_MS)
    lost = world.metrics.unserved.core_milliseconds(1, world.engine.now_ms) - before
    assert available(world, "api") >= 18  # 14 cores at 70 % are 20 pods, tolerance 10 %
    assert (lost == 0) is keeps
    tally = world.availability.applications["test/api"]
    assert (tally.max_unavailable == 0) is keeps


def test_pods_that_start_do_not_drive_the_autoscaler_up() -> None:
    scaling = autoscaler("api", 4, 60)
    world = World(
        definition(
            application(
                "api", 4, demand=[(0, 2_800), (PEAK_MS, 2_800), (PEAK_MS + 1, 5_600)],
                scaling=scaling, startup_millicores=1_000,
                ready_after_ms=constant(60_000, "test"),
            ),
            nodes=NODES,
            warm_up_ms=10 * MINUTE_MS,
        )
    )  # fmt: skip
    most = max(count for _, count in changes(world, 30 * MINUTE_MS))
    assert most <= 10  # 5.6 cores at 70 % are 8 pods


@pytest.mark.parametrize("demand", [1, 100_000], ids=["too little", "too much"])
def test_replicas_stay_within_their_bounds(demand: int) -> None:
    world = World(
        definition(
            application("api", 10, demand=[(0, demand)], scaling=autoscaler("api", 7, 15)),
            nodes=NODES,
        )
    )
    steps = changes(world, 20 * MINUTE_MS)
    assert all(7 <= count <= 15 for _, count in steps)
    assert steps[-1][1] == (7 if demand == 1 else 15)
