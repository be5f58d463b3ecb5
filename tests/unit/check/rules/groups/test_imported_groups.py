"""InstanceGroups of manifests are held to the same rules as generated ones."""

from __future__ import annotations

import pytest

from tests.unit.check.rules.checking import found

GROUP = """\
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: spot-old, labels: {kops.k8s.io/cluster: prod.k8s.foo.bar}}
spec:
  role: Node
  machineType: c5.4xlarge
  minSize: 0
  maxSize: 10
  subnets: [eu-west-1a]
  mixedInstancesPolicy:
    instances: [m5.4xlarge, c5.4xlarge, m5.8xlarge, c6g.4xlarge]
"""


@pytest.mark.parametrize(
    ("code", "field", "line"),
    [
        ("KT202", "spec.mixedInstancesPolicy.instances", 11),
        ("KT203", "spec.mixedInstancesPolicy.instances", 11),
        ("KT204", "spec.mixedInstancesPolicy.instances", 11),
        ("KT205", "spec.mixedInstancesPolicy.onDemandAboveBase", 11),
        ("KT206", "spec.mixedInstancesPolicy", 11),
        ("KT207", "spec.subnets", 9),
        ("KT208", "spec.mixedInstancesPolicy.instances", 11),
        ("KT211", "metadata.name", 3),
    ],
)
def test_a_rule_finds_it_in_the_manifest(code: str, field: str, line: int) -> None:
    (it,) = (it for it in found(code, manifests__old=GROUP) if it.about)
    assert (it.about, it.field) == ("InstanceGroup spot-old", field)
    assert (it.place.file, it.place.line) == ("manifests/old.yaml", line)


def test_groups_without_a_label_serve_the_same_pods() -> None:
    fallback = GROUP.replace("spot-old", "on-demand-old")
    assert [
        it for it in found("KT211", manifests__a=GROUP, manifests__b=fallback) if it.about
    ] == []
    many = {f"manifests__{n}": GROUP.replace("spot-old", f"spot-{n}") for n in range(5)}
    (it,) = found("KT201", **many)
    assert it.wrong.startswith("nodes of no application group: 5 Auto Scaling groups, spot-0,")


def test_a_group_that_bids_a_price_is_spot_without_a_policy() -> None:
    priced = GROUP[: GROUP.index("  mixedInstancesPolicy:")] + '  maxPrice: "0.2"\n'
    priced = priced.replace("spot-old", "nodes")
    for code, count in (("KT205", 0), ("KT206", 0), ("KT208", 1)):
        assert len(found(code, manifests__old=priced)) == count, code


def test_a_group_of_another_role_is_no_group_of_nodes() -> None:
    master = GROUP.replace("role: Node", "role: Master")
    assert [it for it in found("KT203", manifests__old=master) if it.about] == []
