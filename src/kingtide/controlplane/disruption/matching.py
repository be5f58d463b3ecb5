"""Which budgets are about a pod, to the disruption controller and to the eviction API.

Preemption reads an empty selector differently: see `scheduling.budgets`.
"""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.kube.labels import selector_matches
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import PodDisruptionBudget


def covers(budget: PodDisruptionBudget, pod: Pod) -> bool:
    """Return whether a budget is about a pod: same namespace, its selector selects it.

    An empty selector selects every pod of the namespace. Source:
    https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/pod-disruption-budget-v1/
    (v1.36, selector).
    """
    return budget.namespace == pod.namespace and selector_matches(budget.selector, pod.labels)


def matching_budgets(
    pod: Pod, budgets: Iterable[PodDisruptionBudget]
) -> tuple[PodDisruptionBudget, ...]:
    """Return the budgets that are about a pod, in the order given."""
    return tuple(budget for budget in budgets if covers(budget, pod))
