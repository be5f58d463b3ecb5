from __future__ import annotations

import pytest

from kingtide.check.rule import Example
from kingtide.check.rules.kops.origin import origin
from kingtide.fleet.documents.tree import Path, path_text
from tests.unit.check.example_fleet import example_view
from tests.unit.check.rules.kops.documents import CONTROL_PLANE, SPOT

TARGET = "target: {kind: InstanceGroup, name: spot-nodes-*}"
ON_DEMAND = "on-demand-workers-4x"


def came_from(spec: str, name: str, *path: str | int) -> str:
    cluster = example_view(Example(spec=spec)).clusters[0]
    assert cluster.kops is not None
    documents = {it.name: it for it in (cluster.kops.cluster, *cluster.kops.groups)}
    document = documents[name] if name else cluster.kops.cluster
    return path_text(origin(cluster.spec, cluster.cluster.node, document, path))


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        (SPOT, ("spec", "minSize"), "nodeGroups.workers.spot.sizes.4x.min"),
        (ON_DEMAND, ("spec", "maxSize"), "nodeGroups.workers.onDemandFallback.sizes.4x.max"),
        (ON_DEMAND, ("spec", "machineType"), "nodeGroups.workers.onDemandFallback.sizes.4x"),
        (
            SPOT,
            ("spec", "mixedInstancesPolicy", "spotAllocationStrategy"),
            "nodeGroups.workers.spot.allocationStrategy",
        ),
        (SPOT, ("spec", "image"), "image"),
        (SPOT, ("spec", "subnets", 1), "zones[1]"),
        (SPOT, ("spec", "cloudLabels", "x"), "nodeGroups.workers.spot.sizes.4x"),
        (CONTROL_PLANE, ("spec", "machineType"), "controlPlane"),
        ("", ("spec", "networkCIDR"), "network.cidr"),
        ("", ("spec", "kubernetesVersion"), "kubernetesVersion"),
        ("", ("spec", "etcdClusters", 0, "name"), "controlPlane"),
        ("", ("spec", "channel"), ""),
    ],
)
def test_a_field_comes_from_a_field_of_the_fleet(name: str, path: Path, expected: str) -> None:
    assert came_from("", name, *path) == expected


def test_a_patched_field_comes_from_the_last_patch_that_touches_it() -> None:
    spec = f"""
kops:
  patches:
  - {{{TARGET}, merge: {{spec: {{maxSize: 7}}}}}}
  - {{{TARGET}, merge: {{spec: {{maxSize: 9, taints: ["a:NoSchedule"]}}}}}}
  - {{target: {{kind: InstanceGroup, name: on-demand-*}}, merge: {{spec: {{maxSize: 8}}}}}}
"""
    assert came_from(spec, SPOT, "spec", "maxSize") == "kops.patches[1].merge.spec.maxSize"
    assert came_from(spec, SPOT, "spec", "taints", 0) == "kops.patches[1].merge.spec.taints[0]"
    assert came_from(spec, ON_DEMAND, "spec", "maxSize") == "kops.patches[2].merge.spec.maxSize"
    assert came_from(spec, SPOT, "spec", "minSize") == "nodeGroups.workers.spot.sizes.4x.min"


def test_a_field_that_a_patch_takes_away_comes_from_it() -> None:
    spec = f"kops: {{patches: [{{{TARGET}, merge: {{spec: {{subnets: null}}}}}}]}}"
    assert came_from(spec, SPOT, "spec", "subnets") == "kops.patches[0].merge.spec.subnets"


@pytest.mark.parametrize(
    ("pointer", "comes"),
    [
        ("/spec/maxSize", True),
        ("/spec", True),
        ("/spec/cloudLabels/a~1b", False),
        ("/spec/minSize", False),
    ],
)
def test_an_operation_touches_what_it_names_and_what_is_in_it(pointer: str, comes: bool) -> None:
    body = "{maxSize: 5, minSize: 1}" if pointer == "/spec" else '"5"'
    operation = f"{{op: add, path: {pointer}, value: {body}}}"
    spec = f"kops: {{patches: [{{{TARGET}, json6902: [{operation}]}}]}}"
    found = came_from(spec, SPOT, "spec", "maxSize")
    assert found.startswith("kops.patches[0].json6902[0]") == comes
