"""Which disruption budgets are about which pods, and which evictions would exceed them."""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.controlplane.scheduling.placed_pod import PlacedPod
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.kube.labels import selector_matches
from kingtide.kube.workloads import PodDisruptionBudget


class Budgets:
    """Budgets as they stand; asked once which of them are about a shape."""

    def __init__(self, budgets: Sequence[PodDisruptionBudget]) -> None:
        self._budgets = tuple(budgets)
        self._about: dict[int, tuple[int, ...]] = {}

    def are(self, budgets: Sequence[PodDisruptionBudget]) -> bool:
        """Return whether these are the same budgets with the same room."""
        return self._budgets == tuple(budgets)

    def split(self, pods: Sequence[PlacedPod]) -> tuple[Sequence[PlacedPod], Sequence[PlacedPod]]:
        """Return the pods whose eviction would exceed a budget, and the others, in given order."""
        if not self._budgets:
            return (), pods
        left = [budget.disruptions_allowed for budget in self._budgets]
        violating: list[PlacedPod] = []
        peaceful: list[PlacedPod] = []
        for pod in pods:
            exceeded = False
            for i in self._about_shape(pod.shape):
                left[i] -= 1
                exceeded = exceeded or left[i] < 0
            (violating if exceeded else peaceful).append(pod)
        return violating, peaceful

    def _about_shape(self, shape: PodShape) -> tuple[int, ...]:
        about = self._about.get(shape.index)
        if about is None:
            about = tuple(i for i, b in enumerate(self._budgets) if protects(b, shape))
            self._about[shape.index] = about
        return about


def protects(budget: PodDisruptionBudget, shape: PodShape) -> bool:
    """Return whether preemption sees a budget as about pods of a shape; an empty one is about none.

    Source: filterPodsWithPDBViolation in plugins/defaultpreemption/default_preemption.go (v1.36).
    """
    selector = budget.selector
    return (
        budget.namespace == shape.namespace
        and bool(selector.match_labels or selector.match_expressions)
        and bool(shape.labels)
        and selector_matches(selector, shape.labels)
    )
