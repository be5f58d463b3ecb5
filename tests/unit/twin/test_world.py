from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.workloads import ConfigMap
from kingtide.roster.registry import ControllerRun
from kingtide.twin.latencies import constant
from kingtide.twin.world import SETTLED_FOR_MS, World
from tests.twin.worlds import (
    MINUTE_MS,
    START_MS,
    application,
    available,
    daemon_set,
    definition,
    fixed_node,
    group,
    run_for,
)


def test_what_exists_at_the_start_has_settled_long_ago() -> None:
    world = World(
        definition(
            application("api", 4), groups=(group("g", 2),), daemon_sets=(daemon_set("agent"),)
        )
    )
    since_ms = START_MS - SETTLED_FOR_MS
    assert {node.created_ms for node in world.store.nodes.values()} == {since_ms}
    assert all(node.is_ready for node in world.store.nodes.values())
    pods = list(world.store.pods.values())
    assert len(pods) == 6
    assert all(pod.is_ready and pod.started_ms == since_ms for pod in pods)
    assert world.availability.pod_starts == []


def test_controllers_see_the_whole_start_at_their_first_pass() -> None:
    config_map = ConfigMap("kube-system", "ladder", {})
    world = World(
        definition(
            application("api", 4), groups=(group("g", 2),), config_maps=(config_map,),
            daemon_sets=(daemon_set("agent"),),
        )
    )  # fmt: skip
    index = world.watch.index
    assert list(index.nodes) == list(world.store.nodes)
    assert list(index.deployments) == ["test/api"]
    assert list(index.daemon_sets) == ["kube-system/agent"]
    assert list(index.config_maps) == ["kube-system/ladder"]
    assert index.controller_replicas("ReplicaSet", "test", "api") == 4


def test_higher_priorities_get_their_room_first_and_the_rest_waits() -> None:
    world = World(
        definition(
            application("low", 4, priority=-5, priority_class="low"),
            application("high", 3, priority=5, priority_class="high"),
            nodes=(fixed_node("n1"),),
        )
    )
    assert (available(world, "high"), available(world, "low")) == (3, 1)
    waiting = [pod for pod in world.store.pods.values() if not pod.node_name]
    assert [pod.created_ms for pod in waiting] == [START_MS] * 3
    run_for(world, 1_000)
    assert all(pod.is_unschedulable for pod in world.store.pods.values() if not pod.node_name)


def test_every_policy_has_a_loop_of_its_own_that_runs() -> None:
    world = World(
        definition(
            application("api", 1),
            groups=(group("g", 1),),
            node_autoscaling=NodeAutoscalingPolicy(),
            overprovisioning=(OverprovisioningPolicy(), OverprovisioningPolicy()),
        )
    )
    assert [loop.name for loop in world.loops] == [
        "node_autoscaling",
        "overprovisioning/0",
        "overprovisioning/1",
    ]
    run_for(world, MINUTE_MS)
    assert all(loop.passes >= 6 for loop in world.loops)


def test_controllers_that_are_handed_over_look_no_more_and_the_others_go_on() -> None:
    world = World(
        definition(
            application("api", 1),
            groups=(group("g", 1),),
            node_autoscaling=NodeAutoscalingPolicy(),
            overprovisioning=(OverprovisioningPolicy(),),
        )
    )
    run_for(world, MINUTE_MS)
    left, kept = world.loops
    passes = left.passes, kept.passes
    world.hand_over(("overprovisioning",))
    run_for(world, MINUTE_MS)
    assert world.loops == (kept,)
    assert (left.passes, kept.passes > passes[1]) == (passes[0], True)


def test_handing_nothing_over_leaves_no_trace() -> None:
    worlds = [World(definition(node_autoscaling=NodeAutoscalingPolicy())) for _ in range(2)]
    worlds[0].hand_over(("nodeAutoscaling",))
    for world in worlds:
        run_for(world, MINUTE_MS)
    assert worlds[0].trace_hash == worlds[1].trace_hash


def test_a_world_without_policies_has_no_controllers() -> None:
    assert World(definition(application("api", 1), groups=(group("g", 1),))).loops == ()


def test_what_a_killed_process_had_received_is_hidden_from_the_next_one_for_a_while() -> None:
    world = World(
        definition(
            application("api", 1),
            groups=(group("spot", 1, spot=True),),
            controllers=(ControllerRun("spotInterruption", SpotInterruptionPolicy()),),
            latencies={
                "queue.delivery": constant(1_000, "test"),
                "queue.visibility_timeout": constant(20_000, "test"),
            },
        )
    )
    world.cloud.queue.send(lambda event_id: "what nobody can read is kept for a while")
    world.run_until(START_MS + 2_000)
    received = [[it.receive_count for it in world.queue.inbox]]
    world.process.kill(5_000)
    for second in (8, 20, 21):
        world.run_until(START_MS + second * 1_000)
        received.append([it.receive_count for it in world.queue.inbox])
    assert not world.process.is_down
    assert received == [[1], [], [], [2]]


def test_the_warm_up_comes_before_the_start_and_leaves_nothing_in_the_figures() -> None:
    world = World(
        definition(application("api", 6), nodes=(fixed_node("n1"),), warm_up_ms=10 * MINUTE_MS)
    )
    assert world.engine.now_ms == START_MS - 10 * MINUTE_MS
    world.run_until(START_MS)
    tally = world.availability.applications["test/api"]
    assert (tally.unavailable, tally.max_unavailable, tally.unavailable_pod_ms) == (2, 0, 0)
    world.run_until(START_MS + MINUTE_MS)
    world.availability.settle()
    assert (tally.max_unavailable, tally.unavailable_pod_ms) == (2, 2 * MINUTE_MS)
    assert tally.longest_stretch_ms == MINUTE_MS


def test_a_user_can_stop_it_between_two_events() -> None:
    world = World(definition(application("api", 1), groups=(group("g", 1),)))
    assert world.run_until(START_MS + MINUTE_MS)
    world.engine.stop()
    assert not world.run_until(START_MS + 2 * MINUTE_MS)
    assert world.engine.now_ms == START_MS + MINUTE_MS
