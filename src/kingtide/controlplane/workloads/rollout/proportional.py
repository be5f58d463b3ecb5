"""Scaling a Deployment: by its only ReplicaSet, or by all of them in proportion mid-rollout.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/deployment/sync.go,
scale and isScalingEvent; util/deployment_util.go, GetReplicaSetProportion and IsSaturated.
"""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.controlplane.workloads.rollout.fenceposts import fenceposts
from kingtide.controlplane.workloads.rollout.sizes import active, oldest_first, resized, total
from kingtide.kube.workloads import Deployment, ReplicaSet


def is_scaling_event(deployment: Deployment, replica_sets: Sequence[ReplicaSet]) -> bool:
    """Return whether the wanted replicas have changed since the ReplicaSets were last sized."""
    return any(
        it.desired_replicas is not None and it.desired_replicas != deployment.replicas
        for it in active(replica_sets)
    )


def scale(
    deployment: Deployment, new: ReplicaSet | None, olds: Sequence[ReplicaSet]
) -> tuple[ReplicaSet, ...]:
    """Return the ReplicaSets that get another size, or another annotation, as replicas change.

    `new` is None before the current template has a ReplicaSet.
    """
    every = oldest_first((*olds, *(() if new is None else (new,))))
    if not every:
        return ()  # made while it was paused
    running = active(every)
    if len(running) <= 1:
        only = running[0] if running else (new if new is not None else every[-1])
        return _changed((only, resized(deployment, only, deployment.replicas)))
    if new is not None and _is_saturated(deployment, new):
        return tuple(resized(deployment, it, 0) for it in running if it is not new)
    if deployment.strategy != "RollingUpdate":
        return ()
    return _in_proportion(deployment, running)


def _in_proportion(deployment: Deployment, running: Sequence[ReplicaSet]) -> tuple[ReplicaSet, ...]:
    """Spread what is to be added or taken by size; the largest takes what rounding leaves over."""
    allowed = 0
    if deployment.replicas > 0:
        allowed = deployment.replicas + fenceposts(deployment).surge
    to_add = allowed - total(running)
    by_age = running if to_add < 0 else tuple(reversed(running))
    by_size = sorted(by_age, key=lambda it: -it.replicas)
    sizes: list[int] = []
    added = 0
    for it in by_size:
        part = _proportion(deployment, it, to_add, added)
        added += part
        sizes.append(it.replicas + part)
    sizes[0] = max(0, sizes[0] + to_add - added)
    return _changed(
        *((it, resized(deployment, it, size)) for it, size in zip(by_size, sizes, strict=True))
    )


def _proportion(deployment: Deployment, it: ReplicaSet, to_add: int, added: int) -> int:
    """Return a ReplicaSet's part, never more than what is left of the whole."""
    left = to_add - added
    if left == 0 or to_add == 0:
        return 0
    share = _share(deployment, it)
    return min(share, left) if to_add > 0 else max(share, left)


def _share(deployment: Deployment, it: ReplicaSet) -> int:
    """Return how much a ReplicaSet changes if it keeps its part of the most there may be."""
    if deployment.replicas == 0:
        return -it.replicas
    most = deployment.replicas + fenceposts(deployment).surge
    most_before = it.max_replicas or deployment.status_replicas
    if most_before == 0:
        return 0
    # Rounded half up, as Go's math.Round rounds what is positive.
    return (2 * it.replicas * most + most_before) // (2 * most_before) - it.replicas


def _is_saturated(deployment: Deployment, new: ReplicaSet) -> bool:
    """Whether the new ReplicaSet alone is all that is wanted."""
    return (
        new.desired_replicas == deployment.replicas
        and new.replicas == deployment.replicas
        and new.available_replicas == deployment.replicas
    )


def _changed(*pairs: tuple[ReplicaSet, ReplicaSet]) -> tuple[ReplicaSet, ...]:
    return tuple(after for before, after in pairs if after is not before)
