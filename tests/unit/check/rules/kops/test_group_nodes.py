from __future__ import annotations

import pytest

from kingtide.check.rules.kops import group_nodes
from tests.unit.check.rules.kops.documents import SPOT, Change, faults


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [(SPOT, ("spec", "role"), "Worker")], [f"{SPOT} spec.role"], id="an unknown role"
        ),
        pytest.param([(SPOT, ("spec", "role"), "Bastion")], [], id="a bastion"),
        pytest.param(
            [(SPOT, ("metadata", "labels", "kops.k8s.io/cluster"), "other.k8s.foo.bar")],
            [f'{SPOT} metadata.labels."kops.k8s.io/cluster"'],
            id="another cluster",
        ),
    ],
)
def test_a_group_has_a_role_and_a_cluster(changes: list[Change], expected: list[str]) -> None:
    assert faults(group_nodes._membership, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([(SPOT, ("spec", "subnets"), ["eu-west-1b"])], [], id="one that there is"),
        pytest.param(
            [(SPOT, ("spec", "subnets"), ["eu-west-1b", "eu-west-1z"])],
            [f"{SPOT} spec.subnets[1]"],
            id="one that there is not",
        ),
        pytest.param([(SPOT, ("spec", "subnets"), [])], [f"{SPOT} spec.subnets"], id="none"),
    ],
)
def test_a_group_is_in_subnets_of_the_cluster(changes: list[Change], expected: list[str]) -> None:
    assert faults(group_nodes._subnets, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [(SPOT, ("spec", "taints"), ["acme.com/team=api:NoSchedule"])], [], id="with a value"
        ),
        pytest.param([(SPOT, ("spec", "taints"), ["team:NoExecute"])], [], id="without a value"),
        pytest.param(
            [(SPOT, ("spec", "taints"), ["team=api:NoSchedules"])],
            [f"{SPOT} spec.taints[0]"],
            id="an unknown effect",
        ),
        pytest.param(
            [(SPOT, ("spec", "taints"), ["team=api"])], [f"{SPOT} spec.taints[0]"], id="no effect"
        ),
        pytest.param(
            [(SPOT, ("spec", "taints"), ["=api:NoSchedule"])],
            [f"{SPOT} spec.taints[0]"],
            id="no key",
        ),
        pytest.param(
            [(SPOT, ("spec", "taints"), ["team:NoExecute", "team:NoExecute"])],
            [f"{SPOT} spec.taints[1]"],
            id="twice",
        ),
        pytest.param(
            [(SPOT, ("spec", "taints"), ["team=a:NoExecute", "team=b:NoExecute"])],
            [f"{SPOT} spec.taints[1]"],
            id="two values",
        ),
        pytest.param(
            [(SPOT, ("spec", "taints"), ["team=a:NoExecute", "team=a:NoSchedule"])],
            [],
            id="two effects",
        ),
    ],
)
def test_a_taint_is_one_and_stands_there_once(changes: list[Change], expected: list[str]) -> None:
    assert faults(group_nodes._taints, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [(SPOT, ("spec", "nodeLabels"), {"acme.com/team": "api"})], [], id="with a prefix"
        ),
        pytest.param(
            [(SPOT, ("spec", "nodeLabels"), {"acme.com/a/b": "api"})],
            [f'{SPOT} spec.nodeLabels."acme.com/a/b"'],
            id="two slashes",
        ),
        pytest.param(
            [(SPOT, ("spec", "nodeLabels"), {"team": "the api"})],
            [f"{SPOT} spec.nodeLabels.team"],
            id="a value with a blank",
        ),
        pytest.param([(SPOT, ("spec", "nodeLabels"), {"team": ""})], [], id="an empty value"),
        pytest.param(
            [("", ("spec", "kubelet", "nodeLabels"), {"-team": "api"})],
            ["Cluster spec.kubelet.nodeLabels.-team"],
            id="by the kubelet of all",
        ),
    ],
)
def test_a_node_label_is_one_that_kubernetes_takes(
    changes: list[Change], expected: list[str]
) -> None:
    assert faults(group_nodes._node_labels, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([(SPOT, ("spec", "rootVolumeType"), "io2")], [], id="a known type"),
        pytest.param(
            [(SPOT, ("spec", "rootVolumeType"), "st1")],
            [f"{SPOT} spec.rootVolumeType"],
            id="an unknown type",
        ),
        pytest.param(
            [(SPOT, ("spec", "rootVolumeSize"), 0)], [f"{SPOT} spec.rootVolumeSize"], id="no size"
        ),
        pytest.param(
            [(SPOT, ("spec", "rootVolumeIops"), -1)], [f"{SPOT} spec.rootVolumeIops"], id="no speed"
        ),
    ],
)
def test_a_root_volume_is_one_that_aws_has(changes: list[Change], expected: list[str]) -> None:
    assert faults(group_nodes._root_volumes, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [(SPOT, ("spec", "instanceMetadata"), {"httpPutResponseHopLimit": 1})],
            [],
            id="the lowest",
        ),
        pytest.param(
            [(SPOT, ("spec", "instanceMetadata"), {"httpPutResponseHopLimit": 64})],
            [],
            id="the highest",
        ),
        pytest.param(
            [(SPOT, ("spec", "instanceMetadata"), {"httpPutResponseHopLimit": 65})],
            [f"{SPOT} spec.instanceMetadata.httpPutResponseHopLimit"],
            id="above",
        ),
        pytest.param(
            [(SPOT, ("spec", "instanceMetadata"), {"httpTokens": "mandatory"})],
            [f"{SPOT} spec.instanceMetadata.httpTokens"],
            id="tokens that may be",
        ),
    ],
)
def test_the_metadata_service_is_set_as_aws_allows(
    changes: list[Change], expected: list[str]
) -> None:
    assert faults(group_nodes._metadata_service, *changes) == expected
