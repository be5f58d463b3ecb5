from __future__ import annotations

import pytest

from kingtide.compile.document import Document
from kingtide.compile.plan.blocked_drains import BlockedDrain, blocked_drains
from kingtide.compile.plan.instance_group import instance_groups
from tests.unit.compile.plan.fleets import (
    budget,
    deployment,
    document,
    namespaced,
    on_demand,
    spot,
)

GROUPS = tuple(instance_groups([spot()]).values())


def blocked(*manifests: Document) -> tuple[BlockedDrain, ...]:
    return blocked_drains(manifests, GROUPS)


@pytest.mark.parametrize(
    ("replicas", "protection", "blocks"),
    [
        pytest.param(2, budget(minAvailable=2), True, id="all must stay"),
        pytest.param(3, budget(minAvailable=2), False, id="one may go"),
        pytest.param(5, budget(maxUnavailable=0), True, id="none may miss"),
        pytest.param(1, budget(maxUnavailable="10%"), False, id="a share of one rounds up"),
        pytest.param(1, budget(minAvailable="50%"), True, id="half of one is one"),
        pytest.param(2, budget(selects="other", minAvailable=2), False, id="another's budget"),
        pytest.param(0, budget(minAvailable=1), False, id="no pods, nothing to evict"),
        pytest.param(2, budget(minAvailable="all"), True, id="no amount at all"),
    ],
)
def test_a_budget_blocks_by_the_eviction_api(
    replicas: int, protection: Document, blocks: bool
) -> None:
    assert bool(blocked(deployment(replicas=replicas), protection)) == blocks


def test_a_block_tells_who_and_where_and_what_the_api_says() -> None:
    (found,) = blocked(deployment(replicas=2), budget("keep", minAvailable=2))
    assert found.workload == "Deployment shop/api"
    assert found.budget == "keep"
    assert found.groups == ("spot-nodes-workers-4x",)
    assert "needs 2 healthy pods and has 2 currently" in found.answer


def test_two_budgets_for_one_pod_block_whatever_they_allow() -> None:
    (found,) = blocked(deployment(), budget("one", minAvailable=0), budget("two", minAvailable=0))
    assert found.budget == "one, two"
    assert "more than one PodDisruptionBudget" in found.answer


def test_an_autoscaled_workload_counts_with_its_minimum() -> None:
    target = {"kind": "Deployment", "name": "api"}
    scaled = namespaced(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "api",
        spec={"scaleTargetRef": dict(target), "minReplicas": 3, "maxReplicas": 9},
    )
    manifests = (deployment(replicas=9), budget(minAvailable=3))
    assert not blocked(*manifests)
    assert blocked(*manifests, scaled)


def test_pods_that_run_elsewhere_do_not_block() -> None:
    elsewhere = deployment(replicas=2, nodeSelector={"kingtide.dev/node-group": "admin"})
    here = deployment(replicas=2, nodeSelector={"kingtide.dev/node-group": "workers"})
    assert not blocked(elsewhere, budget(minAvailable=2))
    assert blocked(here, budget(minAvailable=2))


def test_a_taint_keeps_pods_away_that_do_not_tolerate_it() -> None:
    tainted = on_demand(taints=["kingtide.dev/node-group=workers:NoSchedule"])
    groups = tuple(instance_groups([tainted]).values())
    tolerating = deployment(tolerations=[{"key": "kingtide.dev/node-group", "operator": "Exists"}])
    protection = budget(minAvailable=2)
    assert not blocked_drains((deployment(), protection), groups)
    assert blocked_drains((tolerating, protection), groups)


def test_daemons_are_left_where_they_are() -> None:
    daemon = document("apps/v1", "DaemonSet", "logs", spec={})
    assert not blocked(daemon, budget(maxUnavailable=0))
