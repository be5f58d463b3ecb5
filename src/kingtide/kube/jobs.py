"""Work that ends: Jobs and the CronJobs that make them.

Defaults are the API's. Source:
https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/ and
https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.kube.pods import OwnerReference, PodTemplate

ConcurrencyPolicy = Literal["Allow", "Forbid", "Replace"]
JobVerdict = Literal["", "Complete", "Failed"]


class JobSpec(msgspec.Struct, frozen=True, gc=False):
    """What a Job is to do.

    `completions` None is a work queue: the first pod that succeeds means that no further one is
    started. `active_deadline_seconds` None is no limit of time; `ttl_seconds_after_finished` None
    keeps the finished Job until somebody deletes it.
    """

    template: PodTemplate
    parallelism: int = 1
    completions: int | None = 1
    backoff_limit: int = 6
    active_deadline_seconds: int | None = None
    ttl_seconds_after_finished: int | None = None
    suspend: bool = False


class Job(msgspec.Struct, frozen=True, gc=False):
    """A Job with its status.

    `verdict` is the finishing condition that is True, empty while it runs, and `reason` that
    condition's. Times in milliseconds since the epoch, None before the moment.
    """

    namespace: str
    name: str
    uid: str
    spec: JobSpec
    owner: OwnerReference | None = None
    created_ms: int = 0
    started_ms: int | None = None
    finished_ms: int | None = None
    succeeded: int = 0
    failed: int = 0
    verdict: JobVerdict = ""
    reason: str = ""
    message: str = ""
    resource_version: int = 0
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"

    @property
    def is_finished(self) -> bool:
        """Whether it is Complete or Failed."""
        return self.verdict != ""


class CronJob(msgspec.Struct, frozen=True, gc=False):
    """A Job on a timetable.

    `time_zone` None is the zone of kube-controller-manager, for which UTC is taken here;
    `starting_deadline_seconds` None lets a missed run start however late; `last_schedule_ms` None
    before the first run.
    """

    namespace: str
    name: str
    uid: str
    schedule: str
    job: JobSpec
    time_zone: str | None = None
    concurrency_policy: ConcurrencyPolicy = "Allow"
    starting_deadline_seconds: int | None = None
    suspend: bool = False
    successful_jobs_history_limit: int = 3
    failed_jobs_history_limit: int = 1
    created_ms: int = 0
    last_schedule_ms: int | None = None
    resource_version: int = 0
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"
