from __future__ import annotations

import pytest

from kingtide.compile.document import Document
from kingtide.compile.plan.group_changes import group_changes
from kingtide.compile.plan.model import GroupChange, Nodes
from kingtide.fleet.documents.tree import Plain
from tests.unit.compile.plan.fleets import cluster, control_plane, group, spot, state

Kops = tuple[Document, ...]


def changes(before: Kops, after: Kops, **typical: int) -> dict[str, GroupChange]:
    found = group_changes(state(*before, typical=typical), state(*after, typical=typical))
    return {it.name: it for it in found}


def effect(before: Document, after: Document) -> str | None:
    found = changes((cluster(), before), (cluster(), after))
    return found[after.name].effect if found else None


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        pytest.param("image", "other", "rolls", id="image"),
        pytest.param("machineType", "m6i.4xlarge", "rolls", id="machine type"),
        pytest.param("rootVolumeSize", 200, "rolls", id="disk"),
        pytest.param("taints", ["a=b:NoSchedule"], "rolls", id="taints"),
        pytest.param("nodeLabels", {"a": "b"}, "rolls", id="labels"),
        pytest.param("cloudLabels", {"a": "b"}, "rolls", id="instance tags"),
        pytest.param("maxPrice", "0.10", "rolls", id="a spot price in the launch template"),
        pytest.param("aFieldOfTomorrow", 1, "rolls", id="unknown"),
        pytest.param("mixedInstancesPolicy", {"instances": ["m5.xlarge"]}, "launches", id="mix"),
        pytest.param("subnets", ["eu-west-1b"], "launches", id="subnets"),
        pytest.param("minSize", 2, "resized", id="minimum"),
        pytest.param("maxSize", 20, "resized", id="maximum"),
        pytest.param("suspendProcesses", ["AZRebalance"], "settings", id="processes"),
        pytest.param("rollingUpdate", {"maxSurge": 3}, "settings", id="surge"),
    ],
)
def test_a_field_of_a_group(field: str, value: Plain, expected: str) -> None:
    assert effect(group("a"), group("a", **{field: value})) == expected


def test_a_spot_price_beside_a_mix_stands_on_the_group_alone() -> None:
    assert effect(spot("a"), spot("a", maxPrice="0.10")) == "launches"


def test_the_strongest_effect_counts_and_tells_its_fields() -> None:
    before, after = group("a"), group("a", minSize=2, image="new", rootVolumeSize=100)
    found = changes((cluster(), before), (cluster(), after))["a"]
    assert found.effect == "rolls"
    assert found.reasons == ("spec.image", "spec.rootVolumeSize")


@pytest.mark.parametrize(
    ("spec", "rolling"),
    [
        pytest.param({"kubernetesVersion": "1.36.0"}, ["m", "a"], id="version"),
        pytest.param({"kubelet": {"maxPods": 50}}, ["m", "a"], id="kubelet"),
        pytest.param({"cloudLabels": {"team": "x"}}, ["m", "a"], id="tags of every instance"),
        pytest.param({"kubeDNS": {"nodeLocalDNS": {"enabled": True}}}, ["m", "a"], id="new"),
        pytest.param({"kubeAPIServer": {"x": 1}}, ["m"], id="API server"),
        pytest.param({"kubeControllerManager": {"x": "1m"}}, ["m"], id="controllers"),
        pytest.param({"kubernetesApiAccess": ["10.0.0.0/8"]}, [], id="who may ask"),
        pytest.param({"rollingUpdate": {"maxSurge": 3}}, [], id="how it rolls"),
        pytest.param({"metricsServer": {"enabled": True}}, [], id="an add-on"),
    ],
)
def test_a_field_of_the_cluster(spec: dict[str, Plain], rolling: list[str]) -> None:
    rest = (control_plane("m"), group("a"))
    found = changes((cluster(kubeDNS={}), *rest), (cluster(**{"kubeDNS": {}, **spec}), *rest))
    assert [it.name for it in found.values() if it.effect == "rolls"] == rolling


def test_a_deeper_field_may_do_more_than_the_one_above_it() -> None:
    def dns(**node_local: Plain) -> Document:
        return cluster(kubeDNS={"nodeLocalDNS": dict(node_local)})

    rest = (control_plane("m"), group("a"))
    on, more = dns(enabled=True), dns(enabled=True, cpuRequest="50m")
    assert not changes((on, *rest), (more, *rest))
    assert list(changes((dns(enabled=False), *rest), (on, *rest))) == ["m", "a"]


def test_groups_roll_in_kops_order_control_plane_first_then_by_name() -> None:
    names = ["b", "a"]
    before = (cluster(), *(group(it) for it in names), control_plane("z"))
    after = (cluster(), *(group(it, image="new") for it in names), control_plane("z", image="new"))
    assert list(changes(before, after)) == ["z", "a", "b"]


def test_what_runs_now_is_what_rolls() -> None:
    before = group("a", minSize=2, maxSize=10)
    after = group("a", minSize=4, maxSize=40, image="new")
    found = changes((cluster(), before), (cluster(), after), a=6)["a"]
    assert found.nodes == Nodes(2, 6, 10)
    assert found.spans.minimum.low_seconds < found.spans.typical.low_seconds
    assert found.spans.maximum.low_seconds < found.spans.maximum.high_seconds


def test_new_groups_and_groups_that_are_gone_are_told() -> None:
    found = changes((cluster(), group("old", minSize=3)), (cluster(), group("new")))
    assert [(it.name, it.effect) for it in found.values()] == [
        ("new", "created"),
        ("old", "deleted"),
    ]
    assert found["old"].nodes == Nodes(3, 3, 10)
