"""What disruption budgets still allow in this pass, so that no call is made that is refused.

The eviction API decides; this only saves calls. It is asked whenever the last word of the
disruption controller leaves something.
"""

from __future__ import annotations

from kingtide.control.snapshot import ClusterView
from kingtide.controllers.spot_interruption.leaving import Leaving
from kingtide.controlplane.disruption.matching import matching_budgets
from kingtide.kube.workloads import PodDisruptionBudget


class Budgets:
    """Allowances by budget, used up by what is evicted in one pass."""

    def __init__(self, cluster: ClusterView) -> None:
        self._all = tuple(cluster.disruption_budgets.values())
        self._of_owner: dict[str, tuple[PodDisruptionBudget, ...]] = {}
        self._left = {it.key: it.disruptions_allowed for it in self._all}

    def allow(self, leaving: Leaving) -> bool:
        """Return whether no budget is known to refuse; a pod that is not Ready may be asked for.

        Pods of one owner have the same labels, so that their budgets are looked up once.
        """
        if not self._all or not leaving.pod.is_ready:
            return True
        return all(self._left[it.key] > 0 for it in self._matching(leaving))

    def take(self, leaving: Leaving) -> None:
        """Count a pod as evicted."""
        if self._all and leaving.pod.is_ready:
            for it in self._matching(leaving):
                self._left[it.key] -= 1

    def _matching(self, leaving: Leaving) -> tuple[PodDisruptionBudget, ...]:
        found = self._of_owner.get(leaving.owner)
        if found is None:
            found = matching_budgets(leaving.pod, self._all)
            self._of_owner[leaving.owner] = found
        return found
