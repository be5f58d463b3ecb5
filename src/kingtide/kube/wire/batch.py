"""Jobs and CronJobs, to and from the API's form."""

from __future__ import annotations

from typing import Any

import msgspec

from kingtide.kube.jobs import ConcurrencyPolicy, CronJob, Job, JobSpec, JobVerdict
from kingtide.kube.wire.conditions import WireCondition
from kingtide.kube.wire.metadata import WireMetadata, object_metadata
from kingtide.kube.wire.pod_spec_body import template_body
from kingtide.kube.wire.pods import WireTemplate
from kingtide.kube.wire.times import time_ms, time_text


class _JobSpec(msgspec.Struct, rename="camel", frozen=True, gc=False):
    template: WireTemplate
    parallelism: int | None = None
    completions: int | None = None
    backoff_limit: int = 6
    active_deadline_seconds: int | None = None
    ttl_seconds_after_finished: int | None = None
    suspend: bool | None = False

    def value(self) -> JobSpec:
        """Return what the Job is to do; with neither field written, both are 1."""
        completions = self.completions
        if completions is None and self.parallelism is None:
            completions = 1
        return JobSpec(
            self.template.value(),
            1 if self.parallelism is None else self.parallelism,
            completions,
            self.backoff_limit,
            self.active_deadline_seconds,
            self.ttl_seconds_after_finished,
            bool(self.suspend),
        )


class _JobStatus(msgspec.Struct, rename="camel", frozen=True, gc=False):
    start_time: str | None = None
    succeeded: int = 0
    failed: int = 0
    conditions: tuple[WireCondition, ...] | None = None


class _WireJob(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    spec: _JobSpec
    status: _JobStatus = _JobStatus()


class _JobTemplate(msgspec.Struct, rename="camel", frozen=True, gc=False):
    spec: _JobSpec


class _CronJobSpec(msgspec.Struct, rename="camel", frozen=True, gc=False):
    schedule: str
    job_template: _JobTemplate
    time_zone: str | None = None
    concurrency_policy: ConcurrencyPolicy = "Allow"
    starting_deadline_seconds: int | None = None
    suspend: bool | None = False
    successful_jobs_history_limit: int = 3
    failed_jobs_history_limit: int = 1


class _CronJobStatus(msgspec.Struct, rename="camel", frozen=True, gc=False):
    last_schedule_time: str | None = None


class _WireCronJob(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    spec: _CronJobSpec
    status: _CronJobStatus = _CronJobStatus()


_JOB = msgspec.json.Decoder(_WireJob)
_CRON_JOB = msgspec.json.Decoder(_WireCronJob)
_VERDICTS: tuple[JobVerdict, ...] = ("Complete", "Failed")


def read_job(written: bytes | memoryview) -> Job:
    """Return the Job of a JSON text.

    Raises:
        ValueError: it is none.
    """
    found = _JOB.decode(written)
    metadata, status = found.metadata, found.status
    held = {it.type: it.value() for it in status.conditions or () if it.status == "True"}
    verdict: JobVerdict = next((it for it in _VERDICTS if it in held), "")
    ended = held.get(verdict)
    return Job(
        namespace=metadata.namespace or "default",
        name=metadata.name,
        uid=metadata.uid,
        spec=found.spec.value(),
        owner=metadata.owner,
        created_ms=metadata.created_ms,
        started_ms=time_ms(status.start_time),
        finished_ms=None if ended is None else ended.since_ms,
        succeeded=status.succeeded,
        failed=status.failed,
        verdict=verdict,
        reason="" if ended is None else ended.reason,
        message="" if ended is None else ended.message,
        resource_version=metadata.revision,
        labels=metadata.labels or {},
        annotations=metadata.annotations or {},
    )


def read_cron_job(written: bytes | memoryview) -> CronJob:
    """Return the CronJob of a JSON text.

    Raises:
        ValueError: it is none.
    """
    found = _CRON_JOB.decode(written)
    metadata, spec = found.metadata, found.spec
    return CronJob(
        namespace=metadata.namespace or "default",
        name=metadata.name,
        uid=metadata.uid,
        schedule=spec.schedule,
        job=spec.job_template.spec.value(),
        time_zone=spec.time_zone,
        concurrency_policy=spec.concurrency_policy,
        starting_deadline_seconds=spec.starting_deadline_seconds,
        suspend=bool(spec.suspend),
        successful_jobs_history_limit=spec.successful_jobs_history_limit,
        failed_jobs_history_limit=spec.failed_jobs_history_limit,
        created_ms=metadata.created_ms,
        last_schedule_ms=time_ms(found.status.last_schedule_time),
        resource_version=metadata.revision,
        labels=metadata.labels or {},
        annotations=metadata.annotations or {},
    )


def _spec_body(it: JobSpec) -> dict[str, Any]:
    body: dict[str, Any] = {
        "parallelism": it.parallelism,
        "backoffLimit": it.backoff_limit,
        "suspend": it.suspend,
        "template": template_body(it.template),
    }
    if it.completions is not None:
        body["completions"] = it.completions
    if it.active_deadline_seconds is not None:
        body["activeDeadlineSeconds"] = it.active_deadline_seconds
    if it.ttl_seconds_after_finished is not None:
        body["ttlSecondsAfterFinished"] = it.ttl_seconds_after_finished
    return body


def job_body(it: Job) -> dict[str, Any]:
    """Return a Job as the API writes it."""
    status: dict[str, Any] = {}
    if it.started_ms is not None:
        status["startTime"] = time_text(it.started_ms)
    if it.succeeded:
        status["succeeded"] = it.succeeded
    if it.failed:
        status["failed"] = it.failed
    if it.verdict and it.finished_ms is not None:
        ended = time_text(it.finished_ms)
        condition = {"type": it.verdict, "status": "True", "lastTransitionTime": ended}
        status["conditions"] = [condition | {"reason": it.reason, "message": it.message}]
        if it.verdict == "Complete":
            status["completionTime"] = ended
    metadata = object_metadata(it, owner=it.owner)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata,
        "spec": _spec_body(it.spec),
        "status": status,
    }


def cron_job_body(it: CronJob) -> dict[str, Any]:
    """Return a CronJob as the API writes it."""
    spec: dict[str, Any] = {
        "schedule": it.schedule,
        "concurrencyPolicy": it.concurrency_policy,
        "suspend": it.suspend,
        "successfulJobsHistoryLimit": it.successful_jobs_history_limit,
        "failedJobsHistoryLimit": it.failed_jobs_history_limit,
        "jobTemplate": {"spec": _spec_body(it.job)},
    }
    if it.time_zone is not None:
        spec["timeZone"] = it.time_zone
    if it.starting_deadline_seconds is not None:
        spec["startingDeadlineSeconds"] = it.starting_deadline_seconds
    status: dict[str, Any] = {}
    if it.last_schedule_ms is not None:
        status["lastScheduleTime"] = time_text(it.last_schedule_ms)
    metadata = object_metadata(it)
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": metadata,
        "spec": spec,
        "status": status,
    }
