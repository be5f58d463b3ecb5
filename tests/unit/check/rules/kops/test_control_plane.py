from __future__ import annotations

import pytest

from kingtide.check.rules.kops import control_plane
from tests.unit.check.rules.kops.documents import CONTROL_PLANE, SPOT, Change, faults


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([("", ("metadata", "labels"), {})], [], id="three"),
        pytest.param(
            [("", ("spec", "etcdClusters", 1, "etcdMembers", 0), None)],
            ["Cluster spec.etcdClusters[1].etcdMembers"],
            id="two",
        ),
        pytest.param(
            [("", ("spec", "etcdClusters", 0, "etcdMembers"), [])],
            ["Cluster spec.etcdClusters[0].etcdMembers"],
            id="none",
        ),
    ],
)
def test_etcd_has_an_odd_number_of_members(changes: list[Change], expected: list[str]) -> None:
    assert faults(control_plane._odd_members, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [("", ("spec", "etcdClusters", 0, "etcdMembers", 0, "instanceGroup"), "other")],
            [
                "Cluster spec.etcdClusters[0].etcdMembers[0].instanceGroup",
                f"{CONTROL_PLANE} metadata.name",
            ],
            id="a member of nobody",
        ),
        pytest.param(
            [("", ("spec", "etcdClusters", 1, "etcdMembers", 0, "instanceGroup"), SPOT)],
            [
                "Cluster spec.etcdClusters[1].etcdMembers[0].instanceGroup",
                f"{CONTROL_PLANE} metadata.name",
            ],
            id="a member of nodes",
        ),
    ],
)
def test_etcd_and_the_control_plane_are_the_same_machines(
    changes: list[Change], expected: list[str]
) -> None:
    assert faults(control_plane._memberships, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([("", ("spec", "kubernetesVersion"), "v1.35.7")], [], id="with a v"),
        pytest.param(
            [("", ("spec", "kubernetesVersion"), "1.35")],
            ["Cluster spec.kubernetesVersion"],
            id="of two numbers",
        ),
        pytest.param(
            [("", ("spec", "kubernetesVersion"), 1)],
            ["Cluster spec.kubernetesVersion"],
            id="a number",
        ),
        pytest.param(
            [("", ("spec", "kubernetesVersion"), "1.30.14")],
            ["Cluster spec.kubernetesVersion"],
            id="too old",
        ),
        pytest.param([("", ("spec", "kubernetesVersion"), "1.31.0")], [], id="the oldest"),
        pytest.param(
            [(SPOT, ("spec", "image"), "amazon-eks-node-al2023-x86_64-standard-1.34-v20260801")],
            [f"{SPOT} spec.image"],
            id="an image of another",
        ),
        pytest.param(
            [(SPOT, ("spec", "image"), "amazon-eks-node-al2023-x86_64-standard-1.35-v20260801")],
            [],
            id="an image of the same",
        ),
    ],
)
def test_a_version_is_exact_and_the_images(changes: list[Change], expected: list[str]) -> None:
    assert faults(control_plane._versions, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([("", ("metadata", "labels"), {})], [], id="with dots"),
    ],
)
def test_a_cluster_has_a_domain_name(changes: list[Change], expected: list[str]) -> None:
    assert faults(control_plane._names, *changes) == expected
