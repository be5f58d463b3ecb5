"""StatefulSets in whole worlds."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.kube.pods import Pod, PodTemplate
from kingtide.twin.definition import Application, Ordered, Rollout
from kingtide.twin.world import World
from tests.twin.worlds import (
    MINUTE_MS,
    SECOND_MS,
    START_MS,
    application,
    definition,
    fixed_node,
    run_for,
    spec,
)

NODES = tuple(fixed_node(f"n{i}") for i in range(4))
KEY = "test/db"


def db(replicas: int, ordered: Ordered | None = None, **changes: object) -> Application:
    return msgspec.structs.replace(
        application("db", replicas), ordered=ordered or Ordered(), **changes
    )


def world_of(it: Application) -> World:
    return World(definition(it, nodes=NODES))


def ready(world: World) -> dict[str, str]:
    pods = world.store.pods.values()
    return {p.name: p.annotations.get("version", "1") for p in pods if p.is_ready}


class Order:
    """In which order pods become Ready and are deleted."""

    def __init__(self, world: World) -> None:
        self.ready: list[str] = []
        self.deleted: list[str] = []
        self.most_away = 0
        self._world = world
        world.store.on_pods(self._on_pod)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is not None and new.is_ready and (old is None or not old.is_ready):
            self.ready.append(new.name)
        if new is not None and new.deletion_ms is not None and old and old.deletion_ms is None:
            self.deleted.append(new.name)
        tally = self._world.availability.applications[KEY]
        self.most_away = max(self.most_away, tally.unavailable)


def test_a_world_starts_with_its_pods_by_ordinal() -> None:
    world = world_of(db(3))
    assert sorted(ready(world)) == ["db-0", "db-1", "db-2"]
    run_for(world, MINUTE_MS)
    assert sorted(ready(world)) == ["db-0", "db-1", "db-2"]
    assert world.observe()["app.db.replicas"] == 3


def test_an_ordered_set_grows_one_by_one_and_shrinks_from_the_top() -> None:
    world = world_of(db(1))
    order = Order(world)
    world.stateful_sets.scale(world.store.stateful_sets[KEY], 4)
    run_for(world, 5 * MINUTE_MS)
    assert order.ready == ["db-1", "db-2", "db-3"]
    assert order.most_away == 3
    world.stateful_sets.scale(world.store.stateful_sets[KEY], 1)
    run_for(world, 5 * MINUTE_MS)
    assert order.deleted == ["db-3", "db-2", "db-1"]
    assert sorted(ready(world)) == ["db-0"]


def test_a_parallel_set_grows_at_once() -> None:
    ordered, parallel = world_of(db(1)), world_of(db(1, Ordered("Parallel")))
    for world in (ordered, parallel):
        world.stateful_sets.scale(world.store.stateful_sets[KEY], 8)
        run_for(world, 15 * SECOND_MS)
    assert len(ready(parallel)) == 8
    assert len(ready(ordered)) < 4


def test_an_ordered_set_waits_for_a_pod_without_a_place() -> None:
    world = world_of(db(20, msgspec.structs.replace(Ordered())))
    assert len(world.store.pods) == 17
    run_for(world, 5 * MINUTE_MS)
    assert len(world.store.pods) == 17
    assert world.availability.applications[KEY].unavailable == 4


def test_a_pod_that_is_lost_comes_back_under_its_name() -> None:
    world = world_of(db(3))
    (lost,) = [pod for pod in world.store.pods.values() if pod.name == "db-1"]
    world.deletion.delete(lost)
    run_for(world, 2 * MINUTE_MS)
    (back,) = [pod for pod in world.store.pods.values() if pod.name == "db-1"]
    assert back.uid != lost.uid
    assert back.is_ready


@pytest.mark.parametrize(
    ("ordered", "updated", "away"),
    [
        pytest.param(Ordered(), ["db-4", "db-3", "db-2", "db-1", "db-0"], 1, id="all, one by one"),
        pytest.param(Ordered(partition=3), ["db-4", "db-3"], 1, id="from the partition on"),
        pytest.param(
            Ordered("Parallel", max_unavailable="3"),
            ["db-4", "db-3", "db-2", "db-1", "db-0"],
            3,
            id="three at once",
        ),
        pytest.param(Ordered(update_strategy="OnDelete"), [], 0, id="on delete"),
    ],
)
def test_another_template_is_rolled_out_from_the_top(
    ordered: Ordered, updated: list[str], away: int
) -> None:
    template = PodTemplate({"app": "db"}, spec(1_000), {"version": "2"})
    rollouts = (Rollout(START_MS + SECOND_MS, template),)
    world = world_of(db(5, ordered, rollouts=rollouts))
    order = Order(world)
    run_for(world, 10 * MINUTE_MS)
    assert order.deleted == updated
    assert order.most_away == away
    assert ready(world) == {f"db-{i}": "2" if f"db-{i}" in updated else "1" for i in range(5)}
    stored = world.store.stateful_sets[KEY]
    is_over = stored.current_revision == stored.update_revision
    assert is_over == (len(updated) == 5)


def test_pods_must_stay_ready_for_the_next_to_come() -> None:
    world = world_of(db(1, Ordered(min_ready_seconds=60)))
    world.stateful_sets.scale(world.store.stateful_sets[KEY], 3)
    run_for(world, MINUTE_MS)
    assert len(ready(world)) == 2
    run_for(world, MINUTE_MS)
    assert len(ready(world)) == 3
