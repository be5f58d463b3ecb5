from __future__ import annotations

from typing import Any

import pytest

from kingtide.compile.compilation import compile_cluster
from tests.unit.compile.fleets import CLUSTER, cluster_with, compiled, fleet_of, mistakes

MANAGED = {"app.kubernetes.io/managed-by": "kingtide"}
TIMETABLE = {"timezone": "Europe/Paris", "uptime": ["Mon-Fri 07:30-20:00", "Sat 10:00-12:00"]}
TOOL = {
    "apiVersion": "fleet.kingtide.dev/v1alpha1",
    "kind": "Tool",
    "metadata": {"name": "loki"},
    "spec": {
        "chart": {"repo": "https://charts.example.com", "name": "loki", "version": "1.0.0"},
        "namespace": "monitoring",
    },
}


def namespaces(**changes: Any) -> dict[str, dict[str, Any]]:
    fleet = fleet_of(cluster_with(**changes), more={"tools/loki/tool.yaml": TOOL})
    objects = compile_cluster(fleet, "small").objects
    found: dict[str, dict[str, Any]] = {}
    for it in objects:
        if it.kind == "Namespace":
            metadata = it.body["metadata"]
            assert isinstance(metadata, dict)
            found[it.name] = {key: metadata[key] for key in metadata if key != "name"}
    return found


def test_there_are_the_clusters_its_tools_and_our_own() -> None:
    found = namespaces(namespaces={"shop": {"labels": {"tier": "front"}}})
    assert list(found) == ["kingtide-system", "monitoring", "shop"]
    assert found["shop"] == {"labels": {**MANAGED, "tier": "front"}}
    assert found["monitoring"] == {"labels": MANAGED}
    assert found["kingtide-system"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_pause_pods_have_a_namespace_where_there_are_any() -> None:
    assert "overprovisioning" not in namespaces()
    assert "overprovisioning" in namespaces(overprovisioning={"workers": {"ladder": [[0, 1]]}})


def test_kubernetes_own_namespaces_are_written_only_where_something_is_said_of_them() -> None:
    assert "kube-system" not in namespaces()
    found = namespaces(namespaces={"kube-system": {"labels": {"a": "b"}}}, downscale=TIMETABLE)
    assert found["kube-system"] == {"labels": {**MANAGED, "a": "b"}}


def test_a_namespace_says_on_whose_nodes_its_pods_run() -> None:
    found = namespaces(namespaces={"shop": {"nodeGroup": "workers"}})
    assert found["shop"]["labels"]["kingtide.dev/node-group"] == "workers"


def test_a_namespace_of_no_group_is_told() -> None:
    (told,) = mistakes(namespaces={"shop": {"nodeGroup": "worker"}})
    assert "spec.namespaces.shop.nodeGroup: there is no group 'worker'" in told
    assert "did you mean 'workers'?" in told


UPTIME = "Mon-Fri 07:30-20:00 Europe/Paris,Sat 10:00-12:00 Europe/Paris"
OWN = {**CLUSTER["nodeGroups"]["workers"], "downscale": {"timezone": "UTC", "uptime": ["always"]}}


@pytest.mark.parametrize(
    ("written", "groups", "annotations"),
    [
        ({}, {}, {"downscaler/uptime": UPTIME}),
        ({"nodeGroup": "api"}, {"api": OWN}, {"downscaler/uptime": "always UTC"}),
        (
            {"annotations": {"downscaler/uptime": "always"}},
            {},
            {"downscaler/uptime": "always"},
        ),
    ],
    ids=["the cluster's timetable", "its group's", "its own annotation"],
)
def test_a_namespace_has_a_timetable(
    written: dict[str, Any], groups: dict[str, Any], annotations: dict[str, str]
) -> None:
    groups = {**CLUSTER["nodeGroups"], **groups}
    found = namespaces(namespaces={"shop": written}, nodeGroups=groups, downscale=TIMETABLE)
    assert found["shop"]["annotations"] == annotations


def test_what_is_excluded_what_watches_and_what_is_ours_is_never_taken_down() -> None:
    excluded = {**TIMETABLE, "exclude": {"namespaces": ["ci"]}}
    pauses = {"workers": {"ladder": [[0, 1]]}}
    found = namespaces(namespaces={"ci": {}}, downscale=excluded, overprovisioning=pauses)
    for name in ("ci", "monitoring", "kingtide-system", "overprovisioning"):
        assert found[name]["annotations"]["downscaler/exclude"] == "true", name


def test_our_namespace_says_which_cluster_this_is() -> None:
    annotations = namespaces()["kingtide-system"]["annotations"]
    assert annotations == {"kingtide.dev/cluster": compiled().full_name}


def test_a_timetable_of_one_group_alone_leaves_other_namespaces_as_they_are() -> None:
    groups = {**CLUSTER["nodeGroups"], "api": OWN}
    found = namespaces(namespaces={"shop": {}}, nodeGroups=groups)
    assert "annotations" not in found["shop"]
    assert compiled().objects[0].name == "kingtide-system"
