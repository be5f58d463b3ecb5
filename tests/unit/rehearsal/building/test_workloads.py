from __future__ import annotations

from pathlib import Path

from kingtide.kube.pods import pod_requests
from kingtide.rehearsal.building.world import build_world
from kingtide.rehearsal.scenario.local_time import clock_text
from kingtide.rehearsal.scenario.read import Options, read_scenario
from kingtide.twin.definition import (
    Application,
    Ordered,
    Timetable,
    UpdateStrategy,
    WorldDefinition,
)
from kingtide.twin.world import World
from tests.small_rehearsal import SCENARIO, with_lines, write_small

WORKER = "      replicas: 6\n      usage: 1500m\n"


def world(folder: Path, worker: str = WORKER) -> WorldDefinition:
    text = with_lines(SCENARIO, (WORKER, worker))
    return build_world(read_scenario(write_small(folder, scenario=text), Options()))


def worker_of(definition: WorldDefinition) -> Application:
    return next(a for a in definition.applications if a.name == "worker")


def test_an_application_is_a_deployment_with_kubernetes_defaults(tmp_path: Path) -> None:
    definition = world(tmp_path)
    worker = worker_of(definition)
    assert worker.owner_kind == "ReplicaSet"
    assert worker.update == UpdateStrategy()
    assert worker.rollouts == ()
    assert definition.disruption_budgets == ()


def test_a_budget_is_about_the_applications_pods(tmp_path: Path) -> None:
    definition = world(tmp_path, WORKER + "      disruptionBudget: {maxUnavailable: 10%}\n")
    (budget,) = definition.disruption_budgets
    assert (budget.key, budget.max_unavailable, budget.min_available) == (
        "jobs/worker",
        "10%",
        None,
    )
    assert budget.selector.match_labels == (("app", "worker"),)
    running = World(definition)
    assert running.store.disruption_budgets["jobs/worker"].expected_pods == 6


def test_rollouts_change_what_they_say_and_always_the_template(tmp_path: Path) -> None:
    definition = world(
        tmp_path,
        WORKER
        + "      strategy: {maxSurge: 2, maxUnavailable: 0, minReady: 10s, progressDeadline: 5m}\n"
        + "      rollouts: [{at: '20:12'}, {at: '20:05', requests: {cpu: 3, memory: 1Gi}}]\n",
    )
    worker = worker_of(definition)
    assert worker.update == UpdateStrategy("RollingUpdate", "2", "0", 10, 300)
    told = [
        (
            clock_text(rollout.at_ms, "Europe/Paris"),
            pod_requests(rollout.template.spec).cpu_millicores,
        )
        for rollout in worker.rollouts
    ]
    assert told == [("20:05:00", 3000), ("20:12:00", 2000)]
    assert worker.rollouts[1].template != worker.template
    assert worker.rollouts[1].template.spec == worker.template.spec


def test_a_stateful_set_needs_no_more_than_to_be_named(tmp_path: Path) -> None:
    worker = worker_of(world(tmp_path, WORKER + "      statefulSet: {}\n"))
    assert worker.ordered == Ordered()
    parallel = WORKER + "      statefulSet: {podManagementPolicy: Parallel, maxUnavailable: 50%}\n"
    assert worker_of(world(tmp_path, parallel)).ordered == Ordered(
        "Parallel", max_unavailable="50%"
    )


def test_a_job_begins_with_the_recording_unless_it_says_when(tmp_path: Path) -> None:
    definition = world(tmp_path, "      job: {runsFor: 2m, parallelism: 3, completions: 9}\n")
    batch = worker_of(definition).batch
    assert batch is not None
    assert (batch.job.parallelism, batch.job.completions) == (3, 9)
    assert batch.begins_ms == definition.start_ms
    assert batch.job.template.spec.restart_policy == "Never"
    later = worker_of(world(tmp_path, "      job: {runsFor: 2m, begins: '20:05'}\n")).batch
    assert later is not None
    assert later.begins_ms == definition.start_ms + 300_000


def test_a_schedule_makes_a_cron_job(tmp_path: Path) -> None:
    job = (
        "      job: {runsFor: 30s, fails: 20%, workQueue: true, schedule: {cron: '*/5 * * * *',"
        " timeZone: Europe/Paris, concurrencyPolicy: Forbid, startingDeadline: 1m}}\n"
    )
    batch = worker_of(world(tmp_path, job)).batch
    assert batch is not None
    assert (batch.fail_percent, batch.job.completions) == (20, None)
    assert batch.timetable == Timetable("*/5 * * * *", "Europe/Paris", "Forbid", 60)


def test_a_scenario_with_every_kind_runs_to_its_end(tmp_path: Path) -> None:
    cron = (
        "      job: {runsFor: 30s, schedule: {cron: '*/5 * * * *'}}\n"
        "    db:\n"
        "      requests: {cpu: 1, memory: 1Gi}\n"
        "      replicas: 3\n"
        "      statefulSet: {}\n"
        "      disruptionBudget: {minAvailable: 2}\n"
        "      rollouts: [{at: '20:04'}]\n"
        "    front:\n"
        "      requests: {cpu: 1, memory: 1Gi}\n"
        "      replicas: 4\n"
        "      rollouts: [{at: '20:06'}]\n"
    )
    definition = world(tmp_path, cron)
    running = World(definition)
    assert running.run_until(definition.end_ms)
    ended = [job.verdict for job in running.store.jobs.values()]
    assert ended[:3] == ["Complete", "Complete", "Complete"]
    values = running.observe()
    assert (values["app.db.available"], values["app.front.available"]) == (3, 4)
    kinds = [mark.kind for mark in running.journal.marks]
    assert kinds.count("rollout_finished") == 1
    db = running.store.stateful_sets["default/db"]
    assert db.current_revision == db.update_revision
