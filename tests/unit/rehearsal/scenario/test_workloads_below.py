"""A fleet's manifests are the applications of its rehearsals."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.building.world import build_world
from kingtide.rehearsal.scenario.read import Scenario, read_scenario
from tests.small_rehearsal import SCENARIO, with_lines, write_small

POD = """\
  template:
    metadata: {labels: {app: shop, tier: front}}
    spec:
      priorityClassName: high
      terminationGracePeriodSeconds: 45
      nodeSelector: {kingtide.dev/node-group: api, disk: fast}
      tolerations: [{key: kingtide.dev/node-group, operator: Equal, value: api, effect: NoSchedule,
        tolerationSeconds: 3}]
      containers:
        - {name: shop, resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 2Gi}}}
        - {name: proxy, resources: {limits: {cpu: 250m, memory: 128Mi}}}
"""
DEPLOYMENT = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: shop, namespace: front, annotations: {{downscaler/exclude: "true"}}}}
spec:
  replicas: 7
  minReadySeconds: 5
  strategy: {{rollingUpdate: {{maxSurge: 3, maxUnavailable: 0}}}}
{POD}"""
AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: any, namespace: front, annotations: {kingtide.dev/prescale: "20:10-20:15 UTC x2"}}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  minReplicas: 3
  maxReplicas: 9
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization,
    averageUtilization: 55}}}]
"""
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: any, namespace: front}
spec: {maxUnavailable: 1, selector: {matchLabels: {tier: front}}}
"""
STATEFUL = (
    """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: shop, namespace: front}
spec:
  replicas: 2
  podManagementPolicy: Parallel
  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}
"""
    + POD
)
DAEMONS = """\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: exporter, namespace: monitoring}
spec:
  template:
    spec:
      nodeSelector: {kingtide.dev/node-group: api}
      containers: [{name: it, resources: {requests: {cpu: 100m}, limits: {cpu: 100m}}}]
"""
SAYS = "  applications:\n    shop: {usage: 300m, startup: {readyAfter: 4s}}\n"


def scenario(folder: Path, *manifests: str, says: str = SAYS, of: str = "") -> Scenario:
    head, _, _ = SCENARIO.partition("  applications:\n")
    path = write_small(folder, scenario=head + says)
    file = folder / "fleet" / "manifests" / of / "all.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("---\n".join(manifests))
    return read_scenario(path)


def test_a_deployment_is_an_application_of_which_the_scenario_says_only_the_load(
    tmp_path: Path,
) -> None:
    it = scenario(tmp_path, DEPLOYMENT, BUDGET).spec.applications["shop"]
    assert (it.namespace, it.replicas, it.usage) == ("front", 7, 300)
    assert (it.priority_class, it.termination_grace_period) == ("high", 45)
    assert (it.node_group, it.node_selector) == ("api", {"disk": "fast"})
    assert (it.labels, it.annotations) == ({"tier": "front"}, {"downscaler/exclude": "true"})
    # A limit alone is a request too; one container without a limit leaves the pod without.
    assert (it.requests.cpu, it.requests.memory) == (750, (1024 + 128) * 2**20)
    assert it.limits is not None
    assert (it.limits.cpu, it.limits.memory) == (0, (2048 + 128) * 2**20)
    assert it.disruption_budget is not None
    assert it.disruption_budget.max_unavailable == 1
    assert it.strategy is not None
    assert (it.strategy.max_surge, it.strategy.max_unavailable, it.strategy.min_ready) == (3, 0, 5)


def test_an_autoscaler_decides_on_replicas(tmp_path: Path) -> None:
    it = scenario(tmp_path, DEPLOYMENT, AUTOSCALER).spec.applications["shop"]
    assert it.replicas is None
    assert it.hpa is not None
    assert (it.hpa.min, it.hpa.max) == (3, 9)
    assert it.hpa.annotations == {"kingtide.dev/prescale": "20:10-20:15 UTC x2"}
    assert it.hpa.metrics is not None
    assert it.hpa.metrics[0].resource.target.average_utilization == 55


def test_an_autoscaler_of_the_first_version_names_a_percentage(tmp_path: Path) -> None:
    first = AUTOSCALER[: AUTOSCALER.index("  metrics:")] + "  targetCPUUtilizationPercentage: 65\n"
    it = scenario(tmp_path, DEPLOYMENT, first).spec.applications["shop"]
    assert it.hpa is not None
    assert it.hpa.target_utilization == 65


def test_a_stateful_set_keeps_its_order(tmp_path: Path) -> None:
    it = scenario(tmp_path, STATEFUL).spec.applications["shop"]
    assert it.strategy is None
    assert it.stateful_set is not None
    assert it.stateful_set.pod_management_policy == "Parallel"
    assert it.stateful_set.partition == 1


def test_a_daemon_set_runs_on_the_nodes_it_selects(tmp_path: Path) -> None:
    found = scenario(tmp_path, DEPLOYMENT, DAEMONS)
    it = found.spec.daemon_sets["exporter"]
    assert (it.namespace, it.node_group, it.requests.cpu) == ("monitoring", "api", 100)
    assert [one.name for one in build_world(found).daemon_sets] == ["exporter"]


def test_pods_land_where_selector_and_toleration_let_them(tmp_path: Path) -> None:
    world = build_world(scenario(tmp_path, DEPLOYMENT))
    (shop,) = [it for it in world.applications if it.name == "shop"]
    spec = shop.template.spec
    assert dict(spec.node_selector) == {"kingtide.dev/node-group": "api", "disk": "fast"}
    assert {it.value for it in spec.tolerations} == {"api"}


def test_a_pod_that_lacks_the_toleration_is_given_none(tmp_path: Path) -> None:
    without = DEPLOYMENT.replace("value: api, effect", "value: other, effect")
    found = scenario(tmp_path, without)
    assert found.spec.applications["shop"].node_group is None
    (shop,) = [it for it in build_world(found).applications if it.name == "shop"]
    assert ("kingtide.dev/node-group", "api") in shop.template.spec.node_selector
    assert [it.value for it in shop.template.spec.tolerations] == ["other"]


def test_manifests_of_another_cluster_are_not_rehearsed(tmp_path: Path) -> None:
    own = "  applications:\n    web: {requests: {cpu: 1}, usage: 1}\n"
    found = scenario(tmp_path, DEPLOYMENT, says=own, of="other")
    assert list(found.spec.applications) == ["web"]
    own_folder = tmp_path / "own"
    assert list(scenario(own_folder, DEPLOYMENT, says=own, of="prod").spec.applications) == [
        "shop",
        "web",
    ]


def test_a_null_leaves_a_workload_out(tmp_path: Path) -> None:
    says = "  applications:\n    shop: null\n    web: {requests: {cpu: 1}, usage: 1}\n"
    assert list(scenario(tmp_path, DEPLOYMENT, says=says).spec.applications) == ["web"]


def test_a_scenario_without_applications_runs_the_manifests(tmp_path: Path) -> None:
    assert list(scenario(tmp_path, DEPLOYMENT, says="").spec.applications) == ["shop"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("cpu: 500m", "cpu: lots", r"all\.yaml:17:52: .*'lots' is not a quantity"),
        ("replicas: 7", "replicas: many", r"all\.yaml:5:13: .*replicas: 'many' is not a whole"),
        ("maxSurge: 3", "maxSurge: some", r"all\.yaml:7:40: .*maxSurge: 'some' is neither"),
        ("priorityClassName: high", "priorityClassName: hihg", r"all\.yaml:11:26: .*'hihg'"),
        ("kind: Deployment", "kind: [Deployment]", r"all\.yaml:2:7: kind: is not a name"),
    ],
    ids=["quantity", "replicas", "surge", "priority class", "kind"],
)
def test_a_mistake_in_a_manifest_is_told_there(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    with pytest.raises(Mistakes, match=told):
        scenario(tmp_path, with_lines(DEPLOYMENT, (old, new)))


def test_two_workloads_of_one_name_are_told(tmp_path: Path) -> None:
    other = DEPLOYMENT.replace("namespace: front", "namespace: back")
    with pytest.raises(Mistakes, match="is the name of another workload"):
        scenario(tmp_path, DEPLOYMENT, other)


@pytest.mark.parametrize(
    ("of", "says", "told"),
    [
        pytest.param("", "  applications: {shpo: {usage: 1}}\n", "did you mean 'shop'", id="near"),
        pytest.param("", "  applications: {api: {}}\n", "known workloads are shop;", id="far"),
        pytest.param("", "  daemonSets: {logs: {}}\n", "no workloads here;", id="DaemonSet"),
        pytest.param("other", "  applications: {shop: {}}\n", "no workloads here;", id="other's"),
    ],
)
def test_a_workload_that_no_manifest_describes_is_told_as_that(
    tmp_path: Path, of: str, says: str, told: str
) -> None:
    with pytest.raises(Mistakes) as caught:
        scenario(tmp_path, DEPLOYMENT, says=says, of=of)
    (it,) = caught.value.all
    assert it.wrong == "cluster prod has no manifest of it"
    assert told in it.instead


def test_a_workload_of_which_the_scenario_says_everything_needs_no_manifest(
    tmp_path: Path,
) -> None:
    says = "  applications: {api: {requests: {cpu: 1}, usage: 1}}\n"
    assert list(scenario(tmp_path, DEPLOYMENT, says=says).spec.applications) == ["shop", "api"]


def test_without_any_manifest_a_workload_lacks_its_requests(tmp_path: Path) -> None:
    with pytest.raises(Mistakes, match=r"api\.requests: is missing"):
        scenario(tmp_path, "", says="  applications: {api: {usage: 1}}\n")
