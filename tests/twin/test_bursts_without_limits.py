"""The article's burst: without limits it takes its neighbours down.

With limits, or on nodes of its own, it does not.
"""

from __future__ import annotations

import msgspec
import pytest

from kingtide.kube.taints import Taint, Toleration
from kingtide.twin.definition import Application, Contention
from kingtide.twin.world import World
from tests.twin.worlds import (
    MINUTE_MS,
    application,
    definition,
    fixed_node,
    run_for,
)

DEDICATED = Taint("dedicated", "NoSchedule", "burst")
SECONDS = 1_000

# 12 pods of a core each that are asked for 90 cores within seconds, on a cluster of 32.
DEMAND = [(0, 8_000), (120_000, 8_000), (125_000, 90_000), (420_000, 90_000), (421_000, 8_000)]


def burst(
    limit_millicores: int | None = None, tolerations: tuple[Toleration, ...] = ()
) -> Application:
    return application(
        "burst", 12, demand=DEMAND, limit_millicores=limit_millicores, tolerations=tolerations
    )


def neighbours() -> Application:
    # They use more than they request, as most pods do: there was always room.
    return application("neighbour", 12, 200, demand=[(0, 6_000)])


def worst_unavailable(world: World, name: str) -> int:
    return world.availability.applications[f"test/{name}"].max_unavailable


def test_without_limits_the_neighbours_go_down_with_the_nodes() -> None:
    nodes = [fixed_node(f"n{i}", 8_000) for i in range(4)]
    world = World(definition(burst(), neighbours(), nodes=nodes, contention=Contention()))
    run_for(world, 8 * MINUTE_MS)
    assert worst_unavailable(world, "neighbour") == 12
    assert any(mark.kind == "node_starved" for mark in world.journal.marks)


def test_with_limits_the_neighbours_stay() -> None:
    nodes = [fixed_node(f"n{i}", 8_000) for i in range(4)]
    world = World(definition(burst(1_500), neighbours(), nodes=nodes, contention=Contention()))
    run_for(world, 8 * MINUTE_MS)
    assert worst_unavailable(world, "neighbour") == 0
    assert not any(mark.kind == "node_starved" for mark in world.journal.marks)


def test_on_nodes_of_its_own_the_burst_takes_nobody_along() -> None:
    own = [fixed_node(f"own{i}", 8_000, (DEDICATED,)) for i in range(2)]
    shared = [fixed_node(f"n{i}", 8_000) for i in range(2)]
    tolerant = burst(tolerations=(Toleration("dedicated", "Equal", "burst", "NoSchedule"),))
    # The burst's pods prefer nothing: fill the shared nodes first, so that they go to their own.
    filler = msgspec.structs.replace(application("neighbour", 12, 1_300, demand=[(0, 6_000)]))
    world = World(definition(filler, tolerant, nodes=[*shared, *own], contention=Contention()))
    run_for(world, 8 * MINUTE_MS)
    assert worst_unavailable(world, "neighbour") == 0


def test_without_contention_a_burst_only_slows_pods() -> None:
    nodes = [fixed_node(f"n{i}", 8_000) for i in range(4)]
    world = World(definition(burst(), neighbours(), nodes=nodes))
    run_for(world, 8 * MINUTE_MS)
    assert worst_unavailable(world, "neighbour") == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_a_starved_evening_is_the_same_twice(seed: int) -> None:
    nodes = [fixed_node(f"n{i}", 8_000) for i in range(4)]
    made = definition(burst(), neighbours(), nodes=nodes, seed=seed, contention=Contention())
    first, second = World(made), World(made)
    run_for(first, 8 * MINUTE_MS)
    run_for(second, 8 * MINUTE_MS)
    assert first.trace_hash == second.trace_hash
