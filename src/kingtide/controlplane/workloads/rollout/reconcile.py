"""One look at a Deployment: what becomes of its ReplicaSets.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/deployment/deployment_controller.go,
syncDeployment, and recreate.go.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kingtide.controlplane.workloads.rollout.proportional import is_scaling_event, scale
from kingtide.controlplane.workloads.rollout.rolling_update import (
    grow_new,
    new_replicas,
    shrink_old,
)
from kingtide.controlplane.workloads.rollout.sizes import active, resized, total
from kingtide.kube.workloads import Deployment, ReplicaSet


class RolloutStep(msgspec.Struct, frozen=True):
    """ReplicaSets to be stored with other sizes, and the size of the new one if it is to be made.

    `create_replicas` None makes none.
    """

    resized: tuple[ReplicaSet, ...] = ()
    create_replicas: int | None = None

    @property
    def is_rest(self) -> bool:
        """Whether nothing is to be done."""
        return not self.resized and self.create_replicas is None


def reconcile(
    deployment: Deployment,
    new: ReplicaSet | None,
    olds: Sequence[ReplicaSet],
    *,
    old_pods_exist: bool,
) -> RolloutStep:
    """Return the next step of a Deployment towards its template and replicas.

    `new` is the ReplicaSet of the current template, None before there is one. `old_pods_exist` says
    whether any pod of the old ones is still there, also one that is being deleted; only Recreate
    asks. Each step is followed by another look. A paused Deployment is only scaled.

    Raises:
        NotAnAmount: maxSurge or maxUnavailable is neither a number nor a percentage.
    """
    every = (*olds, *(() if new is None else (new,)))
    if deployment.paused or is_scaling_event(deployment, every):
        return RolloutStep(scale(deployment, new, olds))
    if deployment.strategy == "Recreate":
        return _recreate(deployment, new, olds, old_pods_exist=old_pods_exist)
    return _roll(deployment, new, olds)


def _roll(
    deployment: Deployment, new: ReplicaSet | None, olds: Sequence[ReplicaSet]
) -> RolloutStep:
    if new is None:
        return RolloutStep(create_replicas=new_replicas(deployment, total(olds), 0))
    grown = grow_new(deployment, new, olds)
    if grown is not None:
        return RolloutStep((grown,))
    return RolloutStep(shrink_old(deployment, new, olds))


def _recreate(
    deployment: Deployment,
    new: ReplicaSet | None,
    olds: Sequence[ReplicaSet],
    *,
    old_pods_exist: bool,
) -> RolloutStep:
    """All old pods go, and only when the last is gone the new ones come."""
    running = active(olds)
    if running:
        return RolloutStep(tuple(resized(deployment, it, 0) for it in running))
    if old_pods_exist:
        return RolloutStep()
    if new is None:
        return RolloutStep(create_replicas=deployment.replicas)
    if new.replicas != deployment.replicas:
        return RolloutStep((resized(deployment, new, deployment.replicas),))
    return RolloutStep()
