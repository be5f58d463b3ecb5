from __future__ import annotations

import pytest

from kingtide.check.rules.workloads.availability import RULES
from kingtide.check.rules.workloads.example import ADMIN, BUDGET, DEPLOYMENT, changed, on_admin
from tests.unit.check.rules.workloads.clusters import found


@pytest.mark.parametrize(
    ("budget", "blocks"),
    [
        pytest.param("maxUnavailable: 1", False, id="one may go"),
        pytest.param("maxUnavailable: 0", True, id="none may go"),
        pytest.param("maxUnavailable: 1%", False, id="a percentage is rounded up"),
        pytest.param("minAvailable: 2", False, id="two of three stay"),
        pytest.param("minAvailable: 3", True, id="three of three stay"),
        pytest.param("minAvailable: 67%", True, id="two thirds of three, rounded up, are all"),
        pytest.param("minAvailable: 66%", False, id="less are two"),
        pytest.param("minAvailable: most", True, id="no amount"),
    ],
)
def test_a_budget_lets_a_pod_go(budget: str, blocks: bool) -> None:
    told = found(RULES, "KT417", DEPLOYMENT, changed(BUDGET, ("maxUnavailable: 1", budget)))
    assert bool(told) is blocks


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("namespace: shop", "namespace: other", id="another namespace"),
        pytest.param("matchLabels: {app: api}", "matchLabels: {app: web}", id="other pods"),
        pytest.param(
            "matchLabels: {app: api}",
            "matchExpressions: [{key: app, operator: NotIn, values: [api]}]",
            id="all but these",
        ),
    ],
)
def test_a_budget_covers_the_pods_that_it_selects(old: str, new: str) -> None:
    other = changed(BUDGET, (old, new))
    assert len(found(RULES, "KT416", on_admin(DEPLOYMENT), other, spec=ADMIN)) == 1
    assert (
        found(
            RULES, "KT417", DEPLOYMENT, changed(other, ("maxUnavailable: 1", "maxUnavailable: 0"))
        )
        == []
    )


HPA = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 12
  maxReplicas: 40
"""


@pytest.mark.parametrize(
    ("kept", "blocks"),
    [
        pytest.param(3, False, id="below the autoscaler's minimum"),
        pytest.param(11, False, id="one may go"),
        pytest.param(12, True, id="all of the autoscaler's minimum"),
    ],
)
def test_a_budget_is_held_against_the_least_pods_that_an_autoscaler_leaves(
    kept: int, blocks: bool
) -> None:
    budget = changed(BUDGET, ("maxUnavailable: 1", f"minAvailable: {kept}"))
    told = found(RULES, "KT417", DEPLOYMENT, HPA, budget)
    assert bool(told) is blocks
    alone = on_admin(changed(DEPLOYMENT, ("replicas: 3", "replicas: 1")))
    assert found(RULES, "KT409", alone, HPA, BUDGET, spec=ADMIN) == []


def test_the_api_evicts_no_pod_of_two_budgets() -> None:
    other = changed(BUDGET, ("name: api", "name: api-too"))
    told = found(RULES, "KT417", DEPLOYMENT, BUDGET, other)
    assert len(told) == 2
    assert "2 budgets, api, api-too" in told[0]


def test_a_budget_without_a_selector_is_about_no_pods() -> None:
    bare = changed(BUDGET, ("maxUnavailable: 1", "maxUnavailable: 0"))
    bare = changed(bare, (", selector: {matchLabels: {app: api}}", ""))
    assert found(RULES, "KT417", DEPLOYMENT, bare) == []
    assert len(found(RULES, "KT416", on_admin(DEPLOYMENT), bare, spec=ADMIN)) == 1


def test_applications_of_their_own_are_no_tools() -> None:
    alone = changed(DEPLOYMENT, ("replicas: 3", "replicas: 1"))
    assert found(RULES, "KT409", alone) == []
    assert found(RULES, "KT416", alone) == []
