"""How many pods a budget expects and how many of them must be healthy.

A number as minAvailable is compared with the pods that exist; everything else is relative to the
replicas that the pods' controllers want, whatever exists. Percentages round up, for maxUnavailable
too, so that one pod of a small set may always be disrupted.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/disruption/disruption.go,
getExpectedPodCount and getExpectedScale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from kingtide.kube.int_or_percent import is_percentage, scaled
from kingtide.kube.pods import OwnerReference
from kingtide.kube.workloads import PodDisruptionBudget


class ControllerScale(msgspec.Struct, frozen=True, gc=False):
    """The controller at the top of a pod's owners (a Deployment, not its ReplicaSet).

    And how many pods it wants.
    """

    uid: str
    replicas: int


class NoScale(msgspec.Struct, frozen=True, gc=False):
    """A kind of controller without a scale, as `jobs.batch`."""

    resource: str


ScaleLookup = Callable[[str, OwnerReference], ControllerScale | NoScale | None]
"""(namespace, a pod's owner) -> its scale, or None when the owner is not there."""


class OwnedPods(msgspec.Struct, frozen=True, gc=False):
    """One controller's pods among those of a budget: one of their names stands for all."""

    owner: OwnerReference
    pod_name: str


class Expectation(msgspec.Struct, frozen=True, gc=False):
    """What a budget asks for, in pods."""

    expected_pods: int
    desired_healthy: int


class SyncFailure(msgspec.Struct, frozen=True, gc=False):
    """Why nobody can say what a budget asks for; it then allows no disruption."""

    message: str


def expectation(
    budget: PodDisruptionBudget, pod_count: int, owned: Iterable[OwnedPods], scale_of: ScaleLookup
) -> Expectation | SyncFailure:
    """Return what a budget asks for.

    `pod_count` pods are covered, whatever their state; `owned` are their controllers, pods without
    one left out.

    Raises:
        NotAnAmount: minAvailable or maxUnavailable is neither a number nor a percentage.
    """
    if budget.max_unavailable is not None:
        expected = _expected_scale(budget.namespace, owned, scale_of)
        if isinstance(expected, SyncFailure):
            return expected
        unavailable = scaled(budget.max_unavailable, expected, round_up=True)
        return Expectation(expected, max(0, expected - unavailable))
    if budget.min_available is None:
        return Expectation(0, 0)
    if not is_percentage(budget.min_available):
        return Expectation(pod_count, int(budget.min_available))
    expected = _expected_scale(budget.namespace, owned, scale_of)
    if isinstance(expected, SyncFailure):
        return expected
    return Expectation(expected, scaled(budget.min_available, expected, round_up=True))


def _expected_scale(
    namespace: str, owned: Iterable[OwnedPods], scale_of: ScaleLookup
) -> int | SyncFailure:
    """Return what all controllers want together, each counted once."""
    scales: dict[str, int] = {}
    for pods in owned:
        found = scale_of(namespace, pods.owner)
        if found is None:
            return SyncFailure(f'found no controllers for pod "{pods.pod_name}"')
        if isinstance(found, NoScale):
            return SyncFailure(f"{found.resource} does not implement the scale subresource")
        scales[found.uid] = found.replicas
    return sum(scales.values())
