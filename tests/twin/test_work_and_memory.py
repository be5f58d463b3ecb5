"""Work is counted, not timed: it follows what changes, and a long run leaves nothing behind."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np

from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.twin.engine import EventClass
from kingtide.twin.world import World
from tests.twin.worlds import (
    HOUR_MS,
    MINUTE_MS,
    START_MS,
    application,
    autoscaler,
    daemon_set,
    definition,
    fixed_node,
    group,
    pause,
    run_for,
)
from tests.unit.control.unschedulable import unschedulable_pods


def quiet_world(nodes: int) -> World:
    return World(
        definition(
            *(
                application(f"app{n}", nodes, demand=[(0, nodes * 700)],
                            scaling=autoscaler(f"app{n}", 1, 10 * nodes))
                for n in range(4)
            ),
            nodes=tuple(fixed_node(f"n{n}", 16_000) for n in range(nodes)),
        )
    )  # fmt: skip


def test_a_quiet_hour_costs_the_same_events_for_four_nodes_as_for_four_hundred() -> None:
    small, large = quiet_world(4), quiet_world(400)
    for world in (small, large):
        run_for(world, HOUR_MS)
    # Load steps of 5 s, scrapes and their answers each 15 s, four autoscalers each 15 s.
    steps, scrapes = HOUR_MS // 5_000, HOUR_MS // 15_000
    expected = steps + 2 * scrapes + 4 * scrapes
    assert abs(small.engine.events_run - expected) <= 10
    assert large.engine.events_run == small.engine.events_run
    assert large.scheduler.attempts == 0
    assert large.store.revision == 400 + 4 * (400 + 3)  # with their Deployment, ReplicaSet and HPA


def test_a_pod_costs_a_handful_of_writes_and_one_attempt_from_creation_to_ready() -> None:
    world = World(
        definition(
            application("api", 0), nodes=tuple(fixed_node(f"n{n}", 16_000) for n in range(20))
        )
    )
    before = world.store.revision
    world.replica_sets.scale(world.store.deployments["test/api"], 200)
    run_for(world, 2 * MINUTE_MS)
    assert world.scheduler.attempts == 200
    # Created, bound, started, ready; the Deployment and its ReplicaSet once each.
    assert world.store.revision - before == 4 * 200 + 2


def test_pods_that_find_no_room_are_tried_by_shape_not_one_by_one() -> None:
    world = World(definition(application("api", 0), nodes=(fixed_node("n1", 500),)))
    world.replica_sets.scale(world.store.deployments["test/api"], 400)
    run_for(world, 10 * MINUTE_MS)
    assert len(unschedulable_pods(world.watch.index)) == 400
    # After the burst pods come one each 50 ms. Each is tried once, and again after five minutes
    # without an event; none is diagnosed again.
    assert world.scheduler.attempts <= 2 * 400
    assert world.scheduler.diagnoses <= 400


# ---------------------------------------------------------------- a day


def restless_day() -> World:
    """Waves of demand, a machine dying each ten minutes, pause pods displaced: for a whole day."""
    waves = [
        (hour * HOUR_MS + quarter * 15 * MINUTE_MS, 6_000 if quarter % 2 else 14_000)
        for hour in range(25)
        for quarter in range(4)
    ]
    world = World(
        definition(
            application("api", 12, demand=waves, scaling=autoscaler("api", 4, 40), priority=5),
            application("batch", 10, priority=-5, idle_millicores=500),
            pause(3),
            groups=(group("g", 4),),
            daemon_sets=(daemon_set("agent"), daemon_set("late", priority=-7)),
            hours=24,
        )
    )
    world.engine.at(START_MS + 5 * MINUTE_MS, EventClass.WORLD, _kill_one, world)
    return world


def _kill_one(world: World) -> None:
    running = [i for i in world.cloud.instances() if i.state == "InService"]
    if running:
        oldest = min(running, key=lambda i: (i.launched_ms, i.instance_id))
        world.cloud.terminate_instance("g", oldest.instance_id, decrement=False)
    world.engine.after(10 * MINUTE_MS, EventClass.WORLD, _kill_one, world)


# What is meant to grow: figures of the run, of which each pod start and each mark is one entry, and
# what the cloud keeps as AWS does (activities, bounded by itself).
RECORDS = {"journal.marks", "journal.decisions", "availability.pod_starts"}
# Logs of changed rows are cut when they reach this length (scheduling.change_log), two a table.
LOG_LENGTH = 2 * 4_096
# So are the moves between groups of alike nodes (scheduling.alike), for each topology.
KEPT_MOVES = 2 * 2_048
COMPONENTS = (
    "journal", "availability", "store", "scheduler", "kubelets", "node_life", "daemons",
    "machines", "replica_sets", "metrics", "autoscalers", "watch", "deletion", "engine", "loops",
)  # fmt: skip


def sizes(world: World) -> dict[str, int]:
    """The size of every container that a component reaches through its own attributes."""
    found: dict[str, int] = {}
    seen: set[int] = set()
    for name in COMPONENTS:
        for path, size in _walk(name, getattr(world, name), seen):
            found[path] = found.get(path, 0) + size
    return found


def _walk(path: str, it: object, seen: set[int]) -> Iterator[tuple[str, int]]:
    if id(it) in seen or isinstance(it, (str, bytes, int, float, type, Pod, Node)):
        return
    seen.add(id(it))
    if isinstance(it, np.ndarray):
        yield path, it.size
    elif isinstance(it, (dict, list, deque, set)):
        yield path, len(it)
        for value in list(it.values() if isinstance(it, dict) else it):
            yield from _walk(f"{path}[]", value, seen)
    elif type(it).__module__.startswith("kingtide.") and hasattr(it, "__dict__"):
        for name, value in vars(it).items():
            yield from _walk(f"{path}.{name.lstrip('_')}", value, seen)


def test_a_day_leaves_no_more_behind_than_a_few_hours() -> None:
    world = restless_day()
    world.run_until(START_MS + 6 * HOUR_MS)
    early = sizes(world)
    world.run_until(START_MS + 24 * HOUR_MS)
    late = sizes(world)
    assert len(world.availability.pod_starts) > 1_000
    assert sum(mark.kind == "node_removed" for mark in world.journal.marks) > 100
    grown = {
        path: (early.get(path, 0), size)
        for path, size in late.items()
        if path not in RECORDS
        and size > 1.5 * early.get(path, 0) + 200
        and not (path.endswith("log") and size <= 2 * LOG_LENGTH)
        and not (path.endswith(".moves") and size <= 2 * KEPT_MOVES)
    }
    assert grown == {}
