"""The Job controller: pods that end, again after failures, until enough have succeeded."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from kingtide.controlplane.workloads.jobs.backoff import JobBackoff, after
from kingtide.controlplane.workloads.jobs.reconcile import JobEnd, JobPods, JobStep, reconcile
from kingtide.kube.jobs import Job
from kingtide.kube.pods import OwnerReference, Pod
from kingtide.twin.cluster.client_rate import workloads_rate
from kingtide.twin.cluster.store import Store
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal
from kingtide.twin.latencies import LatencyTable
from kingtide.twin.seed import SeedTree

JobListener = Callable[[Job], None]


class Running(msgspec.Struct):
    """What is kept of one Job: its pods, how many ended, and what ended since the last look."""

    pods: dict[str, None]
    active: dict[str, None]
    succeeded: int = 0
    failed: int = 0
    succeeded_ms: list[int] = []
    failed_ms: list[int] = []
    backoff: JobBackoff = JobBackoff()
    calls: int = 0
    made: int = 0
    look_at_ms: int | None = None
    """When it is looked at next; None when nothing is set."""
    is_ending: bool = False
    """Whether it goes after its pods: nothing is done for it any more."""


class Jobs:
    """Runs Jobs; `delete` asks for a pod's graceful deletion, listeners learn when one has ended.

    Kubernetes waits with the condition Failed until the last pod of the Job has stopped; here it
    comes at once.
    """

    def __init__(
        self,
        engine: Engine,
        store: Store,
        seeds: SeedTree,
        latencies: LatencyTable,
        journal: Journal,
        delete: Callable[[Pod], None],
    ) -> None:
        self._engine = engine
        self._store = store
        self._seeds = seeds
        self._journal = journal
        self._delete = delete
        self._queue_ms = latencies.draw_ms("watch.workloads", "jobs")
        self._rate = workloads_rate(latencies, "jobs")
        self._running: dict[str, Running] = {}
        self._made: dict[str, int] = {}
        """How many pods were made for a Job that is deleted: no name of theirs comes again."""
        self._given_up: dict[str, None] = {}
        """Pods that the controller itself deletes: they do not count as failed."""
        self._ended_listeners: list[JobListener] = []
        self._listens = False

    def on_ended(self, listener: JobListener) -> None:
        """Tell a listener of every Job that is complete or has failed."""
        self._ended_listeners.append(listener)

    def add(self, job: Job, application: str) -> None:
        """Store a new Job of an application (`namespace/name`) and begin with it."""
        if not self._listens:
            self._listens = True
            self._store.on_pods(self._on_pod, counts_owners=True)
        self._store.belongs_to(job.uid, application)
        now_ms = self._engine.now_ms
        stored = self._store.put_job(
            msgspec.structs.replace(job, created_ms=now_ms, started_ms=now_ms)
        )
        self._engine.trace(f"job {job.key}")
        made = self._made.pop(job.key, 0)
        self._running[job.key] = Running({}, {}, succeeded_ms=[], failed_ms=[], made=made)
        self._look_at(stored.key, now_ms + self._queue_ms)

    def change(self, job: Job) -> None:
        """Store a Job that was changed, and have it looked at."""
        self._store.put_job(job)
        if not job.is_finished:
            self._look_at(job.key, self._engine.now_ms + self._queue_ms)

    def remove(self, key: str) -> None:
        """Delete a Job with all its pods."""
        self._delete_pods(self._forget(key))
        self._store.delete_job(self._store.jobs[key])

    def orphan(self, key: str) -> None:
        """Delete a Job alone: its pods stay and are nobody's."""
        left = self._forget(key)
        self._store.delete_job(self._store.jobs[key])
        for uid in left.pods:
            pod = self._store.pods[uid]
            if pod.deletion_ms is None:
                self._store.hand_over_pod(pod, owner=None)

    def leave(self, key: str) -> None:
        """Make a Job nobody's: its CronJob is deleted alone."""
        self._store.put_job(msgspec.structs.replace(self._store.jobs[key], owner=None))

    def _forget(self, key: str) -> Running:
        running = self._running.pop(key)
        if self._store.jobs[key].owner is None:  # a CronJob's Job has a name of its own
            self._made[key] = running.made
        return running

    def empty(self, key: str) -> None:
        """Delete the pods of a Job that is to go after them; no others come."""
        self._running[key].is_ending = True
        self._delete_pods(self._running[key])

    def _delete_pods(self, running: Running) -> None:
        for uid in tuple(running.pods):
            pod = self._store.pods[uid]
            if pod.deletion_ms is None:
                self._given_up[uid] = None
                self._delete(pod)

    # ------------------------------------------------------------ the controller

    def _look_at(self, key: str, at_ms: int) -> None:
        running = self._running[key]
        if running.look_at_ms is None or at_ms < running.look_at_ms:
            running.look_at_ms = at_ms
            self._engine.at(at_ms, EventClass.WORLD, self._look, key, at_ms)

    def _look(self, key: str, at_ms: int) -> None:
        running = self._running.get(key)
        if running is None or running.look_at_ms != at_ms:
            return  # deleted, or looked at in between
        running.look_at_ms = None
        job, now_ms = self._store.jobs[key], self._engine.now_ms
        if running.calls or job.is_finished or running.is_ending:
            return  # the last call's end asks for the next look
        running.backoff = after(running.backoff, running.succeeded_ms, running.failed_ms)
        running.succeeded_ms, running.failed_ms = [], []
        active = [self._store.pods[uid] for uid in running.active]
        pods = JobPods(active, running.succeeded, running.failed)
        step = reconcile(job, pods, running.backoff, now_ms)
        self._carry_out(key, running, step)
        if step.end is not None:
            self._end(job, running, step.end)
        elif step.look_again_ms is not None:
            self._look_at(key, max(step.look_again_ms, now_ms + 1))

    def _carry_out(self, key: str, running: Running, step: JobStep) -> None:
        for pod in step.delete:
            self._given_up[pod.uid] = None
            self._call(key, running, pod.uid)
        for _ in range(step.create):
            self._call(key, running, None)

    def _end(self, job: Job, running: Running, end: JobEnd) -> None:
        now_ms = self._engine.now_ms
        ended = self._store.put_job(
            msgspec.structs.replace(
                job,
                succeeded=running.succeeded,
                failed=running.failed,
                verdict=end.verdict,
                reason=end.reason,
                message=end.message,
                finished_ms=now_ms,
            )
        )
        self._engine.trace(f"job {job.key} {end.verdict}")
        if end.verdict == "Failed":
            self._journal.mark("job_failed", job.key, f"{job.key}: {end.message}", "warning")
        keep_seconds = job.spec.ttl_seconds_after_finished
        if keep_seconds is not None:
            self._engine.after(1000 * keep_seconds, EventClass.WORLD, self._expire, job.key)
        for listener in self._ended_listeners:
            listener(ended)

    def _expire(self, key: str) -> None:
        if key in self._running:
            self.remove(key)

    def _call(self, key: str, running: Running, uid: str | None) -> None:
        """Make one call as soon as the client's rate allows: a deletion, or (None) a creation."""
        running.calls += 1
        at_ms = self._rate.reserve(self._engine.now_ms)
        self._engine.at(at_ms, EventClass.WORLD, self._called, key, uid)

    def _called(self, key: str, uid: str | None) -> None:
        running = self._running.get(key)
        if running is None:
            return  # the Job was deleted meanwhile, and its pods with it
        running.calls -= 1
        pod = None if uid is None else self._store.pods.get(uid)
        if uid is None and not running.is_ending:
            self._store.create_pod(self._make_pod(self._store.jobs[key], running))
        elif pod is not None and pod.deletion_ms is None:
            self._delete(pod)
        if running.calls == 0:
            self._look_at(key, self._engine.now_ms + self._queue_ms)

    def _make_pod(self, job: Job, running: Running) -> Pod:
        running.made += 1
        template, name = job.spec.template, f"{job.name}-{running.made:05d}"
        return Pod(
            namespace=job.namespace,
            name=name,
            uid=f"{self._seeds.draw('pod/uid', f'{job.namespace}/{name}'):016x}",
            spec=template.spec,
            labels=template.labels,
            annotations=template.annotations,
            created_ms=self._engine.now_ms,
            owner=OwnerReference("Job", job.name, job.uid, "batch/v1"),
        )

    # ------------------------------------------------------------ from the store

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        if pod is None or pod.owner is None or pod.owner.kind != "Job":
            return
        key = f"{pod.namespace}/{pod.owner.name}"
        running = self._running.get(key)
        if running is None:
            if new is None:
                self._given_up.pop(pod.uid, None)
            return
        if new is None:
            running.pods.pop(pod.uid, None)
        else:
            running.pods[new.uid] = None
        if new is not None and new.deletion_ms is None and not new.is_terminal:
            running.active[new.uid] = None
        elif pod.uid in running.active:
            del running.active[pod.uid]
            self._count(running, pod)
            self._look_at(key, self._engine.now_ms + self._queue_ms)
        if new is None:
            self._given_up.pop(pod.uid, None)

    def _count(self, running: Running, pod: Pod) -> None:
        """A pod has ended, or will: one that is deleted or lost counts as failed."""
        if pod.phase == "Succeeded":
            running.succeeded += 1
            running.succeeded_ms.append(self._engine.now_ms)
        elif pod.uid not in self._given_up:
            running.failed += 1
            running.failed_ms.append(self._engine.now_ms)
