"""One look at a Job. Completion modes other than NonIndexed are left out: they only name pods.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/job/job_controller.go,
syncJob and manageJob.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kingtide.controlplane.workloads.deletion import pods_to_delete
from kingtide.controlplane.workloads.jobs.backoff import JobBackoff, remaining_ms
from kingtide.kube.jobs import Job, JobSpec, JobVerdict
from kingtide.kube.pods import Pod

MAX_CALLS = 500
"""The most pods created or deleted in one look (MaxPodCreateDeletePerSync)."""


class JobPods(msgspec.Struct, frozen=True):
    """A Job's pods: those that run or wait, and how many have ended since it started.

    A pod that is being deleted and has not succeeded counts as failed at once, as with
    podReplacementPolicy TerminatingOrFailed, the default.
    """

    active: Sequence[Pod] = ()
    succeeded: int = 0
    failed: int = 0


class JobEnd(msgspec.Struct, frozen=True, gc=False):
    """How a Job ends: which condition becomes True, and why."""

    verdict: JobVerdict
    reason: str
    message: str


class JobStep(msgspec.Struct, frozen=True):
    """How many pods to create, which to delete, and whether the Job has ended.

    `look_again_ms` is when to look though nothing happened, None for never. An ended Job's pods
    that still run are among those to be deleted.
    """

    create: int = 0
    delete: tuple[Pod, ...] = ()
    end: JobEnd | None = None
    look_again_ms: int | None = None


BACKOFF_LIMIT_EXCEEDED = JobEnd(
    "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit"
)
DEADLINE_EXCEEDED = JobEnd(
    "Failed", "DeadlineExceeded", "Job was active longer than specified deadline"
)
COMPLETE = JobEnd("Complete", "CompletionsReached", "Reached expected number of succeeded pods")


def reconcile(job: Job, pods: JobPods, backoff: JobBackoff, now_ms: int) -> JobStep:
    """Return the next step of a Job that has not ended."""
    spec = job.spec
    deadline_ms = _deadline_ms(job)
    end = _end(spec, pods, late=deadline_ms is not None and now_ms >= deadline_ms)
    if end is not None:
        return JobStep(delete=tuple(pods.active), end=end)
    if spec.suspend:
        return JobStep(delete=tuple(pods.active)[:MAX_CALLS])
    wanted = wanted_active(spec, len(pods.active), pods.succeeded)
    surplus = len(pods.active) - wanted
    if surplus > 0:
        gone = pods_to_delete(pods.active, min(surplus, MAX_CALLS), now_ms)
        return JobStep(delete=tuple(gone), look_again_ms=deadline_ms)
    if surplus == 0:
        return JobStep(look_again_ms=deadline_ms)
    wait_ms = remaining_ms(backoff, now_ms)
    if wait_ms:
        again_ms = now_ms + wait_ms
        return JobStep(
            look_again_ms=again_ms if deadline_ms is None else min(again_ms, deadline_ms)
        )
    return JobStep(create=min(-surplus, MAX_CALLS), look_again_ms=deadline_ms)


def wanted_active(spec: JobSpec, active: int, succeeded: int) -> int:
    """Return how many pods should run: never more than parallelism, nor than are still to succeed.

    A work queue starts no further pod after its first success and lets the others finish.
    """
    if spec.completions is None:
        return active if succeeded else spec.parallelism
    return max(0, min(spec.completions - succeeded, spec.parallelism))


def _end(spec: JobSpec, pods: JobPods, *, late: bool) -> JobEnd | None:
    if pods.failed > spec.backoff_limit:
        return BACKOFF_LIMIT_EXCEEDED
    if late and not spec.suspend:
        return DEADLINE_EXCEEDED
    if spec.completions is None:
        return COMPLETE if pods.succeeded and not pods.active else None
    return COMPLETE if pods.succeeded >= spec.completions else None


def _deadline_ms(job: Job) -> int | None:
    if job.spec.active_deadline_seconds is None or job.started_ms is None:
        return None
    return job.started_ms + 1000 * job.spec.active_deadline_seconds
