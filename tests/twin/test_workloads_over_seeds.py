"""All kinds of workloads together, under evictions and losses: invariants hold, all heals."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.control.action import EvictPod
from kingtide.kube.jobs import JobSpec
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import PodTemplate
from kingtide.kube.workloads import PodDisruptionBudget
from kingtide.twin.definition import (
    Batch,
    Ordered,
    Rollout,
    Timetable,
    UpdateStrategy,
    WorldDefinition,
)
from kingtide.twin.latencies import constant
from kingtide.twin.performer import Performer
from kingtide.twin.seed import SeedTree
from kingtide.twin.world import World
from tests.twin.invariants import Invariants
from tests.twin.worlds import (
    MINUTE_MS,
    START_MS,
    application,
    daemon_set,
    definition,
    fixed_node,
    spec,
)

FAULTS_MS, CALM_MS = 20 * MINUTE_MS, 25 * MINUTE_MS


def night(seed: int) -> WorldDefinition:
    draw = SeedTree(seed)

    def replicas(name: str) -> int:
        return 2 + draw.below(9, "replicas", name)

    def release(name: str) -> Rollout:
        at_ms = START_MS + draw.below(FAULTS_MS, "release", name)
        return Rollout(at_ms, PodTemplate({"app": name}, spec(1_000), {"version": "2"}))

    api = msgspec.structs.replace(
        application("api", replicas("api"), priority=5),
        rollouts=(release("api"),),
        update=UpdateStrategy(max_surge="1", min_ready_seconds=draw.below(20, "ready", "api")),
    )
    recreated = msgspec.structs.replace(
        application("web", replicas("web")),
        rollouts=(release("web"),),
        update=UpdateStrategy(strategy="Recreate"),
    )
    db = msgspec.structs.replace(
        application("db", replicas("db")),
        ordered=Ordered("Parallel" if seed % 2 else "OrderedReady"),
        rollouts=(release("db"),),
    )
    work = JobSpec(PodTemplate({"app": "load"}, spec(1_000, priority=-5)), 4, 10, 100)
    load = msgspec.structs.replace(
        application("load", 0),
        batch=Batch(work, constant(40_000, "test"), 20, timetable=Timetable("*/5 * * * *")),
    )
    budgets = tuple(
        PodDisruptionBudget(
            "test", name, LabelSelector(match_labels=(("app", name),)), max_unavailable="1"
        )
        for name in ("api", "db")
    )
    return definition(
        api, recreated, db, load,
        nodes=[fixed_node(f"n{i}") for i in range(10)],
        seed=seed, daemon_sets=(daemon_set("logs"),), disruption_budgets=budgets,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_every_kind_of_workload_keeps_the_invariants_and_heals(seed: int) -> None:
    world = World(night(seed))
    invariants = Invariants(world)
    draw = SeedTree(seed)
    performer = Performer(
        world.engine, world.store, world.cloud, world.replica_sets, world.deletion
    )
    refused = 0
    for turn in range(FAULTS_MS // (10_000)):
        invariants.run_until(START_MS + turn * 10_000)
        pods = sorted(world.store.pods.values(), key=lambda pod: pod.uid)
        pod = pods[draw.below(len(pods), "victim", str(turn))]
        # Now and then somebody asks for all pods of the database at once.
        asked = [it for it in pods if it.labels.get("app") == "db"] if turn % 20 == 9 else [pod]
        if turn % 3 or len(asked) > 1:
            for it in asked:
                evict = EvictPod(reason="test", namespace=it.namespace, name=it.name, uid=it.uid)
                refused += performer.perform(evict).status == "refused"
        elif turn % 2:
            world.store.delete_pod(pod)
    invariants.run_until(START_MS + FAULTS_MS + CALM_MS)
    for name in ("api", "web", "db"):
        tally = world.availability.applications[f"test/{name}"]
        assert (tally.unavailable, tally.pods) == (0, tally.wanted), name
        versions = {
            pod.annotations.get("version", "1")
            for pod in world.store.pods.values()
            if pod.labels.get("app") == name
        }
        assert versions == {"2"}
    assert refused > 0
    assert invariants.checked > 40
