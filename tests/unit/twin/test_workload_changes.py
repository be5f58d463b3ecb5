"""Writes on workloads in the twin: their preconditions, and what comes of them."""

from typing import Any

import msgspec
import pytest

from kingtide.control.action import Action
from kingtide.control.outcome import Outcome
from kingtide.control.workload_actions import (
    AnnotateWorkload,
    PauseScaledObject,
    ScaleWorkload,
    SetDisruptionBudget,
    SetMinReplicas,
    SetNodeSelector,
    SetSuspend,
)
from kingtide.kube.jobs import JobSpec
from kingtide.kube.labels import LabelSelector
from kingtide.kube.workloads import PodDisruptionBudget
from kingtide.twin.definition import Application, Batch, Ordered, Timetable
from kingtide.twin.latencies import constant
from kingtide.twin.performer import Performer
from kingtide.twin.workload_changes import WorkloadChanges
from kingtide.twin.world import World
from tests.twin.worlds import application, autoscaler, definition, fixed_node, run_for

MARKED = (("downscaler/original-replicas", "3"),)


def cron_job() -> Application:
    worker = application("cron", 0)
    spec = msgspec.structs.replace(worker.template.spec, restart_policy="Never")
    template = msgspec.structs.replace(worker.template, spec=spec)
    batch = Batch(
        JobSpec(template), runs_for=constant(30_000, "test"), timetable=Timetable("*/10 * * * *")
    )
    return msgspec.structs.replace(worker, template=template, batch=batch)


@pytest.fixture
def world() -> World:
    web = application("web", 3, 100, scaling=autoscaler("web", 2, 9))
    db = msgspec.structs.replace(application("db", 2, 100), ordered=Ordered())
    about_web = LabelSelector(match_labels=(("app", "web"),))
    budget = PodDisruptionBudget("test", "web", about_web, min_available="2")
    return World(
        definition(
            web, db, cron_job(), nodes=(fixed_node("n", 8_000),), disruption_budgets=(budget,)
        )
    )


def perform(world: World, action: Action) -> Outcome:
    workloads = WorkloadChanges(
        world.store,
        world.replica_sets,
        world.stateful_sets,
        world.jobs,
        world.cron_jobs,
        world.disruption_budgets,
    )
    performer = Performer(
        world.engine,
        world.store,
        world.cloud,
        world.replica_sets,
        world.deletion,
        workloads=workloads,
    )
    return performer.perform(action)


def at(kind: str, name: str, uid: str | None = None) -> dict[str, Any]:
    given = f"{kind}/test/{name}" if uid is None else uid
    return {"reason": "night", "namespace": "test", "name": name, "uid": given}


def test_a_deployment_is_scaled_with_its_marker_in_one_write(world: World) -> None:
    revision = world.store.revision
    action = ScaleWorkload(
        **at("deployment", "web"),
        kind="Deployment",
        replicas=0,
        expected_replicas=3,
        annotations=MARKED,
    )
    assert perform(world, action).status == "done"
    stored = world.store.deployments["test/web"]
    assert (stored.replicas, stored.annotations) == (0, dict(MARKED))
    assert world.store.revision == revision + 1
    run_for(world, 120_000)
    assert [pod for pod in world.store.pods.values() if pod.name.startswith("web")] == []
    # Acting late, or twice, does no harm.
    late = perform(world, action)
    assert (late.status, late.code, late.message) == (
        "precondition_failed",
        "409",
        "it has 0 replicas now",
    )


def test_a_stateful_set_is_scaled(world: World) -> None:
    action = ScaleWorkload(
        **at("statefulset", "db"),
        kind="StatefulSet",
        replicas=0,
        expected_replicas=2,
        annotations=MARKED,
    )
    assert perform(world, action).status == "done"
    run_for(world, 120_000)
    assert [pod for pod in world.store.pods.values() if pod.name.startswith("db")] == []
    assert world.store.stateful_sets["test/db"].annotations == dict(MARKED)


def test_a_suspended_cron_job_runs_nothing_until_it_may(world: World) -> None:
    for suspend in (True, False):
        action = SetSuspend(
            **at("cronjob", "cron"), kind="CronJob", suspend=suspend, expected_suspend=not suspend
        )
        assert perform(world, action).status == "done"
        before = world.store.cron_jobs["test/cron"].last_schedule_ms
        run_for(world, 45 * 60_000)
        after = world.store.cron_jobs["test/cron"].last_schedule_ms
        assert (after == before) is suspend
    again = msgspec.structs.replace(action, expected_suspend=True)
    assert perform(world, again).status == "precondition_failed"


def test_an_hpa_follows_the_minimum_of_its_object(world: World) -> None:
    action = SetMinReplicas(
        **at("horizontalpodautoscaler", "web"), min_replicas=6, expected_min_replicas=2
    )
    assert perform(world, action).status == "done"
    run_for(world, 300_000)
    assert world.store.deployments["test/web"].replicas == 6
    assert world.watch.index.scalables["HorizontalPodAutoscaler/test/web"].size == 6
    assert perform(world, action).status == "precondition_failed"


def test_a_budget_allows_what_its_new_amount_says(world: World) -> None:
    assert world.store.disruption_budgets["test/web"].disruptions_allowed == 1
    action = SetDisruptionBudget(
        **at("", "web", uid=""), field="minAvailable", amount="0", expected_amount="2"
    )
    assert perform(world, action).status == "done"
    run_for(world, 10_000)
    assert world.store.disruption_budgets["test/web"].disruptions_allowed == 3
    assert perform(world, action).status == "precondition_failed"


def test_annotations_change_only_from_what_was_seen(world: World) -> None:
    action = AnnotateWorkload(
        **at("deployment", "web"), kind="Deployment", annotations=MARKED, expected=(("a", "b"),)
    )
    assert perform(world, action).status == "precondition_failed"
    seen = msgspec.structs.replace(action, expected=(("a", None),))
    assert perform(world, seen).status == "done"
    assert world.store.deployments["test/web"].annotations == dict(MARKED)


@pytest.mark.parametrize(
    "action",
    [
        ScaleWorkload(**at("rollout", "x"), kind="Rollout", replicas=0, expected_replicas=1),
        PauseScaledObject(**at("", "web"), paused_replicas="0", expected_paused_replicas=None),
        SetNodeSelector(**at("", "web"), label="a", value="b", expected_value=None),
    ],
    ids=lambda action: type(action).__name__,
)
def test_what_no_world_has_is_not_found(world: World, action: Action) -> None:
    outcome = perform(world, action)
    assert (outcome.status, outcome.code) == ("failed", "404")


def test_an_object_made_anew_under_the_name_is_left_alone(world: World) -> None:
    action = ScaleWorkload(
        **at("deployment", "web", uid="another"),
        kind="Deployment",
        replicas=0,
        expected_replicas=3,
    )
    assert perform(world, action).status == "precondition_failed"
    assert world.store.deployments["test/web"].replicas == 3
