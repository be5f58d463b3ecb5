"""ReplicaSets of one Deployment, counted, ordered and given new sizes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kingtide.controlplane.workloads.rollout.fenceposts import fenceposts
from kingtide.kube.workloads import Deployment, ReplicaSet


def total(replica_sets: Iterable[ReplicaSet]) -> int:
    """Return the pods that they want together."""
    return sum(it.replicas for it in replica_sets)


def total_available(replica_sets: Iterable[ReplicaSet]) -> int:
    """Return the pods of theirs that are available together."""
    return sum(it.available_replicas for it in replica_sets)


def active(replica_sets: Iterable[ReplicaSet]) -> Sequence[ReplicaSet]:
    """Return those that want any pod."""
    return [it for it in replica_sets if it.replicas > 0]


def oldest_first(replica_sets: Iterable[ReplicaSet]) -> Sequence[ReplicaSet]:
    """Return them by creation, then name."""
    return sorted(replica_sets, key=lambda it: (it.created_ms, it.name))


def resized(deployment: Deployment, it: ReplicaSet, replicas: int) -> ReplicaSet:
    """Return a ReplicaSet with new replicas and what its annotations then say of its Deployment.

    The same object where nothing changes.
    """
    most = deployment.replicas + fenceposts(deployment).surge
    as_annotated = (replicas, deployment.replicas, most)
    if (it.replicas, it.desired_replicas, it.max_replicas) == as_annotated:
        return it
    return msgspec.structs.replace(
        it, replicas=replicas, desired_replicas=deployment.replicas, max_replicas=most
    )
