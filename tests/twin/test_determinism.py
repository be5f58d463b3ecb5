"""One seed is one night: in one process, in two, looked at or not, in steps or in one go."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec
import pytest

from kingtide.twin.definition import WorldDefinition
from kingtide.twin.latencies import Latency, constant
from kingtide.twin.world import World
from tests.twin.test_invariants_over_seeds import busy_evening, let_machines_die
from tests.twin.worlds import (
    MINUTE_MS,
    SECOND_MS,
    START_MS,
    application,
    autoscaler,
    definition,
    fixed_node,
    group,
    pause,
)

END_MS = START_MS + 20 * MINUTE_MS


def run(seed: int, end_ms: int = END_MS) -> str:
    world = World(busy_evening(seed))
    let_machines_die(world)
    world.run_until(end_ms)
    return world.trace_hash


@pytest.fixture(scope="module")
def known_hash() -> str:
    return run(1)


def test_the_same_seed_gives_the_same_hash_twice_in_one_process(known_hash: str) -> None:
    assert run(1) == known_hash


def test_another_seed_gives_another_hash(known_hash: str) -> None:
    assert run(2) != known_hash


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_the_same_seed_gives_the_same_hash_in_another_process(
    known_hash: str, hash_seed: str, repository: Path
) -> None:
    code = "from tests.twin.test_determinism import run; print(run(1))"
    environment = {
        **os.environ,
        "PYTHONHASHSEED": hash_seed,
        "PYTHONPATH": os.pathsep.join(path for path in (str(repository), *sys.path) if path),
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == known_hash


def test_steps_of_any_size_and_looks_at_any_time_change_nothing() -> None:
    end_ms = START_MS + 14 * MINUTE_MS
    expected = run(3, end_ms)
    world = World(busy_evening(3))
    let_machines_die(world)
    while world.engine.now_ms < end_ms:
        world.run_until(min(end_ms, world.engine.now_ms + SECOND_MS))
        world.observe()
        world.availability.settle()
        world.metrics.unserved.core_milliseconds(0, world.engine.now_ms)
        for scaled in world.autoscalers.by_key.values():
            scaled.groups(world.metrics, world.engine.now_ms)
    assert world.trace_hash == expected


# ---------------------------------------------------------------- other draws stay as they were


def _two_applications(latencies: Mapping[str, Latency] = MappingProxyType({})) -> WorldDefinition:
    demand = [(0, 3_000), (5 * MINUTE_MS, 3_000), (6 * MINUTE_MS, 9_000)]
    return definition(
        application("a", 5, demand=demand, scaling=autoscaler("a", 5, 40)),
        application("b", 5, demand=demand, scaling=autoscaler("b", 5, 40)),
        pause(2),
        groups=(group("g", 4),),
        latencies=latencies,
    )


def _starts(world: World, name: str) -> list[tuple[int, int]]:
    world.run_until(END_MS)
    return [
        (start.created_ms, start.ready_ms)
        for start in world.availability.pod_starts
        if start.application == f"test/{name}"
    ]


def test_a_change_to_one_application_leaves_the_draws_of_another_as_they_were() -> None:
    before = _two_applications()
    first, second, third = before.applications
    slower = msgspec.structs.replace(first, ready_after_ms=constant(90_000, "test"))
    after = msgspec.structs.replace(before, applications=(slower, second, third))
    worlds = World(before), World(after)
    assert _starts(worlds[0], "b") == _starts(worlds[1], "b")
    assert _starts(worlds[0], "a") != _starts(worlds[1], "a")
    assert len(_starts(worlds[0], "b")) > 5


@pytest.mark.parametrize("name", ["kubelet.stop_containers", "node.boot", "cloud.launch"])
def test_another_latency_of_one_step_leaves_the_draws_of_other_steps_as_they_were(
    name: str,
) -> None:
    worlds = (
        World(_two_applications()),
        World(_two_applications({name: constant(7_777, "test")})),
    )
    for entity in ("x", "y", "z"):
        for other in ("kubelet.pull_image", "kubelet.start_containers", "node.register"):
            drawn = [world.latencies.draw_ms(other, entity) for world in worlds]
            assert drawn[0] == drawn[1]
    assert {world.latencies.draw_ms(name, "x") for world in worlds} >= {7_777}
    assert _starts(worlds[0], "a") == _starts(worlds[1], "a")


def test_an_autoscaler_more_leaves_the_phase_of_the_others_as_it_was() -> None:
    one = definition(application("a", 1, scaling=autoscaler("a", 1, 2)), nodes=(fixed_node("n1"),))
    added = application("z", 1, scaling=autoscaler("z", 1, 2))
    two = msgspec.structs.replace(one, applications=(added, *one.applications))
    phases = [
        world.seeds.below(15_000, "hpa/phase", "test/a") for world in (World(one), World(two))
    ]
    assert phases[0] == phases[1]
