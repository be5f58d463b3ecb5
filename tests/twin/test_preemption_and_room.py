"""Who gets room when there is not enough, who comes back, and what machines that die leave."""

from __future__ import annotations

import pytest

from kingtide.twin.engine import EventClass
from kingtide.twin.latencies import constant
from kingtide.twin.world import World
from tests.twin.invariants import Invariants
from tests.twin.worlds import (
    MINUTE_MS,
    START_MS,
    application,
    available,
    daemon_set,
    definition,
    fixed_node,
    group,
    pause,
    pods_of,
    replicas,
    run_for,
)
from tests.unit.control.unschedulable import unschedulable_pods

FOUR = tuple(fixed_node(f"n{number}") for number in range(4))


def scale(world: World, name: str, count: int) -> None:
    world.replica_sets.scale(world.store.deployments[f"test/{name}"], count)


def test_pods_without_room_stay_pending_and_are_told_to_controllers() -> None:
    world = World(definition(application("api", 16), nodes=FOUR))
    scale(world, "api", 20)
    run_for(world, MINUTE_MS)
    waiting = [pod for pod in world.store.pods.values() if not pod.node_name]
    assert len(waiting) == 4
    assert all(pod.is_unschedulable for pod in waiting)
    assert {*unschedulable_pods(world.watch.index)} == {pod.uid for pod in waiting}
    world.store.create_node(fixed_node("late"))
    run_for(world, MINUTE_MS)
    assert available(world, "api") == 20
    assert not unschedulable_pods(world.watch.index)


def test_pause_pods_make_way_for_an_application_and_come_back_when_it_shrinks() -> None:
    world = World(definition(application("api", 8), pause(4), nodes=FOUR))
    assert (available(world, "api"), available(world, "overprovisioning")) == (8, 4)
    scale(world, "api", 14)
    run_for(world, 25_000)  # pull, start and readiness; nobody waits for a node
    assert available(world, "api") == 14
    assert available(world, "overprovisioning") == 1
    assert pods_of(world, "overprovisioning") == 4
    assert world.scheduler.preemptions == 3
    scale(world, "api", 8)
    run_for(world, 2 * MINUTE_MS)
    assert (available(world, "api"), available(world, "overprovisioning")) == (8, 4)


def test_with_pause_pods_a_pod_waits_for_no_grace_but_its_own_back_off() -> None:
    world = World(definition(application("api", 8), pause(4), nodes=FOUR))
    scale(world, "api", 16)
    run_for(world, MINUTE_MS)
    longest = max(start.bound_ms - start.created_ms for start in world.availability.pod_starts)
    assert longest <= 3_000


@pytest.mark.parametrize(
    ("mine", "theirs", "displaces"),
    [(5, 0, True), (0, 0, False), (-5, 0, False), (-5, -10, True), (-10, -10, False)],
)
def test_only_a_lower_priority_is_ever_displaced(
    mine: int, theirs: int, *, displaces: bool
) -> None:
    world = World(
        definition(
            application("theirs", 16, priority=theirs, priority_class="theirs"),
            application("mine", 0, priority=mine, priority_class="mine"),
            nodes=FOUR,
        )
    )
    Invariants(world)
    scale(world, "mine", 6)
    run_for(world, 3 * MINUTE_MS)
    assert (world.scheduler.preemptions > 0) is displaces
    assert available(world, "mine") == (6 if displaces else 0)
    assert available(world, "theirs") == (10 if displaces else 16)


def test_over_many_scalings_every_victim_has_a_lower_priority_than_who_took_its_place() -> None:
    priorities = {"low": -5, "mid": 0, "high": 5}
    world = World(
        definition(
            *(
                application(name, 5, priority=priority, priority_class=name)
                for name, priority in priorities.items()
            ),
            nodes=FOUR,
        )
    )
    invariants = Invariants(world)
    for number, (low, mid, high) in enumerate([(5, 5, 9), (9, 9, 2), (1, 14, 5), (9, 3, 16)]):
        for name, count in zip(priorities, (low, mid, high), strict=True):
            scale(world, name, count)
        invariants.run_until(START_MS + (number + 1) * 2 * MINUTE_MS)
    preempted = [mark for mark in world.journal.marks if mark.kind == "preempted"]
    assert len(preempted) == world.scheduler.preemptions > 5
    for mark in preempted:
        # "test/low-00003 was preempted on n1 by test/high-00007"
        victim, winner = (word.split("/")[1].split("-")[0] for word in _keys(mark.message))
        assert priorities[victim] < priorities[winner], mark.message


def _keys(message: str) -> list[str]:
    return [word for word in message.split() if "/" in word]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param([(0, 30)], id="up"),
        pytest.param([(0, 2)], id="down"),
        pytest.param([(0, 30), (1_000, 3)], id="up and down while pods are created"),
        pytest.param([(0, 30), (200, 3), (400, 25), (600, 4), (800, 28)], id="to and fro"),
        pytest.param([(0, 0), (3_000, 30)], id="to nothing and back while pods end"),
    ],
)
def test_every_replica_set_ends_at_its_replicas_when_there_is_room(
    path: list[tuple[int, int]],
) -> None:
    nodes = tuple(fixed_node(f"n{number}", 16_000) for number in range(4))
    world = World(definition(application("api", 10), nodes=nodes))
    for at_ms, count in path:
        world.engine.at(START_MS + at_ms, EventClass.CONTROL, scale, world, "api", count)
    Invariants(world).run_until(START_MS + 5 * MINUTE_MS)
    wanted = path[-1][1]
    assert (replicas(world, "api"), pods_of(world, "api"), available(world, "api")) == (wanted,) * 3
    assert len(world.store.pods) == wanted


def test_pods_of_a_machine_that_died_are_replaced_elsewhere() -> None:
    world = World(
        definition(
            application("api", 12),
            groups=(group("g", 3),),
            daemon_sets=(daemon_set("agent"),),
        )
    )
    victim = next(iter(world.store.nodes))
    there = [p for p in world.store.pods.values() if p.node_name == victim]
    world.cloud.terminate_instance("g", victim, decrement=False)
    invariants = Invariants(world)
    invariants.run_until(START_MS + 6 * MINUTE_MS)
    assert victim not in world.store.nodes
    assert len(world.store.nodes) == 3
    assert available(world, "api") == 12
    assert not {pod.uid for pod in there} & {*world.store.pods}
    daemons = [p for p in world.store.pods.values() if p.owner and p.owner.kind == "DaemonSet"]
    assert sorted(p.node_name for p in daemons) == sorted(world.store.nodes)
    tally = world.availability.applications["test/api"]
    assert tally.max_unavailable == len(there) - 1


def test_a_daemon_that_was_displaced_waits_for_room_on_its_own_node() -> None:
    world = World(
        definition(
            application("api", 3, 1_000, priority=5),
            nodes=(fixed_node("n1"), fixed_node("n2", 500)),
            daemon_sets=(daemon_set("agent", 400, priority=-20),),
        )
    )
    scale(world, "api", 4)
    run_for(world, MINUTE_MS)
    assert available(world, "api") == 4
    (waiting,) = (pod for pod in world.store.pods.values() if not pod.node_name)
    assert waiting.name == "agent-n1-2"
    scale(world, "api", 3)
    run_for(world, 2 * MINUTE_MS)
    assert world.store.pods[waiting.uid].node_name == "n1"
    assert world.store.pods[waiting.uid].is_ready


def test_the_cost_is_what_each_instance_costs_times_the_time_it_ran() -> None:
    world = World(
        definition(
            application("api", 4),
            groups=(group("s", 3, spot=True), group("o", 2)),
            latencies={
                "cloud.group_reaction": constant(1_000, "test"),
                "cloud.launch": constant(10_000, "test"),
            },
        )
    )
    prices = world.cloud.prices
    ran: list[tuple[str, int, int]] = []  # lifecycle, micro-USD an hour, milliseconds
    instances = list(world.cloud.instances())
    killed = next(i for i in instances if i.group == "o")
    world.run_until(START_MS + 10 * MINUTE_MS)
    world.cloud.terminate_instance("o", killed.instance_id, decrement=False)
    world.run_until(START_MS + 40 * MINUTE_MS)
    for instance in instances:
        duration_ms = (10 if instance == killed else 40) * MINUTE_MS
        price = prices.micro_usd_per_hour(instance.pool)
        ran.append((instance.pool.lifecycle, price, duration_ms))
    (replacement,) = (i for i in world.cloud.instances() if i.launched_ms > START_MS)
    ran.append(
        (
            "on-demand",
            prices.micro_usd_per_hour(replacement.pool),
            START_MS + 40 * MINUTE_MS - replacement.launched_ms - 10_000,
        )
    )
    now_ms = world.engine.now_ms
    for lifecycle in ("spot", "on-demand"):
        expected = sum(price * ms for kind, price, ms in ran if kind == lifecycle)
        assert expected > 0
        assert world.cloud.cost.spent(lifecycle, now_ms) == expected
