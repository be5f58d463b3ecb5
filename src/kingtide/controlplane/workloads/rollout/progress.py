"""Whether a rollout gets on: the Progressing condition of a Deployment.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/deployment/progress.go
and util/deployment_util.go, DeploymentComplete, DeploymentProgressing and DeploymentTimedOut.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.kube.pods import ConditionStatus
from kingtide.kube.workloads import Deployment

ProgressReason = Literal[
    "ReplicaSetUpdated",
    "NewReplicaSetAvailable",
    "ProgressDeadlineExceeded",
    "DeploymentPaused",
    "DeploymentResumed",
]


class RolloutStatus(msgspec.Struct, frozen=True, gc=False):
    """A Deployment's pods: all, those of the current template, Ready ones, available ones."""

    replicas: int
    updated: int
    ready: int
    available: int


class Progress(msgspec.Struct, frozen=True, gc=False):
    """The Progressing condition; `updated_ms` is lastUpdateTime, from which the deadline runs."""

    reason: ProgressReason
    updated_ms: int
    message: str = ""

    @property
    def is_progressing(self) -> bool:
        """Whether it is not said to stall: only a missed deadline says so."""
        return self.reason != "ProgressDeadlineExceeded"

    @property
    def status(self) -> ConditionStatus:
        """The condition's status; nobody knows how a paused rollout would get on."""
        if self.reason in ("DeploymentPaused", "DeploymentResumed"):
            return "Unknown"
        return "True" if self.is_progressing else "False"


def is_complete(deployment: Deployment, status: RolloutStatus) -> bool:
    """Return whether all wanted pods, and no others, are of the current template and available."""
    wanted = deployment.replicas
    return (status.updated, status.replicas, status.available) == (wanted, wanted, wanted)


def paused_or_resumed(
    deployment: Deployment, known: Progress | None, now_ms: int
) -> Progress | None:
    """Return the Progressing condition once a Deployment is paused or resumed; None without one.

    A stalled rollout stays one, and time that is spent paused is none of its deadline's. Source:
    checkPausedConditions of pkg/controller/deployment/sync.go (v1.36).
    """
    if deployment.progress_deadline_seconds is None:
        return None
    if known is not None and not known.is_progressing:
        return known
    was_paused = known is not None and known.reason == "DeploymentPaused"
    if deployment.paused and not was_paused:
        return Progress("DeploymentPaused", now_ms, "Deployment is paused")
    if was_paused and not deployment.paused:
        return Progress("DeploymentResumed", now_ms, "Deployment is resumed")
    return known


def progress(
    deployment: Deployment,
    known: Progress | None,
    before: RolloutStatus,
    after: RolloutStatus,
    new_replica_set: str,
    now_ms: int,
) -> Progress | None:
    """Return the Progressing condition after a change of status; None without a deadline.

    `before` is the status that was last written.
    """
    if deployment.progress_deadline_seconds is None:
        return None
    subject = f'ReplicaSet "{new_replica_set}"'
    has_come = known is not None and known.reason == "NewReplicaSetAvailable"
    if after.replicas == after.updated and has_come:
        return known  # a finished rollout is not begun again by pods that come and go
    if is_complete(deployment, after):
        return Progress("NewReplicaSetAvailable", now_ms, f"{subject} has successfully progressed.")
    if _gets_on(before, after):
        return Progress("ReplicaSetUpdated", now_ms, f"{subject} is progressing.")
    if known is not None and _is_late(deployment.progress_deadline_seconds, known, now_ms):
        if not known.is_progressing:
            return known
        return Progress("ProgressDeadlineExceeded", now_ms, f"{subject} has timed out progressing.")
    return known


def deadline_ms(deployment: Deployment, known: Progress | None) -> int | None:
    """Return when to look whether the deadline was missed, None when there is nothing to miss."""
    seconds = deployment.progress_deadline_seconds
    if seconds is None or known is None:
        return None
    if known.reason not in ("ReplicaSetUpdated", "DeploymentResumed"):
        return None
    return known.updated_ms + 1000 * seconds + 1


def _gets_on(before: RolloutStatus, after: RolloutStatus) -> bool:
    """More new pods, fewer old ones, more Ready or more available."""
    return (
        after.updated > before.updated
        or after.replicas - after.updated < before.replicas - before.updated
        or after.ready > before.ready
        or after.available > before.available
    )


def _is_late(deadline_seconds: int, known: Progress, now_ms: int) -> bool:
    if known.reason == "NewReplicaSetAvailable":
        return False
    if known.reason == "ProgressDeadlineExceeded":
        return True
    return known.updated_ms + 1000 * deadline_seconds < now_ms
