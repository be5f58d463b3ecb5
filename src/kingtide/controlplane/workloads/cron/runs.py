"""One look at a CronJob: which run is due, and what stands in its way.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/cronjob/cronjob_controllerv2.go,
syncCronJob, and utils.go, mostRecentScheduleTime and nextScheduleTimeDuration.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.controlplane.workloads.cron.fields import CronSchedule
from kingtide.controlplane.workloads.cron.schedule import next_run_ms
from kingtide.kube.jobs import CronJob

TOO_MANY_MISSED = 100
"""Above this many missed runs the controller warns; it starts the latest all the same."""

LOOK_AFTER_MS = 100
"""How long after a run's time the controller looks, so as not to look too early
(nextScheduleDelta)."""

CronVerdict = Literal["", "missed deadline", "started already", "still running", "suspended"]


class CronStep(msgspec.Struct, frozen=True, gc=False):
    """What a look at a CronJob leads to.

    `run_ms` is the time of the run to be started, None when there is none, and then `held_back`
    says why one that is due is not; `replace_active` deletes the Jobs that still run first.
    `look_again_ms` is None for a schedule that never comes. `missed` counts the runs that are due,
    roughly where the schedule is uneven.
    """

    run_ms: int | None = None
    replace_active: bool = False
    held_back: CronVerdict = ""
    look_again_ms: int | None = None
    missed: int = 0

    @property
    def warns_of_missed(self) -> bool:
        """Whether the controller says that too many runs were missed."""
        return self.missed > TOO_MANY_MISSED


class Due(msgspec.Struct, frozen=True, gc=False):
    """The latest run that is due (None for none) and how many are; `from_ms` is what was before."""

    from_ms: int
    run_ms: int | None = None
    missed: int = 0


def job_name(cron_job: CronJob, run_ms: int) -> str:
    """Return the name of a run's Job, by its minute, so that no run is started twice."""
    return f"{cron_job.name}-{run_ms // 60_000}"


def look(
    cron_job: CronJob, schedule: CronSchedule, active: int, now_ms: int, *, last_run_exists: bool
) -> CronStep:
    """Return what a CronJob does now.

    `active` are its Jobs that have not ended; `last_run_exists` says whether the due run's Job is
    among them already.
    """
    if cron_job.suspend:
        return CronStep(held_back="suspended")
    due = due_run(cron_job, schedule, now_ms)
    ever = due_run(cron_job, schedule, now_ms, within_deadline=False)
    base_ms = ever.from_ms if ever.run_ms is None else ever.run_ms
    next_ms = next_run_ms(schedule, base_ms, cron_job.time_zone)
    later_ms = None if next_ms is None else next_ms + LOOK_AFTER_MS

    def held_back(why: CronVerdict) -> CronStep:
        return CronStep(held_back=why, look_again_ms=later_ms, missed=due.missed)

    if due.run_ms is None:
        return held_back("" if ever.run_ms is None else "missed deadline")
    if last_run_exists or cron_job.last_schedule_ms == due.run_ms:
        return held_back("started already")
    if cron_job.concurrency_policy == "Forbid" and active:
        return held_back("still running")
    return CronStep(
        run_ms=due.run_ms,
        replace_active=cron_job.concurrency_policy == "Replace" and active > 0,
        look_again_ms=later_ms,
        missed=due.missed,
    )


def due_run(
    cron_job: CronJob, schedule: CronSchedule, now_ms: int, *, within_deadline: bool = True
) -> Due:
    """Return the latest run between the last one (or the creation) and now.

    Runs in between are not made up for. `within_deadline` leaves out those before the starting
    deadline.
    """
    from_ms = cron_job.created_ms
    if cron_job.last_schedule_ms is not None:
        from_ms = cron_job.last_schedule_ms
    deadline = cron_job.starting_deadline_seconds
    if within_deadline and deadline is not None:
        from_ms = max(from_ms, now_ms - 1000 * deadline)
    zone = cron_job.time_zone
    first_ms = next_run_ms(schedule, from_ms, zone)
    if first_ms is None or now_ms < first_ms:
        return Due(from_ms)
    second_ms = next_run_ms(schedule, first_ms, zone)
    if second_ms is None or now_ms < second_ms:
        return Due(from_ms, first_ms, 1)
    # Where a schedule is uneven this counts roughly, and starts to look one interval early.
    between_ms = second_ms - first_ms
    missed = (now_ms - first_ms) // between_ms + 1
    latest_ms: int | None = None
    at_ms = next_run_ms(schedule, first_ms + (missed - 2) * between_ms, zone)
    while at_ms is not None and at_ms <= now_ms:
        latest_ms = at_ms
        at_ms = next_run_ms(schedule, at_ms, zone)
    return Due(from_ms, latest_ms, missed)
