from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from kingtide.controllers.node_autoscaling.priorities import read_priorities
from kingtide.controllers.overprovisioning.configuration import read_config_map
from kingtide.controllers.overprovisioning.ladder import Ladder, Rung
from tests.unit.compile.fleets import CLUSTER, WIDE, compiled, mistakes, only, spec_of

PAUSES = {"workers": {"ladder": [[0, 1], [64, 3]], "pod": {"cpu": "7500m", "memory": "12Gi"}}}


def data(name: str, **changes: Any) -> dict[str, Any]:
    found = only(compiled(**changes).objects, "ConfigMap", name).body["data"]
    assert isinstance(found, dict)
    return found


def pause_pod(**changes: Any) -> dict[str, Any]:
    objects = compiled(**changes).objects
    (deployment,) = (it for it in objects if it.kind == "Deployment")
    found: dict[str, Any] = spec_of(deployment)["template"]["spec"]
    return found


def test_objects_stand_in_the_order_in_which_they_can_be_applied() -> None:
    kinds = [it.kind for it in compiled(**WIDE).objects]
    assert list(dict.fromkeys(kinds)) == ["Namespace", "PriorityClass", "ConfigMap", "Deployment"]
    for kind in dict.fromkeys(kinds):
        names = [(it.namespace, it.name) for it in compiled(**WIDE).objects if it.kind == kind]
        assert names == sorted(names)


def test_pods_that_name_no_class_have_the_one_called_default() -> None:
    objects = compiled(priorityClasses={"low": -5, "default": 1}).objects
    classes = [it.body for it in objects if it.kind == "PriorityClass"]
    assert [(it["value"], it["globalDefault"]) for it in classes] == [(1, True), (-5, False)]


def test_our_controller_reads_the_ladder() -> None:
    found = data("overprovisioning-workers", overprovisioning=PAUSES)
    assert read_config_map(found) == Ladder(cores=(Rung(0, 1), Rung(64, 3)))


def test_a_pause_pod_gives_way_at_once_and_asks_for_what_is_written() -> None:
    spec = pause_pod(overprovisioning=PAUSES)
    assert spec["terminationGracePeriodSeconds"] == 0
    assert spec["priorityClassName"] == "overprovisioning"
    assert spec["nodeSelector"] == {"kingtide.dev/node-group": "workers"}
    assert "tolerations" not in spec
    (container,) = spec["containers"]
    size = {"cpu": "7500m", "memory": "12Gi"}
    assert container["resources"] == {"limits": size, "requests": size}


def test_pause_pods_of_a_dedicated_group_tolerate_its_taint() -> None:
    groups = {"workers": {**CLUSTER["nodeGroups"]["workers"], "dedicated": True}}
    (toleration,) = pause_pod(overprovisioning=PAUSES, nodeGroups=groups)["tolerations"]
    assert toleration == {
        "effect": "NoSchedule",
        "key": "kingtide.dev/node-group",
        "operator": "Equal",
        "value": "workers",
    }


def test_the_number_of_pause_pods_is_the_controllers() -> None:
    deployment = only(
        compiled(overprovisioning=PAUSES).objects, "Deployment", "overprovisioning-workers"
    )
    assert "replicas" not in spec_of(deployment)
    assert spec_of(deployment)["strategy"]["rollingUpdate"]["maxSurge"] == 0


@pytest.mark.parametrize(
    ("daemon_sets", "size"),
    [
        ({}, {"cpu": "7500m", "memory": "14Gi"}),
        # Of 16 cores and 32 GiB pods have 15.89 and 28.07; 14.69 and 22.07 are left, by two.
        (
            {"agent": {"requests": {"cpu": "1200m", "memory": "6Gi"}}},
            {"cpu": "7", "memory": "11Gi"},
        ),
        ({"agent": {"requests": {"cpu": "40"}}}, {"cpu": "500m", "memory": "14Gi"}),
    ],
    ids=["none", "some", "more than there is"],
)
def test_without_a_size_two_pause_pods_fill_what_daemon_sets_leave_of_the_smallest_node(
    daemon_sets: dict[str, Any], size: dict[str, str]
) -> None:
    pauses = {"workers": {"ladder": [[0, 1]]}}
    (container,) = pause_pod(overprovisioning=pauses, daemonSets=daemon_sets)["containers"]
    assert container["resources"]["requests"] == size


def test_a_group_without_sizes_has_no_room_to_keep() -> None:
    pauses = {"workers": {"ladder": [[0, 1]]}}
    (told,) = mistakes(nodeGroups={"workers": {"spot": {}}}, overprovisioning=pauses)
    assert "spec.nodeGroups.workers: has no sizes for pause pods to run on" in told


def test_the_expander_puts_spot_first_by_names_that_all_groups_have() -> None:
    found = data("cluster-autoscaler-priority-expander")
    tiers = read_priorities(found["priorities"]).tiers
    assert [(it.priority, it.patterns) for it in tiers] == [
        (50, ("^spot-nodes-.*",)),
        (10, ("^on-demand-.*",)),
    ]


def renamed(name: str, to: str) -> dict[str, Any]:
    target = {"kind": "InstanceGroup", "name": name}
    return {"target": target, "merge": {"metadata": {"name": to}}}


def test_a_group_that_a_patch_renames_is_still_asked_in_its_turn() -> None:
    patches = [renamed("spot-nodes-workers-4x", "spot.a")]
    found = compiled(kops={"patches": patches}).objects
    text = only(found, "ConfigMap", "cluster-autoscaler-priority-expander").body["data"]
    assert isinstance(text, dict)
    tiers = read_priorities(str(text["priorities"])).tiers
    assert [it.patterns for it in tiers] == [("^spot[.]a[.]",), ("^on-demand-.*",)]


def test_where_kops_runs_the_autoscaler_its_order_is_kops_own() -> None:
    patches = [{"target": {"kind": "Cluster"}, "merge": {"spec": {"clusterAutoscaler": {
        "enabled": True}}}}]  # fmt: skip
    objects = compiled(kops={"patches": patches}).objects
    assert not [it for it in objects if it.name == "cluster-autoscaler-priority-expander"]


def test_another_expander_needs_no_priorities_and_they_may_stand_elsewhere() -> None:
    objects = compiled(autoscaler={"expander": "least-waste"}).objects
    assert not [it for it in objects if it.namespace == "kube-system"]
    elsewhere = compiled(autoscaler={"priorityConfigMap": "scaling/priorities"}).objects
    assert only(elsewhere, "ConfigMap", "priorities").namespace == "scaling"


def test_workloads_of_a_group_get_its_place_names_and_class() -> None:
    found = yaml.safe_load(data("workload-defaults-api", **WIDE)["pod-spec.yaml"])
    assert found == {
        "dnsConfig": {"options": [{"name": "ndots", "value": "2"}]},
        "dnsPolicy": "Default",
        "nodeSelector": {"kingtide.dev/node-group": "api"},
        "priorityClassName": "default",
        "tolerations": [
            {
                "effect": "NoSchedule",
                "key": "kingtide.dev/node-group",
                "operator": "Equal",
                "value": "api",
            }
        ],
    }
    workers = yaml.safe_load(data("workload-defaults-workers", **WIDE)["pod-spec.yaml"])
    assert workers["priorityClassName"] == "low"
    assert workers["dnsConfig"]["options"] == [{"name": "ndots", "value": "1"}]


def test_workloads_of_no_group_get_the_clusters_defaults() -> None:
    found = data("workload-defaults", **WIDE)
    pod = yaml.safe_load(found["pod-spec.yaml"])
    assert pod["dnsConfig"] == {"options": [{"name": "ndots", "value": "1"}]}
    assert "nodeSelector" not in pod
    autoscaler = yaml.safe_load(found["horizontal-pod-autoscaler-spec.yaml"])
    assert autoscaler["metrics"][0]["resource"]["target"]["averageUtilization"] == 60


def test_autoscalers_of_a_group_start_from_its_own() -> None:
    found = data("workload-defaults-workers", **WIDE)["horizontal-pod-autoscaler-spec.yaml"]
    target = {"averageUtilization": 70, "type": "Utilization"}
    assert yaml.safe_load(found) == {
        "maxReplicas": 200,
        "metrics": [{"resource": {"name": "cpu", "target": target}, "type": "Resource"}],
        "minReplicas": 2,
    }


def test_what_daemon_sets_may_take_stands_by_their_name() -> None:
    found = data("daemon-set-resources", **WIDE)
    amounts = {"cpu": "100m", "memory": "64Mi"}
    assert yaml.safe_load(found["monitoring.node-exporter.yaml"]) == {
        "limits": amounts,
        "requests": amounts,
    }
    assert list(yaml.safe_load(found["kube-system.log-shipper.yaml"])) == ["requests"]
    assert not [it for it in compiled().objects if it.name == "daemon-set-resources"]


def test_a_linear_configuration_is_passed_on() -> None:
    found = data("overprovisioning-api", **WIDE)
    assert json.loads(found["linear"]) == {"coresPerReplica": 64.0, "min": 1, "max": 8}
