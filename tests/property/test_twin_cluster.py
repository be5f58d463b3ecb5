"""Whatever is done to a small cluster, in whatever order: nothing impossible, and rest at last."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.kube.taints import Taint
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
    replicas,
)

NAMES = ("low", "mid", "high", "overprovisioning")
Deed = tuple[str, int, int]
DEEDS: st.SearchStrategy[Deed] = st.tuples(
    st.sampled_from(("scale", "scale", "scale", "evict", "taint", "untaint", "cordon", "die")),
    st.integers(0, 11),
    st.integers(0, 11),
)
PAUSES_MS = st.sampled_from((0, 40, 130, 900, 4_000, 31_000, 95_000))
DRAIN = Taint("drain", "NoSchedule")


def small_world(seed: int) -> World:
    """Two fixed nodes and two of a cloud: 40 cores; one of two DaemonSets can be displaced."""
    return World(
        definition(
            application("low", 4, priority=-5, priority_class="low"),
            application("mid", 4, 1_700),
            application("high", 4, priority=5, priority_class="high", grace_seconds=3),
            pause(2),
            nodes=(fixed_node("n1"), fixed_node("n2")),
            groups=(group("g", 2),),
            daemon_sets=(daemon_set("agent"), daemon_set("late", 500, priority=-20)),
            seed=seed,
        )
    )


def do(world: World, deed: Deed) -> None:
    what, which, amount = deed
    if what == "scale":
        deployment = world.store.deployments[f"test/{NAMES[which % 4]}"]
        world.replica_sets.scale(deployment, amount)
    elif what == "evict":
        pods = list(world.store.pods.values())
        world.deletion.delete(pods[which * 7 % len(pods)], None if amount % 3 else amount)
    elif what == "die":
        running = [i for i in world.cloud.instances() if i.state == "InService"]
        if running:
            instance = running[which % len(running)]
            world.cloud.terminate_instance("g", instance.instance_id, decrement=False)
    else:
        node = list(world.store.nodes.values())[which % len(world.store.nodes)]
        match what:
            case "taint":
                others = tuple(t for t in node.taints if t != DRAIN)
                world.store.update_node(node, taints=(*others, DRAIN))
            case "untaint":
                others = tuple(t for t in node.taints if t != DRAIN)
                world.store.update_node(node, taints=others, unschedulable=False)
            case "cordon":
                world.store.update_node(node, unschedulable=True)


@settings(max_examples=100)
@given(st.integers(1, 1_000), st.lists(st.tuples(PAUSES_MS, DEEDS), max_size=25))
def test_a_cluster_survives_whatever_is_done_to_it(
    seed: int, deeds: list[tuple[int, Deed]]
) -> None:
    world = small_world(seed)
    invariants = Invariants(world)
    for pause_ms, deed in deeds:
        invariants.run_until(world.engine.now_ms + pause_ms)
        do(world, deed)
    for node in list(world.store.nodes.values()):
        others = tuple(t for t in node.taints if t != DRAIN)
        world.store.update_node(node, taints=others, unschedulable=False)
    # Five of each, 29 cores, fit: they must be there in the end.
    for name in NAMES:
        if replicas(world, name) > 5:
            world.replica_sets.scale(world.store.deployments[f"test/{name}"], 5)
    invariants.run_until(world.engine.now_ms + 15 * MINUTE_MS)
    for name in NAMES:
        assert available(world, name) == replicas(world, name)
    # Every node has its daemons, running or waiting for it.
    owners = [p.owner.kind for p in world.store.pods.values() if p.owner is not None]
    assert owners.count("DaemonSet") == 2 * len(world.store.nodes) == 8
    assert owners.count("ReplicaSet") == sum(replicas(world, name) for name in NAMES)
    assert world.engine.now_ms >= START_MS + 15 * MINUTE_MS
