from __future__ import annotations

from typing import Any

import pytest

from kingtide.compile.compilation import compile_cluster
from kingtide.controllers.node_autoscaling.priorities import read_priorities
from kingtide.fleet.documents.mistakes import Mistakes
from tests.unit.compile.fleets import CLUSTER, cluster_with, fleet_of

ADMIN = {
    "dedicated": True,
    "onDemand": {"sizes": {"2x": {"instances": ["c5.2xlarge"], "min": 2, "max": 6}}},
}


def tool(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "fleet.kingtide.dev/v1alpha1",
        "kind": "Tool",
        "metadata": {"name": name},
        "spec": {
            "chart": {"repo": "https://charts.example.com", "name": name, "version": "1.0.0"},
            "namespace": "kube-system",
            **spec,
        },
    }


def values(
    name: str, files: dict[str, object], spec: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """Return a tool's values on the small cluster, whose environment is `prod`."""
    more = {f"tools/{name}/{file}": it for file, it in files.items()}
    more[f"tools/{name}/tool.yaml"] = tool(name, **(spec or {}))
    groups = {**CLUSTER["nodeGroups"], "admin": ADMIN}
    cluster = cluster_with(nodeGroups=groups, **changes)
    fleet = fleet_of(cluster, labels={"env": "prod"}, more=more)
    return dict(compile_cluster(fleet, "small").tools[name])


def test_the_most_specific_file_wins_maps_merge_and_lists_replace() -> None:
    files: dict[str, object] = {
        "values.yaml": {"a": 1, "b": {"x": 1, "y": 1}, "l": [1, 2]},
        "values.env-prod.yaml": {"b": {"y": 2}, "l": [3]},
        "values.env-staging.yaml": {"a": 9},
        "values.cluster-small.yaml": {"b": {"z": 3}},
        "values.cluster-other.yaml": {"a": 8},
    }
    assert values("loki", files) == {"a": 1, "b": {"x": 1, "y": 2, "z": 3}, "l": [3]}


def test_a_null_stays_to_take_away_what_the_chart_says() -> None:
    files: dict[str, object] = {
        "values.yaml": {"probe": {"path": "/"}},
        "values.env-prod.yaml": {"probe": None},
    }
    assert values("loki", files) == {"probe": None}


def test_a_tool_runs_on_its_group_unless_its_own_values_say_otherwise() -> None:
    found = values("metrics-server", {}, {"nodeGroup": "admin"})
    assert found["nodeSelector"] == {"kingtide.dev/node-group": "admin"}
    assert found["tolerations"][0]["value"] == "admin"
    files: dict[str, object] = {"values.yaml": {"tolerations": []}}
    assert values("metrics-server", files, {"nodeGroup": "admin"})["tolerations"] == []


def test_a_chart_of_several_programs_takes_its_place_for_each_of_them() -> None:
    files: dict[str, object] = {"values.yaml": {"prometheus": {"prometheusSpec": {"replicas": 2}}}}
    found = values("kube-prometheus-stack", files, {"nodeGroup": "admin"})
    selector = {"kingtide.dev/node-group": "admin"}
    spec = found["prometheus"]["prometheusSpec"]
    assert (spec["replicas"], spec["nodeSelector"]) == (2, selector)
    assert found["grafana"]["nodeSelector"] == selector
    assert "nodeSelector" not in found


def test_a_tool_of_no_group_of_the_cluster_is_told_in_its_own_file() -> None:
    with pytest.raises(Mistakes) as caught:
        values("loki", {}, {"nodeGroup": "admins"})
    (told,) = caught.value.all
    assert str(told).startswith("tools/loki/tool.yaml:")
    assert "cluster small has no group 'admins'; did you mean 'admin'?" in str(told)


@pytest.mark.parametrize(
    ("labels", "runs"),
    [({}, True), ({"env": "prod"}, True), ({"env": "staging"}, False), ({"x": "y"}, False)],
    ids=str,
)
def test_a_tool_runs_where_all_its_labels_are(labels: dict[str, str], *, runs: bool) -> None:
    placed = tool("loki", placement={"matchLabels": labels})
    fleet = fleet_of(CLUSTER, labels={"env": "prod"}, more={"tools/loki/tool.yaml": placed})
    assert ("loki" in compile_cluster(fleet, "small").tools) == runs


def test_the_autoscaler_knows_its_cluster_its_order_and_its_flags() -> None:
    found = values(
        "cluster-autoscaler",
        {"values.yaml": {"extraArgs": {"v": 4}, "replicaCount": 2}},
        autoscaler={
            "maxNodeProvisionTime": "5m0s",
            "balanceSimilarNodeGroups": False,
            "startupTaints": "node.cilium.io/agent-not-ready",
            "launchPatience": "25s",
            "backoff": {"initial": "1m"},
            "scaleDown": {"utilizationThreshold": 0.6},
        },
    )
    assert found["autoDiscovery"] == {"clusterName": "small.k8s.example.com"}
    assert found["awsRegion"] == "eu-west-3"
    assert found["replicaCount"] == 2
    assert [it.priority for it in read_priorities(found["expanderPriorities"]).tiers] == [50, 10]
    assert found["extraArgs"] == {
        "balance-similar-node-groups": "false",
        "expander": "priority",
        "initial-node-group-backoff-duration": "1m0s",
        "max-node-provision-time": "5m0s",
        "scale-down-utilization-threshold": "0.6",
        "startup-taint": "node.cilium.io/agent-not-ready",
        "v": 4,
    }


def test_the_autoscalers_chart_brings_its_priorities_itself() -> None:
    more = {"tools/cluster-autoscaler/tool.yaml": tool("cluster-autoscaler")}
    objects = compile_cluster(fleet_of(CLUSTER, more=more), "small").objects
    assert "cluster-autoscaler-priority-expander" not in [it.name for it in objects]
    other = {"tools/cluster-autoscaler/tool.yaml": tool("cluster-autoscaler", namespace="scaling")}
    objects = compile_cluster(fleet_of(CLUSTER, more=other), "small").objects
    assert "cluster-autoscaler-priority-expander" in [it.name for it in objects]


def test_a_flag_that_the_chart_takes_once_is_told_when_there_are_several() -> None:
    with pytest.raises(Mistakes, match=r"spec\.autoscaler\.startupTaints: the chart takes"):
        values("cluster-autoscaler", {}, autoscaler={"startupTaints": ["a", "b"]})
