"""The status of workloads, as their controllers write it: counted from the pods they own."""

from __future__ import annotations

from typing import Any

from kingtide.controlplane.workloads.rollout.progress import Progress
from kingtide.kube.jobs import Job
from kingtide.kube.wire.times import time_text
from kingtide.kube.workloads import DaemonSet, Deployment, ReplicaSet, StatefulSet
from kingtide.twin.apiserver.shown.owned import Counts

Body = dict[str, Any]


REVISION = "deployment.kubernetes.io/revision"
"""What the Deployment controller numbers templates by (pkg/controller/deployment/util, v1.36)."""


def deployment_shown(
    it: Deployment,
    body: Body,
    all_pods: Counts,
    updated: int,
    revision: int,
    progress: Progress | None = None,
) -> None:
    """Complete a Deployment's body; `updated` is how many of its pods have its template.

    `progress` None is that of one that has never rolled.
    """
    notes = body["metadata"].get("annotations") or {}
    body["metadata"]["annotations"] = {**notes, REVISION: str(revision)}
    is_available = all_pods.ready >= it.replicas - _share(it.max_unavailable, it.replicas)
    is_done = updated == it.replicas == all_pods.ready == all_pods.active
    reason = "NewReplicaSetAvailable" if is_done else "ReplicaSetUpdated"
    since = body["metadata"].get("creationTimestamp", time_text(it.created_ms))
    available = {
        "type": "Available",
        "status": "True" if is_available else "False",
        "reason": "MinimumReplicasAvailable" if is_available else "MinimumReplicasUnavailable",
        "lastTransitionTime": since,
        "lastUpdateTime": since,
    }
    progressing = {
        "type": "Progressing",
        "status": "True",
        "reason": reason,
        "lastTransitionTime": since,
        "lastUpdateTime": since,
    }
    if progress is not None:
        at = time_text(progress.updated_ms)
        progressing |= {"status": progress.status, "reason": progress.reason, "lastUpdateTime": at}
        if progress.message:
            progressing["message"] = progress.message
    status: Body = {
        "replicas": all_pods.active,
        "updatedReplicas": updated,
        "readyReplicas": all_pods.ready,
        "availableReplicas": all_pods.ready,
        "conditions": [available, progressing],
    }
    missing = max(0, it.replicas - all_pods.ready)
    if missing:
        status["unavailableReplicas"] = missing
    _observed(body, status)


def replica_set_shown(_it: ReplicaSet, body: Body, pods: Counts) -> None:
    """Complete a ReplicaSet's body."""
    status = {
        "replicas": pods.active,
        "fullyLabeledReplicas": pods.active,
        "readyReplicas": pods.ready,
        "availableReplicas": pods.ready,
    }
    _observed(body, status)


def stateful_set_shown(it: StatefulSet, body: Body, pods: Counts, updated: int) -> None:
    """Complete a StatefulSet's body."""
    status = body["status"] | {
        "replicas": pods.active,
        "readyReplicas": pods.ready,
        "availableReplicas": pods.ready,
        "updatedReplicas": updated,
        "currentReplicas": pods.active if it.current_revision == it.update_revision else 0,
    }
    _observed(body, status)


def daemon_set_shown(_it: DaemonSet, body: Body, pods: Counts, desired: int, updated: int) -> None:
    """Complete a DaemonSet's body; `desired` is how many nodes it is to run on."""
    status = {
        "desiredNumberScheduled": desired,
        "currentNumberScheduled": pods.scheduled,
        "updatedNumberScheduled": updated,
        "numberReady": pods.ready,
        "numberAvailable": pods.ready,
        "numberMisscheduled": 0,
    }
    if desired > pods.ready:
        status["numberUnavailable"] = desired - pods.ready
    _observed(body, status)


def job_shown(_it: Job, body: Body, pods: Counts) -> None:
    """Complete a Job's body."""
    if pods.active:
        body["status"] |= {"active": pods.active, "ready": pods.ready}


def _observed(body: Body, status: Body) -> None:
    """Every spec is one that its controller has seen: the twin's look at once."""
    metadata = body["metadata"]
    metadata.setdefault("generation", 1)
    body["status"] = status | {"observedGeneration": metadata["generation"]}


def _share(written: str, replicas: int) -> int:
    """Return how many of so many may be missing: a number, or a share rounded down."""
    if written.endswith("%"):
        return replicas * int(written[:-1]) // 100
    return int(written)
