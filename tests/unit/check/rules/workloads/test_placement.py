from __future__ import annotations

import pytest

from kingtide.check.rules.workloads.example import (
    ADMIN,
    BUDGET,
    DAEMON_SET,
    DEPLOYMENT,
    changed,
    on_admin,
)
from kingtide.check.rules.workloads.placement import RULES
from tests.unit.check.rules.workloads.clusters import found

TOLERATION = "{key: kingtide.dev/node-group, operator: Equal, value: admin}"
AFFINITY = """\
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
            - matchExpressions: [{key: kingtide.dev/node-group, operator: In, values: [admin]}]
      containers:
"""


@pytest.mark.parametrize(
    ("toleration", "told"),
    [
        pytest.param(TOLERATION, 0, id="the taint"),
        pytest.param("{operator: Exists}", 0, id="every taint"),
        pytest.param(
            "{key: kingtide.dev/node-group, operator: Exists, effect: NoExecute}",
            1,
            id="another effect",
        ),
        pytest.param("{key: kingtide.dev/node-group, value: api}", 1, id="another group"),
        pytest.param("{key: team, operator: Exists}", 1, id="another key"),
    ],
)
def test_pods_for_dedicated_nodes_tolerate_their_taint(toleration: str, told: int) -> None:
    pods = changed(on_admin(DEPLOYMENT), (TOLERATION, toleration))
    assert len(found(RULES, "KT411", pods, BUDGET, spec=ADMIN)) == told


def test_a_namespace_gives_its_pods_both_halves() -> None:
    spec = f"{ADMIN}namespaces: {{shop: {{nodeGroup: admin}}}}"
    assert found(RULES, "KT411", DEPLOYMENT, spec=spec) == []
    assert found(RULES, "KT412", DEPLOYMENT, spec=spec) == []


def test_required_affinity_selects_as_a_selector_does() -> None:
    pods = changed(DEPLOYMENT, ("      containers:\n", AFFINITY))
    assert len(found(RULES, "KT411", pods, spec=ADMIN)) == 1


@pytest.mark.parametrize(
    ("selector", "told"),
    [
        pytest.param("", 1, id="every node"),
        pytest.param(
            "      nodeSelector: {kubernetes.io/os: linux}\n", 1, id="every node of Linux"
        ),
        pytest.param("      nodeSelector: {disk: nvme}\n", 0, id="some nodes"),
        pytest.param("      nodeSelector: {kingtide.dev/node-group: workers}\n", 0, id="a group"),
    ],
)
def test_a_daemon_set_for_every_node_runs_on_dedicated_ones(selector: str, told: int) -> None:
    pods = changed(
        DAEMON_SET,
        ("      tolerations: [{key: kingtide.dev/node-group, operator: Exists}]\n", selector),
    )
    assert len(found(RULES, "KT403", pods, spec=ADMIN)) == told


@pytest.mark.parametrize(
    ("name", "told"),
    [("system-cluster-critical", 0), ("high", 0), ("own", 0), ("hihg", 1)],
)
def test_a_priority_class_is_one_of_the_cluster_or_of_the_manifests(name: str, told: int) -> None:
    own = "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: own}\nvalue: 7\n"
    pods = changed(
        DEPLOYMENT, ("      dnsConfig", f"      priorityClassName: {name}\n      dnsConfig")
    )
    assert len(found(RULES, "KT410", pods, own)) == told


@pytest.mark.parametrize(
    ("name", "told"), [("system-node-critical", 0), ("own", 0), ("high", 0), ("low", 1)]
)
def test_a_daemon_set_does_not_give_way_to_applications(name: str, told: int) -> None:
    own = "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: own}\nvalue: 7\n"
    pods = changed(DAEMON_SET, ("system-node-critical", name))
    assert len(found(RULES, "KT402", pods, own)) == told


def test_a_groups_priority_class_exists() -> None:
    (told,) = found(RULES, "KT410", spec="nodeGroups: {workers: {priorityClass: hihg}}")
    assert told.startswith("spec.nodeGroups.workers.priorityClass")
