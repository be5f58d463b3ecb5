"""What kind of workload an application is, how it is replaced and how it is protected.

In Kubernetes' own words where it has them:
https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/ (v1.36).
"""

from __future__ import annotations

from typing import Literal

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import (
    Count,
    NumberOrPercentage,
    Percent,
    PositiveCount,
    PositiveSeconds,
    Seconds,
    Switch,
)
from kingtide.fleet.models.amounts import Amounts
from kingtide.rehearsal.scenario.latency_model import Latency
from kingtide.rehearsal.scenario.local_time import LocalTime, Timezone


class DisruptionBudget(Written):
    """A PodDisruptionBudget about the application's pods."""

    min_available: NumberOrPercentage | None = None
    """How many pods must stay healthy, as a number or a percentage of the replicas."""
    max_unavailable: NumberOrPercentage | None = None
    """How many may be away, instead of `minAvailable`."""
    unhealthy_pod_eviction_policy: Literal["IfHealthyBudget", "AlwaysAllow"] = "IfHealthyBudget"
    """Whether pods that are not Ready may always be evicted."""


class Strategy(Written):
    """How a Deployment's pods are replaced when their template changes."""

    type: Literal["RollingUpdate", "Recreate"] = "RollingUpdate"
    """Whether old pods stay until new ones have come."""
    max_surge: NumberOrPercentage = "25%"
    """Pods above the replicas."""
    max_unavailable: NumberOrPercentage = "25%"
    """Pods of the replicas that may be unavailable."""
    min_ready: Seconds = 0
    """How long a pod must be Ready to count as available."""
    progress_deadline: PositiveSeconds = 600
    """How long a rollout may stand still before it is said to stall."""


class Rollout(Written):
    """Another pod template from a time on: a release in the middle of the evening."""

    at: LocalTime
    """When the template changes."""
    requests: Amounts | None = None
    """What a new pod requests; None for what the application's do."""
    limits: Amounts | None = None
    """Where a new pod is limited; None for as the application's are."""


class StatefulSet(Written):
    """What makes a StatefulSet of an application."""

    pod_management_policy: Literal["OrderedReady", "Parallel"] = "OrderedReady"
    """Whether pods come and go one by one."""
    update_strategy: Literal["RollingUpdate", "OnDelete"] = "RollingUpdate"
    """Whether pods are replaced when their template changes."""
    partition: Count = 0
    """Pods with a lower ordinal keep their template."""
    max_unavailable: NumberOrPercentage = 1
    """How many pods an update may take at once."""
    min_ready: Seconds = 0
    """How long a pod must be Ready before the next one's turn."""


class Schedule(Written):
    """When a CronJob runs."""

    cron: str
    """Minute, hour, day of month, month, day of week: `*/15 * * * *`; or a name as `@hourly`."""
    time_zone: Timezone | None = None
    """The zone of these times; None for UTC."""
    concurrency_policy: Literal["Allow", "Forbid", "Replace"] = "Allow"
    """What becomes of a run while the last one still works."""
    starting_deadline: PositiveSeconds | None = None
    """How late a run may start; None for however late."""
    successful_jobs_history_limit: Count = 3
    """How many Jobs that completed are kept."""
    failed_jobs_history_limit: Count = 1
    """How many Jobs that failed are kept."""


class Job(Written):
    """What makes a Job of an application, or with a schedule a CronJob."""

    runs_for: Latency
    """How long a pod works, from its containers' start."""
    fails: Percent | None = None
    """The share of its pods that end in failure; None for none."""
    parallelism: Count = 1
    """Pods that work at the same time."""
    completions: PositiveCount = 1
    """Pods that must succeed."""
    work_queue: Switch = False
    """The first pod that succeeds means that no further one is needed, instead of completions."""
    backoff_limit: Count = 6
    """Failures after which it is given up."""
    active_deadline: PositiveSeconds | None = None
    """How long it may take; None for any time."""
    ttl_after_finished: Seconds | None = None
    """How long it is kept once it has ended; None for good."""
    begins: LocalTime | None = None
    """When it is created, unless it has a schedule; None for the start."""
    schedule: Schedule | None = None
    """When it runs again and again; None for once."""
