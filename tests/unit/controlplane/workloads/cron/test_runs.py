"""Expected values: pkg/controller/cronjob/utils.go and cronjob_controllerv2.go (v1.36), by hand."""

import msgspec
import pytest
from whenever import PlainDateTime

from kingtide.controlplane.workloads.cron.fields import parse_schedule
from kingtide.controlplane.workloads.cron.runs import CronStep, due_run, job_name, look
from kingtide.kube.jobs import CronJob, JobSpec
from kingtide.kube.pods import Container, PodSpec, PodTemplate


def ms(time: str) -> int:
    return PlainDateTime.parse_iso(f"2026-05-19T{time}").assume_utc().timestamp(unit="millisecond")


MINUTE_MS = 60_000
HOURLY = CronJob(
    "shop",
    "report",
    "cronjob/report",
    "0 * * * *",
    JobSpec(PodTemplate({}, PodSpec((Container("c"),)))),
    created_ms=ms("08:30:00"),
)


def changed(**changes: object) -> CronJob:
    return msgspec.structs.replace(HOURLY, **changes)


def at(cron_job: CronJob, time: str, active: int = 0, *, exists: bool = False) -> CronStep:
    schedule = parse_schedule(cron_job.schedule)
    return look(cron_job, schedule, active, ms(time), last_run_exists=exists)


def test_nothing_is_due_before_the_first_time() -> None:
    assert at(HOURLY, "08:59:59") == CronStep(look_again_ms=ms("09:00:00") + 100)


def test_a_run_starts_at_its_time() -> None:
    step = at(HOURLY, "09:00:00")
    assert (step.run_ms, step.missed) == (ms("09:00:00"), 1)
    assert step.look_again_ms == ms("10:00:00") + 100


def test_of_runs_that_were_missed_only_the_latest_starts() -> None:
    step = at(changed(last_schedule_ms=ms("09:00:00")), "13:20:00")
    assert (step.run_ms, step.missed) == (ms("13:00:00"), 4)
    assert not step.warns_of_missed


def test_a_job_is_named_by_the_minute_of_its_run() -> None:
    assert job_name(HOURLY, ms("09:00:00")) == f"report-{ms('09:00:00') // MINUTE_MS}"


@pytest.mark.parametrize(
    ("policy", "active", "expected"),
    [
        pytest.param("Allow", 2, (ms("10:00:00"), False, ""), id="allow"),
        pytest.param("Forbid", 0, (ms("10:00:00"), False, ""), id="forbid, none runs"),
        pytest.param("Forbid", 1, (None, False, "still running"), id="forbid, one runs"),
        pytest.param("Replace", 1, (ms("10:00:00"), True, ""), id="replace"),
        pytest.param("Replace", 0, (ms("10:00:00"), False, ""), id="replace, none runs"),
    ],
)
def test_runs_that_overlap(
    policy: str, active: int, expected: tuple[int | None, bool, str]
) -> None:
    it = changed(concurrency_policy=policy, last_schedule_ms=ms("09:00:00"))
    step = at(it, "10:00:00", active)
    assert (step.run_ms, step.replace_active, step.held_back) == expected


def test_a_forbidden_run_starts_late_once_the_other_has_ended() -> None:
    it = changed(concurrency_policy="Forbid", last_schedule_ms=ms("09:00:00"))
    assert at(it, "10:00:00", 1).held_back == "still running"
    assert at(it, "10:40:00").run_ms == ms("10:00:00")


@pytest.mark.parametrize(
    ("time", "run"),
    [
        pytest.param("09:03:19", True, id="before the deadline"),
        pytest.param("09:03:20", False, id="at the deadline"),
    ],
)
def test_a_run_is_not_started_after_its_deadline(time: str, *, run: bool) -> None:
    it = changed(starting_deadline_seconds=200)
    step = at(it, time)
    assert (step.run_ms is not None) is run
    assert step.held_back == ("" if run else "missed deadline")
    assert step.look_again_ms == ms("10:00:00") + 100


def test_what_is_started_is_not_started_again() -> None:
    it = changed(last_schedule_ms=ms("09:00:00"))
    assert at(it, "09:30:00").run_ms is None
    again = at(HOURLY, "09:30:00", 1, exists=True)
    assert (again.run_ms, again.held_back) == (None, "started already")


def test_a_suspended_one_does_nothing_and_is_not_looked_at_again() -> None:
    assert at(changed(suspend=True), "09:00:00") == CronStep(held_back="suspended")


@pytest.mark.parametrize(
    ("missed", "warns"),
    [pytest.param(100, False, id="a hundred"), pytest.param(101, True, id="one more")],
)
def test_more_than_a_hundred_missed_runs_are_warned_of_and_the_latest_starts(
    missed: int, *, warns: bool
) -> None:
    it = changed(schedule="* * * * *")
    now_ms = it.created_ms + missed * MINUTE_MS
    step = look(it, parse_schedule(it.schedule), 0, now_ms, last_run_exists=False)
    assert (step.run_ms, step.missed, step.warns_of_missed) == (now_ms, missed, warns)


def test_a_starting_deadline_bounds_what_counts_as_missed() -> None:
    it = changed(schedule="* * * * *", starting_deadline_seconds=180)
    now_ms = it.created_ms + 500 * MINUTE_MS
    assert look(it, parse_schedule(it.schedule), 0, now_ms, last_run_exists=False).missed == 3


@pytest.mark.parametrize(
    ("time", "run"),
    [
        pytest.param("17:00:00", "14:30:00", id="found"),
        pytest.param("20:00:00", None, id="late, the source's arithmetic steps over it"),
    ],
)
def test_an_uneven_schedule_is_looked_through_from_a_guess(time: str, run: str | None) -> None:
    """The source's own example of an uneven one."""
    it = changed(schedule="30 6-16/4 * * 1-5", created_ms=ms("05:00:00"))
    due = due_run(it, parse_schedule(it.schedule), ms(time))
    assert due.run_ms == (None if run is None else ms(run))


def test_a_schedule_that_never_comes_is_never_looked_at_again() -> None:
    assert at(changed(schedule="0 0 30 2 *"), "09:00:00") == CronStep()
