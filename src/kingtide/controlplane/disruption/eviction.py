"""Whether the eviction API lets a pod go, and what it answers when not.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/registry/core/pod/storage/eviction.go;
https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kingtide.controlplane.disruption.matching import matching_budgets
from kingtide.controlplane.disruption.status import SYNC_FAILED, with_allowed
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import PodDisruptionBudget

MAX_DISRUPTED_PODS = 2_000
"""Granted evictions that the controller has not seen yet (MaxDisruptedPodSize in the source)."""

TOO_MANY_REQUESTS = 429
FORBIDDEN = 403
INTERNAL_ERROR = 500

_WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget."
_SEVERAL = (
    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not"
    " support."
)


class EvictionGranted(msgspec.Struct, frozen=True, gc=False):
    """The pod may be deleted, once `budget` is stored: one disruption less, and the pod named.

    None where no budget is charged.
    """

    budget: PodDisruptionBudget | None = None


class EvictionRefused(msgspec.Struct, frozen=True, gc=False):
    """The API's answer: its HTTP status code, its message and the cause it details, if any."""

    code: int
    message: str
    cause: str = ""

    @property
    def text(self) -> str:
        """Message and cause in one line."""
        return f"{self.message} {self.cause}".rstrip()


def may_evict(
    pod: Pod, budgets: Iterable[PodDisruptionBudget], now_ms: int
) -> EvictionGranted | EvictionRefused:
    """Return the eviction API's verdict on a pod; budgets that are not about it do not matter."""
    if pod.is_terminal or pod.phase == "Pending" or pod.deletion_ms is not None:
        return EvictionGranted()  # it is no disruption any more, or not yet
    found = matching_budgets(pod, budgets)
    if len(found) > 1:
        return EvictionRefused(INTERNAL_ERROR, _SEVERAL)
    if not found:
        return EvictionGranted()
    budget = found[0]
    if not pod.is_ready and _lets_unhealthy_go(budget):
        return EvictionGranted()
    return _check_and_decrement(pod, budget, now_ms)


def _lets_unhealthy_go(budget: PodDisruptionBudget) -> bool:
    """Whether a pod that is not Ready, and so counts for nothing, needs no allowance."""
    if budget.unhealthy_pod_eviction_policy == "AlwaysAllow":
        return True
    return budget.current_healthy >= budget.desired_healthy > 0


def _check_and_decrement(
    pod: Pod, budget: PodDisruptionBudget, now_ms: int
) -> EvictionGranted | EvictionRefused:
    if budget.observed_generation < budget.generation:
        cause = f"The disruption budget {budget.name} is still being processed by the server."
        return EvictionRefused(TOO_MANY_REQUESTS, _WOULD_VIOLATE, cause)
    if budget.disruptions_allowed < 0:
        return _forbidden(budget, "pdb disruptions allowed is negative")
    if len(budget.disrupted_pods) > MAX_DISRUPTED_PODS:
        return _forbidden(
            budget,
            "DisruptedPods map too big - too many evictions not confirmed by PDB controller",
        )
    if budget.disruptions_allowed == 0:
        return EvictionRefused(TOO_MANY_REQUESTS, _WOULD_VIOLATE, _cause(budget))
    granted = {**budget.disrupted_pods, pod.name: now_ms}
    left = budget.disruptions_allowed - 1
    if left:
        return EvictionGranted(
            msgspec.structs.replace(budget, disruptions_allowed=left, disrupted_pods=granted)
        )
    return EvictionGranted(with_allowed(budget, 0, now_ms, disrupted_pods=granted))


def _forbidden(budget: PodDisruptionBudget, why: str) -> EvictionRefused:
    message = f'poddisruptionbudget.policy "{budget.name}" is forbidden: {why}'
    return EvictionRefused(FORBIDDEN, message)


def _cause(budget: PodDisruptionBudget) -> str:
    """Why nothing is allowed; after a failed sync the counts are not to be trusted."""
    condition = budget.disruption_allowed
    told = condition is not None and condition.status == "False" and condition.message != ""
    subject = f"The disruption budget {budget.name}"
    if told and condition is not None and condition.reason == SYNC_FAILED:
        return (
            f"{subject} does not allow evicting pods currently because it failed sync:"
            f" {condition.message}"
        )
    if budget.current_healthy <= budget.desired_healthy:
        return (
            f"{subject} needs {budget.desired_healthy} healthy pods"
            f" and has {budget.current_healthy} currently"
        )
    if told and condition is not None:
        return (
            f"{subject} does not allow evicting pods currently"
            f" ({condition.reason}): {condition.message}"
        )
    return f"{subject} does not allow evicting pods currently"
