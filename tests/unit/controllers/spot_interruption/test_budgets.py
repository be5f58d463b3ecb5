"""What disruption budgets still allow in a pass."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.control.index import ClusterIndex
from kingtide.controllers.spot_interruption.budgets import Budgets
from kingtide.controllers.spot_interruption.leaving import Leaving
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Condition
from kingtide.kube.workloads import PodDisruptionBudget
from tests.unit.controlplane.scheduling.situations import node, pod


def leaving(name: str, *, app: str = "web", ready: bool = True) -> Leaving:
    status = Condition("True", 1) if ready else None
    found = msgspec.structs.replace(pod(name, app=app, namespace="shop"), ready=status)
    return Leaving(found, node("n"), None, None, 0, app)


def budgets(*allowed: int) -> Budgets:
    """As many budgets for the pods of `web`, each with so many disruptions allowed."""
    cluster = ClusterIndex()
    selector = LabelSelector(match_labels=(("app", "web"),))
    for number, it in enumerate(allowed):
        cluster.apply(
            None, PodDisruptionBudget("shop", f"b{number}", selector, disruptions_allowed=it)
        )
    return Budgets(cluster)


def test_without_budgets_everybody_may_leave() -> None:
    found = budgets()
    for _ in range(3):
        assert found.allow(leaving("p"))
        found.take(leaving("p"))


def test_a_budget_is_used_up_pod_by_pod_and_the_smallest_decides() -> None:
    found = budgets(2, 5)
    allowed = []
    for _ in range(3):
        allowed.append(found.allow(leaving("p")))
        found.take(leaving("p"))
    assert allowed == [True, True, False]
    assert found.allow(leaving("other", app="other"))


@pytest.mark.parametrize("left", [0, 1])
def test_a_pod_that_is_not_ready_may_leave_and_uses_nothing_up(left: int) -> None:
    found = budgets(left)
    unready = leaving("u", ready=False)
    for _ in range(3):
        assert found.allow(unready)
        found.take(unready)
    assert found.allow(leaving("p")) == (left == 1)
