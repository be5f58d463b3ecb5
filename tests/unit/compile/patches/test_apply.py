from __future__ import annotations

from typing import Any

import pytest

from tests.unit.compile.fleets import compiled, mistakes, only, spec_of


def patch(target: dict[str, str], **change: Any) -> dict[str, Any]:
    return {"patches": [{"target": target, **change}]}


def test_a_merge_lays_a_part_over_every_document_that_the_pattern_matches() -> None:
    merge = {"spec": {"maxPrice": "0.40", "suspendProcesses": None}}
    kops = compiled(kops=patch({"kind": "InstanceGroup", "name": "spot-nodes-*"}, merge=merge)).kops
    spot = spec_of(only(kops, "InstanceGroup", "spot-nodes-workers-4x"))
    assert spot["maxPrice"] == "0.40"
    assert "suspendProcesses" not in spot
    assert spot["mixedInstancesPolicy"]["onDemandAboveBase"] == 0
    assert "maxPrice" not in spec_of(only(kops, "InstanceGroup", "on-demand-workers-4x"))


def test_operations_change_the_cluster_whatever_its_name() -> None:
    operations = [{"op": "replace", "path": "/spec/channel", "value": "none"}]
    kops = compiled(kops=patch({"kind": "Cluster"}, json6902=operations)).kops
    assert spec_of(kops[0])["channel"] == "none"


def test_patches_see_what_the_ones_before_left() -> None:
    first = {"target": {"kind": "Cluster"}, "merge": {"spec": {"kubelet": {"maxPods": 250}}}}
    operations = [{"op": "test", "path": "/spec/kubelet/maxPods", "value": 250}]
    second = {"target": {"kind": "Cluster"}, "json6902": operations}
    assert compiled(kops={"patches": [first, second]}).kops
    (told,) = mistakes(kops={"patches": [second, first]})
    assert "spec.kops.patches[0].json6902[0]: there is no 'maxPods'" in told


def test_kubernetes_objects_are_patched_by_kind_name_and_namespace() -> None:
    target = {"kind": "ConfigMap", "name": "workload-defaults", "namespace": "kingtide-system"}
    objects = compiled(kubernetes=patch(target, merge={"data": {"more": "1"}})).objects
    data = only(objects, "ConfigMap", "workload-defaults").body["data"]
    assert isinstance(data, dict)
    assert data["more"] == "1"


def test_an_instance_group_may_keep_the_name_that_kops_knows_it_by() -> None:
    target = {"kind": "InstanceGroup", "name": "spot-nodes-workers-4x"}
    documents = compiled(kops=patch(target, merge={"metadata": {"name": "spot_4x"}})).kops
    names = [it.name for it in documents]
    assert "spot_4x" in names
    assert "spot-nodes-workers-4x" not in names


@pytest.mark.parametrize(
    ("patches", "told"),
    [
        (
            patch({"kind": "InstanceGruop"}, merge={}),
            "target.kind: there is no generated InstanceGruop; did you mean 'InstanceGroup'?",
        ),
        (
            patch({"kind": "InstanceGroup", "name": "spot-nodes-worker-4x"}, merge={}),
            "no generated InstanceGroup is spot-nodes-worker-4x; did you mean 'spot-nodes-workers",
        ),
        (
            patch({"kind": "Cluster", "namespace": "default"}, merge={}),
            "no generated Cluster is document in namespace default",
        ),
        (
            patch({"kind": "Cluster"}, merge={"metadata": {"name": None}}),
            "leaves Cluster small.k8s.example.com without apiVersion, kind or name",
        ),
        (
            patch({"kind": "Cluster"}, merge={"metadata": {"name": "other"}}),
            "makes another object of Cluster small.k8s.example.com",
        ),
        (
            patch(
                {"kind": "InstanceGroup", "name": "spot-nodes-workers-4x"},
                merge={"metadata": {"name": "control-plane-eu-west-3a"}},
            ),
            "makes another object of InstanceGroup spot-nodes-workers-4x: control-plane-eu-west-3a",
        ),
        (
            patch({"kind": "Cluster"}, json6902=[{"op": "test", "path": "/kind", "value": "x"}]),
            "json6902[0]: /kind is not what the test expects in Cluster small.k8s.example.com",
        ),
    ],
    ids=["kind", "name", "namespace", "nameless", "renamed", "another's name", "test"],
)
def test_a_patch_that_cannot_be_done_is_told_at_its_place(
    patches: dict[str, Any], told: str
) -> None:
    (mistake,) = mistakes(kops=patches)
    assert mistake.startswith("clusters/small.yaml:")
    assert told in mistake
