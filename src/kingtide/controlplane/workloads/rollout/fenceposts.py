"""How far a rolling update may stray from the wanted replicas, above and below.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/deployment/util/deployment_util.go,
ResolveFenceposts, MaxSurge and MaxUnavailable.
"""

from __future__ import annotations

import msgspec

from kingtide.kube.int_or_percent import scaled
from kingtide.kube.workloads import Deployment


class Fenceposts(msgspec.Struct, frozen=True, gc=False):
    """Pods above the wanted replicas, and pods of them that may be unavailable."""

    surge: int
    unavailable: int


def fenceposts(deployment: Deployment) -> Fenceposts:
    """Return a rolling update's bounds in pods; without one, nothing may stray.

    A surge rounds up, unavailability rounds down; where both come to nothing, one pod may be
    unavailable, because otherwise nothing could ever move.

    Raises:
        NotAnAmount: maxSurge or maxUnavailable is neither a number nor a percentage.
    """
    if deployment.strategy != "RollingUpdate":
        return Fenceposts(0, 0)
    wanted = deployment.replicas
    surge = scaled(deployment.max_surge, wanted, round_up=True)
    unavailable = scaled(deployment.max_unavailable, wanted, round_up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return Fenceposts(surge, min(unavailable, wanted))


def min_available(deployment: Deployment) -> int:
    """Return how many pods a rolling update keeps available."""
    return deployment.replicas - fenceposts(deployment).unavailable
