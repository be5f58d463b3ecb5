"""Thirty nodes, two peaks, an outage of capacity and of a front, machines that die: many seeds."""

from __future__ import annotations

import pytest

from kingtide.aws.autoscaling import CapacityPool
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.kube.workloads import ConfigMap
from kingtide.twin.definition import Application, Outage, PoolOutage, WorldDefinition
from kingtide.twin.engine import EventClass
from kingtide.twin.latencies import Latency
from kingtide.twin.seed import SeedTree
from kingtide.twin.world import World
from tests.twin.invariants import InvariantBroken, Invariants
from tests.twin.worlds import (
    MINUTE_MS,
    START_MS,
    ZONES,
    application,
    autoscaler,
    daemon_set,
    definition,
    group,
    pause,
)

READY_AFTER = Latency(((0, 10_000), (50, 20_000), (100, 40_000)), "test")
APPLICATIONS = 6
CLASSES = ((5, "high"), (0, "default"), (-5, "low"))
DEATHS = 4


def busy_evening(seed: int) -> WorldDefinition:
    groups = (group("spot-nodes-a", 18, spot=True), group("on-demand-a", 12))
    emptied = tuple(
        CapacityPool(kind, zone, "spot")
        for kind in groups[0].group.instance_types
        for zone in ZONES
    )
    return definition(
        *(_application(number, seed) for number in range(APPLICATIONS)),
        pause(6, 4_000),
        groups=groups,
        seed=seed,
        daemon_sets=(daemon_set("agent"), daemon_set("late", 500, priority=-7)),
        config_maps=(
            ConfigMap(
                "kube-system",
                "cluster-autoscaler-priority-expander",
                {"priorities": "50:\n  - ^spot-nodes-\n10:\n  - ^on-demand-\n"},
            ),
            ConfigMap(
                "overprovisioning", "overprovisioning", {"linear": '{"coresPerReplica": 80}'}
            ),
        ),
        node_autoscaling=NodeAutoscalingPolicy(),
        overprovisioning=(OverprovisioningPolicy(),),
        outages=(PoolOutage(emptied, START_MS + 10 * MINUTE_MS, START_MS + 25 * MINUTE_MS),),
        warm_up_ms=5 * MINUTE_MS,
    )


def _application(number: int, seed: int) -> Application:
    name = f"app{number}"
    priority, priority_class = CLASSES[number % 3]
    base = 30_000
    peak = 10 + SeedTree(seed).below(5, "test/peak", name)
    minutes = (0, peak, peak + 1, peak + 6, peak + 8, peak + 20, peak + 21, peak + 25, peak + 27)
    share = (100, 100, 170, 170, 60, 60, 190, 190, 90)
    front = number == 3
    return application(
        name,
        45,
        priority=priority,
        priority_class=priority_class,
        demand=[(m * MINUTE_MS, base * s // 100) for m, s in zip(minutes, share, strict=True)],
        scaling=autoscaler(name, 20, 120, target_percent=75),
        ready_after_ms=READY_AFTER,
        startup_millicores=800,
        depends_on="test/app3" if number == 4 else None,
        outages=(Outage(START_MS + 30 * MINUTE_MS, START_MS + 35 * MINUTE_MS),) if front else (),
    )


def let_machines_die(world: World) -> None:
    """Terminate some instances in the middle of things; their group replaces them.

    Each time the replacement dies as well, before its node has registered.
    """
    seed = world.definition.seed
    for number in range(DEATHS):
        at_ms = (
            START_MS
            + MINUTE_MS * (5 + 9 * number)
            + SeedTree(seed).below(MINUTE_MS, "test/death", str(number))
        )
        world.engine.at(at_ms, EventClass.WORLD, _die, world)
        for second in range(40, 60):
            world.engine.at(at_ms + second * 1_000, EventClass.WORLD, _die_young, world)


def _die(world: World) -> None:
    alive = [i for i in world.cloud.instances() if i.state == "InService"]
    instance = min(alive, key=lambda i: (i.launched_ms, i.instance_id))
    world.cloud.terminate_instance(instance.group, instance.instance_id, decrement=False)


def _die_young(world: World) -> None:
    for instance in world.cloud.instances():
        if instance.state == "InService" and instance.instance_id not in world.store.nodes:
            world.cloud.terminate_instance(instance.group, instance.instance_id, decrement=False)
            return


@pytest.mark.parametrize("seed", range(1, 9))
def test_nothing_impossible_happens_in_a_busy_evening(seed: int) -> None:
    world = World(busy_evening(seed))
    let_machines_die(world)
    invariants = Invariants(world)
    invariants.run_until(START_MS + 45 * MINUTE_MS)
    assert invariants.checked == 50
    assert invariants.bindings > 100
    assert world.scheduler.preemptions > 0
    assert sum(scaled.rescales for scaled in world.autoscalers.by_key.values()) > 20


def test_a_broken_world_is_told_with_check_seed_and_time() -> None:
    world = World(definition(application("api", 1), groups=(group("g", 1),), seed=7))
    pod = next(iter(world.store.pods.values()))
    world.scheduler.cache.displace(pod.uid)
    with pytest.raises(InvariantBroken, match=r"seed 7, 0.0 s:\nthe_scheduler_counts") as broken:
        Invariants(world).check()
    assert "1000" in str(broken.value)
