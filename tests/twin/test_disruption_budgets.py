"""Budgets in whole worlds: in step with pods and scales, heeded by evictions and preemption."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from kingtide.control.action import EvictPod
from kingtide.control.outcome import Outcome
from kingtide.controlplane.disruption.census import census
from kingtide.controlplane.disruption.matching import covers
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import PodDisruptionBudget
from kingtide.twin.performer import Performer
from kingtide.twin.world import World
from tests.twin.worlds import (
    MINUTE_MS,
    START_MS,
    application,
    definition,
    fixed_node,
    run_for,
)

NODES = tuple(fixed_node(f"n{i}") for i in range(5))


def budget(
    app: str, min_available: str | None = None, max_unavailable: str | None = None, name: str = ""
) -> PodDisruptionBudget:
    return PodDisruptionBudget(
        "test",
        name or app,
        LabelSelector(match_labels=(("app", app),)),
        min_available=min_available,
        max_unavailable=max_unavailable,
    )


def world_of(*budgets: PodDisruptionBudget, replicas: int = 4) -> World:
    return World(
        definition(
            application("api", replicas), application("web", 3), nodes=NODES,
            disruption_budgets=budgets,
        )
    )  # fmt: skip


def pods_of(world: World, app: str) -> Sequence[Pod]:
    return [pod for pod in world.store.pods.values() if pod.labels.get("app") == app]


def evict(world: World, pod: Pod) -> Outcome:
    performer = Performer(
        world.engine, world.store, world.cloud, world.replica_sets, world.deletion
    )
    return performer.perform(
        EvictPod(reason="test", namespace=pod.namespace, name=pod.name, uid=pod.uid)
    )


def allowed(world: World, name: str) -> int:
    return world.store.disruption_budgets[f"test/{name}"].disruptions_allowed


def test_a_world_starts_with_budgets_that_are_known() -> None:
    world = world_of(budget("api", "3"), budget("web", None, "34%"))
    assert (allowed(world, "api"), allowed(world, "web")) == (1, 2)
    told = world.watch.index.disruption_budgets["test/api"]
    assert (told.current_healthy, told.desired_healthy, told.expected_pods) == (4, 3, 4)


def test_an_exhausted_budget_refuses_and_recovers() -> None:
    world = world_of(budget("api", "3"))
    first, second, *_ = pods_of(world, "api")
    assert evict(world, first).status == "done"
    refused = evict(world, second)
    assert (refused.status, refused.code) == ("refused", "429")
    assert refused.message == (
        "Cannot evict pod as it would violate the pod's disruption budget. The disruption budget"
        " api does not allow evicting pods currently"
    )
    run_for(world, 1_000)
    refused = evict(world, second)
    assert "needs 3 healthy pods and has 3 currently" in refused.message
    assert world.store.pods[second.uid].deletion_ms is None
    run_for(world, MINUTE_MS)
    assert evict(world, second).status == "done"


def test_pods_without_a_budget_are_evicted_freely() -> None:
    world = world_of(budget("api", "4"))
    assert [evict(world, pod).status for pod in pods_of(world, "web")] == ["done"] * 3


def test_two_budgets_about_one_pod_are_an_error() -> None:
    world = world_of(budget("api", "1"), budget("api", "2", name="second"))
    outcome = evict(world, pods_of(world, "api")[0])
    assert (outcome.status, outcome.code) == ("refused", "500")


def test_a_budget_follows_what_its_deployment_wants() -> None:
    world = world_of(budget("api", "50%"))
    world.replica_sets.scale(world.store.deployments["test/api"], 10)
    run_for(world, 60)
    told = world.store.disruption_budgets["test/api"]
    assert (told.expected_pods, told.desired_healthy, told.disruptions_allowed) == (10, 5, 0)
    run_for(world, MINUTE_MS)
    assert allowed(world, "api") == 5


def test_a_status_that_changes_wakes_nobody() -> None:
    world = world_of(budget("api", "3"))
    woken: list[object] = []
    world.watch._wake = woken.append
    world.store.put_disruption_budget(
        msgspec.structs.replace(world.store.disruption_budgets["test/api"], disruptions_allowed=0)
    )
    run_for(world, 1_000)
    assert woken == []


@pytest.mark.parametrize("protected", ["api", "web"])
def test_preemption_spares_whom_a_budget_protects(protected: str) -> None:
    """Two nodes with one victim each that would do; the protected one is left alone."""
    nodes = [fixed_node("n0", 2_000), fixed_node("n1", 2_000)]
    world = World(
        definition(
            application("api", 1, 2_000),
            application("web", 1, 2_000),
            application("urgent", 0, 2_000, priority=10),
            nodes=nodes,
            disruption_budgets=(budget(protected, "1"),),
        )
    )
    world.replica_sets.scale(world.store.deployments["test/urgent"], 1)
    run_for(world, 5_000)
    victims = {pod.labels["app"] for pod in world.store.pods.values() if not pod.is_ready}
    left = {pod.labels["app"] for pod in world.store.pods.values() if pod.is_ready}
    assert world.scheduler.preemptions == 1
    assert protected in left
    assert victims - {"urgent"} == ({"api", "web"} - {protected})


def test_counts_kept_pod_by_pod_equal_a_recount() -> None:
    everything = PodDisruptionBudget("test", "all", LabelSelector(), max_unavailable="1")
    world = world_of(budget("api", "2"), budget("web", None, "1"), everything)
    sizes = {"api": (9, 1, 6), "web": (1, 5, 0)}
    for turn in range(3):
        for app, wanted in sizes.items():
            world.replica_sets.scale(world.store.deployments[f"test/{app}"], wanted[turn])
        for _ in range(30):
            for pod in pods_of(world, "api")[:1]:
                evict(world, pod)
            run_for(world, 700)
            for key, it in world.store.disruption_budgets.items():
                pods = [pod for pod in world.store.pods.values() if covers(it, pod)]
                counted = world.disruption_budgets.counted(key)
                again = census(pods, it.disrupted_pods)
                assert (counted.pods, counted.healthy) == (again.pods, again.healthy)
                assert counted.unmanaged == again.unmanaged
                assert {o.owner for o in counted.owned} == {o.owner for o in again.owned}
                assert {p.uid for p in counted.granted} == {p.uid for p in again.granted}
    assert world.engine.now_ms > START_MS


def test_budgets_change_nothing_for_worlds_without_them() -> None:
    world = world_of()
    run_for(world, MINUTE_MS)
    assert world.store.disruption_budgets == {}
    assert evict(world, pods_of(world, "api")[0]).status == "done"
