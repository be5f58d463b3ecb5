"""The CronJob controller: Jobs when their time comes, and no more of them than are to be kept."""

from __future__ import annotations

import msgspec

from kingtide.controlplane.workloads.cron.fields import CronSchedule, parse_schedule
from kingtide.controlplane.workloads.cron.runs import TOO_MANY_MISSED, CronStep, job_name, look
from kingtide.kube.jobs import CronJob, Job, JobVerdict
from kingtide.kube.pods import OwnerReference
from kingtide.twin.cluster.jobs import Jobs
from kingtide.twin.cluster.store import Store
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal


class CronJobs:
    """Looks at each CronJob when a run is due and whenever one of its Jobs ends."""

    def __init__(self, engine: Engine, store: Store, journal: Journal, jobs: Jobs) -> None:
        self._engine = engine
        self._store = store
        self._journal = journal
        self._jobs = jobs
        self._schedules: dict[str, CronSchedule] = {}
        self._of: dict[str, dict[str, None]] = {}
        """Keys of a CronJob's Jobs, the oldest first."""
        self._alarm_ms: dict[str, int] = {}
        self._ending: dict[str, None] = {}
        """CronJobs that go after their Jobs' pods: no other runs."""
        jobs.on_ended(self._on_ended)

    def add(self, cron_job: CronJob) -> None:
        """Store a new CronJob; its first run is the first one from now on.

        Raises:
            UnreadableSchedule: its schedule is none, or its time zone does not exist.
        """
        key = cron_job.key
        self._schedules[key] = parse_schedule(cron_job.schedule)
        self._of[key] = {}
        self._store.put_cron_job(msgspec.structs.replace(cron_job, created_ms=self._engine.now_ms))
        self._look(key)

    def change(self, cron_job: CronJob) -> None:
        """Store a CronJob that was changed; one that may go on looks what it has missed.

        Raises:
            UnreadableSchedule: its schedule is none, or its time zone does not exist.
        """
        key, before = cron_job.key, self._store.cron_jobs[cron_job.key]
        schedule = parse_schedule(cron_job.schedule)
        self._schedules[key] = schedule
        self._store.put_cron_job(cron_job)
        is_another = (before.schedule, before.time_zone) != (cron_job.schedule, cron_job.time_zone)
        if is_another:
            self._alarm_ms.pop(key, None)
        if is_another or (before.suspend and not cron_job.suspend):
            self._look(key)

    def remove(self, cron_job: CronJob) -> None:
        """Delete a CronJob with its Jobs and their pods."""
        for name in self._drop(cron_job):
            self._jobs.remove(name)

    def orphan(self, cron_job: CronJob) -> None:
        """Delete a CronJob alone: its Jobs stay and are nobody's."""
        for name in self._drop(cron_job):
            self._jobs.leave(name)

    def empty(self, cron_job: CronJob) -> None:
        """Delete the Jobs of a CronJob that is to go after their pods; no others come."""
        key = cron_job.key
        self._ending[key] = None
        for name in self._known(key):
            self._jobs.empty(name)

    def _drop(self, cron_job: CronJob) -> list[str]:
        """Delete a CronJob and return the keys of its Jobs."""
        key = cron_job.key
        names = self._known(key)
        self._store.delete_cron_job(cron_job)
        del self._schedules[key], self._of[key]
        self._alarm_ms.pop(key, None)
        self._ending.pop(key, None)
        return names

    def _look(self, key: str) -> None:
        now_ms = self._engine.now_ms
        cron_job = self._store.cron_jobs.get(key)
        if cron_job is None or key in self._ending:
            return  # deleted meanwhile, or nearly
        active = [name for name in self._known(key) if not self._store.jobs[name].is_finished]
        schedule = self._schedules[key]
        step = look(cron_job, schedule, len(active), now_ms, last_run_exists=False)
        if step.run_ms is not None:
            self._run(cron_job, step, step.run_ms, active)
        elif step.held_back == "still running":
            self._journal.mark("job_held_back", key, f"{key} waits, its last Job still runs")
        if step.warns_of_missed:
            message = f"{key} missed {step.missed} runs, more than {TOO_MANY_MISSED}"
            self._journal.mark("runs_missed", key, message, "warning")
        if step.look_again_ms is not None and self._alarm_ms.get(key, -1) < step.look_again_ms:
            self._alarm_ms[key] = step.look_again_ms
            self._engine.at(step.look_again_ms, EventClass.WORLD, self._look, key)

    def _run(self, cron_job: CronJob, step: CronStep, run_ms: int, active: list[str]) -> None:
        key = cron_job.key
        if step.replace_active:
            for name in active:
                self._forget(key, name)
        name = job_name(cron_job, run_ms)
        job = Job(
            namespace=cron_job.namespace,
            name=name,
            uid=f"job/{cron_job.namespace}/{name}",
            spec=cron_job.job,
            owner=OwnerReference("CronJob", cron_job.name, cron_job.uid, "batch/v1"),
        )
        self._of[key][job.key] = None
        self._jobs.add(job, key)
        self._store.put_cron_job(msgspec.structs.replace(cron_job, last_schedule_ms=run_ms))

    def _on_ended(self, job: Job) -> None:
        if job.owner is None or job.owner.kind != "CronJob":
            return
        key = f"{job.namespace}/{job.owner.name}"
        cron_job = self._store.cron_jobs.get(key)
        if cron_job is None:
            return
        self._keep(key, "Complete", cron_job.successful_jobs_history_limit)
        self._keep(key, "Failed", cron_job.failed_jobs_history_limit)
        self._engine.after(0, EventClass.WORLD, self._look, key)

    def _keep(self, key: str, verdict: JobVerdict, limit: int) -> None:
        """Delete all but the latest Jobs that ended so."""
        ended = [name for name in self._known(key) if self._store.jobs[name].verdict == verdict]
        for name in ended[: max(0, len(ended) - limit)]:
            self._forget(key, name)

    def _known(self, key: str) -> list[str]:
        """Return the keys of a CronJob's Jobs; those that have expired are dropped."""
        for name in [name for name in self._of[key] if name not in self._store.jobs]:
            del self._of[key][name]
        return list(self._of[key])

    def _forget(self, key: str, name: str) -> None:
        del self._of[key][name]
        self._jobs.remove(name)
