"""One step of a rolling update: grow the new ReplicaSet, or shrink the old ones.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/deployment/rolling.go
and util/deployment_util.go, NewRSNewReplicas.
"""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.controlplane.workloads.rollout.fenceposts import fenceposts, min_available
from kingtide.controlplane.workloads.rollout.sizes import (
    active,
    oldest_first,
    resized,
    total,
    total_available,
)
from kingtide.kube.workloads import Deployment, ReplicaSet


def new_replicas(deployment: Deployment, existing: int, new: int) -> int:
    """Return how many pods the new ReplicaSet may want.

    `existing` is what all ReplicaSets want now, `new` what the new one does.
    """
    room = deployment.replicas + fenceposts(deployment).surge - existing
    if room <= 0:
        return new
    return new + min(room, deployment.replicas - new)


def grow_new(
    deployment: Deployment, new: ReplicaSet, olds: Sequence[ReplicaSet]
) -> ReplicaSet | None:
    """Return the new ReplicaSet with its next size, None when it has the right one."""
    if new.replicas == deployment.replicas:
        return None
    if new.replicas > deployment.replicas:
        return resized(deployment, new, deployment.replicas)
    replicas = new_replicas(deployment, new.replicas + total(olds), new.replicas)
    return None if replicas == new.replicas else resized(deployment, new, replicas)


def shrink_old(
    deployment: Deployment, new: ReplicaSet, olds: Sequence[ReplicaSet]
) -> tuple[ReplicaSet, ...]:
    """Return the old ReplicaSets that shrink now, the oldest first.

    First their pods that are not available, which cost nothing; then as many as the available ones
    exceed the minimum. New pods that are not available yet hold back both.
    """
    old = {it.name: it for it in oldest_first(active(olds))}
    if not old:
        return ()
    least = min_available(deployment)
    starting = new.replicas - new.available_replicas
    spare = total(old.values()) + new.replicas - least - starting
    if spare <= 0:
        return ()
    before = dict(old)
    for it in before.values():
        unavailable = it.replicas - it.available_replicas
        gone = min(spare, unavailable)
        if gone > 0:
            spare -= gone
            old[it.name] = resized(deployment, it, it.replicas - gone)
    excess = total_available((*old.values(), new)) - least
    for it in tuple(old.values()):
        gone = min(it.replicas, excess)
        if gone > 0:
            excess -= gone
            old[it.name] = resized(deployment, it, it.replicas - gone)
    return tuple(it for name, it in old.items() if it is not before[name])
