"""Jobs and CronJobs as load: they take room, work, end, and come again."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.kube.jobs import ConcurrencyPolicy, Job, JobSpec
from kingtide.kube.pods import Pod, PodTemplate
from kingtide.twin.definition import Application, Batch, Timetable
from kingtide.twin.latencies import constant
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

NODES = tuple(fixed_node(f"n{i}") for i in range(2))
KEY = "test/load"


def batch(
    spec_: JobSpec, runs_for_ms: int = 30_000, *, fail_percent: int = 0, **changes: object
) -> Application:
    return msgspec.structs.replace(
        application("load", 0, idle_millicores=500),
        template=spec_.template,
        batch=Batch(spec_, constant(runs_for_ms, "test"), fail_percent, **changes),  # type: ignore[arg-type]  # fields by name
    )


def job_spec(parallelism: int = 1, completions: int | None = 1, **changes: object) -> JobSpec:
    template = PodTemplate({"app": "load"}, spec(1_000))
    return msgspec.structs.replace(JobSpec(template, parallelism, completions), **changes)


class Watched:
    """A world whose Jobs' pods are counted at each moment."""

    def __init__(self, *applications: Application) -> None:
        self.world = World(definition(*applications, nodes=NODES, hours=6))
        self.most = 0
        self.created_s: list[int] = []
        self.world.store.on_pods(self._on_pod)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        running = [p for p in self.pods() if not p.is_terminal and p.deletion_ms is None]
        self.most = max(self.most, len(running))
        if old is None:
            self.created_s.append((self.world.engine.now_ms - START_MS) // 1000)

    def pods(self) -> list[Pod]:
        pods = self.world.store.pods.values()
        return [p for p in pods if p.owner is not None and p.owner.kind == "Job"]

    @property
    def job(self) -> Job:
        return self.world.store.jobs[KEY]

    def jobs(self) -> list[Job]:
        return list(self.world.store.jobs.values())


def test_a_job_runs_to_its_end_and_gives_its_room_back() -> None:
    watched = Watched(batch(job_spec(3, 7)))
    run_for(watched.world, 10 * MINUTE_MS)
    assert (watched.job.verdict, watched.job.succeeded, watched.job.failed) == ("Complete", 7, 0)
    assert watched.most == 3
    assert {p.phase for p in watched.pods()} == {"Succeeded"}
    assert int(watched.world.scheduler.cache.table.cpu_requested.sum()) == 0
    assert watched.world.metrics.columns.row_of == {}
    tally = watched.world.availability.applications[KEY]
    assert (tally.wanted, tally.pods, tally.unavailable) == (0, 0, 0)


def test_a_jobs_pods_use_what_they_are_said_to() -> None:
    watched = Watched(batch(job_spec(4, 4), 10 * MINUTE_MS))
    run_for(watched.world, MINUTE_MS)
    values = watched.world.observe()
    assert (values["app.load.used"], values["app.load.requested"]) == (2.0, 4.0)


def test_pods_that_find_no_room_wait_for_others_to_end() -> None:
    watched = Watched(batch(job_spec(12, 12)))
    run_for(watched.world, 20 * SECOND_MS)
    assert watched.world.availability.applications[KEY].unavailable == 4
    run_for(watched.world, 10 * MINUTE_MS)
    assert watched.job.verdict == "Complete"


def test_a_job_begins_when_it_is_told_to() -> None:
    watched = Watched(batch(job_spec(), begins_ms=START_MS + 5 * MINUTE_MS))
    run_for(watched.world, 5 * MINUTE_MS - 1)
    assert watched.jobs() == []
    run_for(watched.world, 2 * MINUTE_MS)
    assert watched.job.verdict == "Complete"


def test_a_job_that_always_fails_waits_longer_each_time_and_gives_up() -> None:
    watched = Watched(batch(job_spec(backoff_limit=3), 1_000, fail_percent=100))
    run_for(watched.world, 30 * MINUTE_MS)
    assert (watched.job.verdict, watched.job.reason) == ("Failed", "BackoffLimitExceeded")
    assert watched.job.failed == 4
    gaps = [b - a for a, b in zip(watched.created_s, watched.created_s[1:], strict=False)]
    for gap, least in zip(gaps, (10, 20, 40), strict=True):
        assert least <= gap <= least + 15  # the pod's own start and work come on top
    assert [m.kind for m in watched.world.journal.marks] == ["job_failed"]


def test_some_pods_fail_and_the_job_completes_all_the_same() -> None:
    watched = Watched(batch(job_spec(5, 20, backoff_limit=40), 5_000, fail_percent=30))
    run_for(watched.world, 60 * MINUTE_MS)
    assert (watched.job.verdict, watched.job.succeeded) == ("Complete", 20)
    assert watched.job.failed > 0
    assert watched.most <= 5


def test_a_pod_that_is_evicted_counts_as_failed_and_is_replaced() -> None:
    watched = Watched(batch(job_spec(2, 2), 2 * MINUTE_MS))
    run_for(watched.world, MINUTE_MS)
    watched.world.deletion.delete(watched.pods()[0])
    run_for(watched.world, 10 * MINUTE_MS)
    assert (watched.job.verdict, watched.job.succeeded, watched.job.failed) == ("Complete", 2, 1)


def test_a_deadline_ends_a_job_and_its_pods() -> None:
    watched = Watched(batch(job_spec(2, 9, active_deadline_seconds=60), 10 * MINUTE_MS))
    run_for(watched.world, 3 * MINUTE_MS)
    assert (watched.job.verdict, watched.job.reason) == ("Failed", "DeadlineExceeded")
    assert watched.job.finished_ms == START_MS + 60_000
    assert watched.pods() == []


def test_a_finished_job_is_deleted_after_its_time_to_live() -> None:
    watched = Watched(batch(job_spec(ttl_seconds_after_finished=100), 1_000))
    run_for(watched.world, MINUTE_MS)
    assert watched.job.is_finished
    run_for(watched.world, 2 * MINUTE_MS)
    assert watched.jobs() == []
    assert watched.pods() == []


def cron(
    policy: ConcurrencyPolicy = "Allow", runs_for_ms: int = 30_000, schedule: str = "*/10 * * * *"
) -> Application:
    times = Timetable(schedule, concurrency_policy=policy)
    return batch(job_spec(), runs_for_ms, timetable=times)


def minutes(watched: Watched) -> list[int]:
    """When the Jobs that exist were created, in minutes after the hour before the start."""
    return [(job.started_ms or 0) // MINUTE_MS % 60 for job in watched.jobs()]


def test_a_cron_job_runs_by_its_timetable_and_keeps_three() -> None:
    watched = Watched(cron())
    run_for(watched.world, 60 * MINUTE_MS)
    assert len(watched.created_s) == 6
    assert [minute % 10 for minute in minutes(watched)] == [0, 0, 0]
    assert all(job.verdict == "Complete" for job in watched.jobs())
    assert len(watched.pods()) == 3
    assert watched.world.availability.applications[KEY].unavailable == 0


@pytest.mark.parametrize(
    ("policy", "runs", "most"),
    [
        pytest.param("Allow", 6, 3, id="allow: they overlap"),
        pytest.param("Forbid", 3, 1, id="forbid: late, one at a time"),
        pytest.param("Replace", 6, 1, id="replace: the newer wins"),
    ],
)
def test_runs_that_take_longer_than_their_interval(
    policy: ConcurrencyPolicy, runs: int, most: int
) -> None:
    watched = Watched(cron(policy, 24 * MINUTE_MS))
    run_for(watched.world, 60 * MINUTE_MS)
    assert len(watched.created_s) == runs
    assert watched.most == most


def test_failed_jobs_are_kept_apart_from_those_that_completed() -> None:
    app = batch(
        job_spec(backoff_limit=0), 5_000, fail_percent=50, timetable=Timetable("*/2 * * * *")
    )
    watched = Watched(app)
    run_for(watched.world, 120 * MINUTE_MS)
    verdicts = [job.verdict for job in watched.jobs()]
    assert (verdicts.count("Complete"), verdicts.count("Failed")) == (3, 1)


def test_the_same_jobs_are_the_same_to_the_last_event() -> None:
    hashes = set()
    for _ in range(2):
        watched = Watched(batch(job_spec(5, 20, backoff_limit=40), 5_000, fail_percent=30))
        run_for(watched.world, 30 * MINUTE_MS)
        hashes.add(watched.world.trace_hash)
    assert len(hashes) == 1
