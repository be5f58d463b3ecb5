"""With node_autoscaling in the loop: pods that wait get nodes, and empty nodes go again."""

from __future__ import annotations

from msgspec.structs import replace

from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.twin.definition import NodeGroup
from kingtide.twin.world import World
from tests.twin.invariants import Invariants
from tests.twin.worlds import MINUTE_MS, START_MS, application, available, definition, group


def node_group(running: int, maximum: int) -> NodeGroup:
    return group("workers", running, maximum=maximum)


def world_of(running: int, maximum: int, replicas: int) -> World:
    """Pods of five cores, three to a node of sixteen."""
    return World(
        definition(
            application("api", replicas, 5_000),
            groups=(node_group(running, maximum),),
            node_autoscaling=NodeAutoscalingPolicy(),
            hours=2,
        )
    )


def scale(world: World, count: int) -> None:
    world.replica_sets.scale(world.store.deployments["test/api"], count)


def test_pods_without_room_get_nodes_and_then_run() -> None:
    world = world_of(2, 20, 6)
    assert available(world, "api") == 6
    scale(world, 14)
    invariants = Invariants(world)
    invariants.run_until(START_MS + 8 * MINUTE_MS)
    assert available(world, "api") == 14
    assert len(world.store.nodes) == 5
    waited_ms = world.availability.longest_pending_ms["default"]
    # Reaction, launch, boot, registration and daemons: some minutes, as the article says.
    assert MINUTE_MS < waited_ms < 5 * MINUTE_MS


def test_beyond_the_groups_maximum_pods_stay_pending() -> None:
    world = world_of(2, 3, 6)
    scale(world, 14)
    Invariants(world).run_until(START_MS + 15 * MINUTE_MS)
    assert len(world.store.nodes) == 3
    assert available(world, "api") == 9
    waiting = [pod for pod in world.store.pods.values() if not pod.node_name]
    assert len(waiting) == 5
    assert all(pod.is_unschedulable for pod in waiting)


def test_nodes_that_nobody_needs_go_and_nothing_runs_on_them_when_they_do() -> None:
    world = world_of(6, 20, 18)
    scale(world, 5)
    Invariants(world).run_until(START_MS + 60 * MINUTE_MS)
    assert available(world, "api") == 5
    assert len(world.store.nodes) == 2
    assert sum(1 for i in world.cloud.instances() if i.state == "InService") == 2
    worst = world.availability.applications["test/api"].max_unavailable
    assert worst <= 3  # one node is drained at a time


def test_without_a_policy_nothing_adds_nodes() -> None:
    world = world_of(2, 20, 6)
    idle = World(replace(world.definition, controllers=()))
    scale(idle, 14)
    idle.run_until(START_MS + 10 * MINUTE_MS)
    assert len(idle.store.nodes) == 2
