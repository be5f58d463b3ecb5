from __future__ import annotations

from typing import Any

import pytest
import yaml

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.migration.type_lists import TypeLists, size_of, stand_in
from tests.unit.migration.round_trip import Imported


def group(name: str, cluster: str = "a.k.x", **spec: Any) -> dict[str, Any]:
    given = {"role": "Node", "machineType": "m5.large", "minSize": 1, "maxSize": 3, **spec}
    given.setdefault("subnets", ["eu-west-1a"])
    return {
        "apiVersion": "kops.k8s.io/v1alpha2",
        "kind": "InstanceGroup",
        "metadata": {"name": name, "labels": {"kops.k8s.io/cluster": cluster}},
        "spec": {key: value for key, value in given.items() if value is not None},
    }


def cluster(name: str = "a.k.x", **spec: Any) -> dict[str, Any]:
    zones = ("eu-west-1a", "eu-west-1b")
    given = {
        "cloudProvider": "aws",
        "configBase": f"s3://store/{name}",
        "kubernetesVersion": "1.35.7",
        "networkCIDR": "10.0.0.0/16",
        "networking": {"cilium": {}},
        "subnets": [{"name": it, "zone": it, "type": "Public"} for it in zones],
        **spec,
    }
    return {
        "apiVersion": "kops.k8s.io/v1alpha2",
        "kind": "Cluster",
        "metadata": {"name": name},
        "spec": {key: value for key, value in given.items() if value is not None},
    }


def imported(*documents: dict[str, Any], **options: Any) -> Imported:
    masters = [
        group(f"m-{it['metadata']['name']}", it["metadata"]["name"], role="Master", maxSize=1)
        for it in documents
        if it["kind"] == "Cluster"
    ]
    return Imported(yaml.safe_dump_all([*documents, *masters]), **options)


def read(found: Imported, path: str) -> dict[str, Any]:
    spec = yaml.safe_load(found.text(path))["spec"]
    assert isinstance(spec, dict)
    return spec


SPOT = {"instances": ["c5.4xlarge", "m5.4xlarge"], "onDemandAboveBase": 0}


@pytest.mark.parametrize(
    ("name", "spec", "made"),
    [
        ("spot_4x_32Gb", {"mixedInstancesPolicy": SPOT}, "spot-nodes-workers-4x-32gb"),
        ("spot-nodes-api-8x", {"mixedInstancesPolicy": SPOT}, "spot-nodes-api-8x"),
        ("on-demand-api-8x", {}, "on-demand-api-8x"),
        ("ondemand-2x", {}, "on-demand-workers-2x"),
        ("prometheus", {}, "on-demand-prometheus-large"),
        ("Nodes.b", {"maxPrice": "0.1"}, "spot-nodes-nodes-b-large"),
        ("x", {"machineType": "c5.xlarge"}, "on-demand-x-1x"),
        ("x", {"mixedInstancesPolicy": {**SPOT, "onDemandAboveBase": 49}}, "spot-nodes-x-4x"),
        ("x", {"mixedInstancesPolicy": {**SPOT, "onDemandAboveBase": 50}}, "on-demand-x-4x"),
        ("x", {"mixedInstancesPolicy": {"instances": ["m5.large"]}}, "on-demand-x-large"),
    ],
)
def test_a_group_is_named_by_what_its_name_and_types_say(
    name: str, spec: dict[str, Any], made: str
) -> None:
    found = imported(cluster(), group(name, **spec))
    (one,) = found.proposal.clusters
    assert list(one.groups.documents) == [made]
    assert ("InstanceGroup", name) in found.documents("a")


def test_names_that_would_meet_stay_apart() -> None:
    found = imported(cluster(), group("spot_4x", maxPrice="1"), group("spot-4x", maxPrice="1"))
    (one,) = found.proposal.clusters
    assert list(one.groups.documents) == ["spot-nodes-workers-4x", "spot-nodes-workers-4x-2"]


def test_the_articles_spot_nodes_map_one_to_one() -> None:
    policy = {"instances": ["c5.4xlarge", "c5d.4xlarge"], "onDemandAboveBase": 0}
    found = imported(
        cluster(),
        group("spot_4x_32Gb", mixedInstancesPolicy=policy, minSize=1, maxSize=100),
        group("on-demand_4x_32Gb", mixedInstancesPolicy={**policy, "onDemandAboveBase": 100}),
    )
    base = read(found, "classes/base.yaml")
    assert base["nodeGroups"] == {
        "workers": {
            "zones": ["a"],
            "spot": {"sizes": {"4x-32gb": {"instances": "4x-cpu16", "min": 1, "max": 100}}},
            "onDemandFallback": {"sizes": {"4x-32gb": {"min": 1, "max": 3}}},
        }
    }


def test_what_all_clusters_say_stands_in_the_class_and_the_rest_in_their_own_files() -> None:
    other = cluster("b-staging.k.x", networkCIDR="10.9.0.0/16", cloudLabels={"team": "t"})
    found = imported(
        cluster(cloudLabels={"team": "t"}),
        other,
        group("x"),
        group("x", "b-staging.k.x", maxSize=9),
    )
    base, one, two = (
        read(found, f"{it}.yaml") for it in ("classes/base", "clusters/a", "clusters/b-staging")
    )
    sizes = {"sizes": {"large": {"instances": ["m5.large"], "min": 1}}}
    assert base["nodeGroups"] == {"x": {"zones": ["a"], "onDemand": sizes}}
    assert one["nodeGroups"] == {"x": {"onDemand": {"sizes": {"large": {"max": 3}}}}}
    assert (one["stage"], two["stage"]) == ("prod", "staging")
    assert two["network"] == {"cidr": "10.9.0.0/16"}
    assert read(found, "fleet.yaml") == {
        "stateStore": "s3://store",
        "dnsZone": "k.x",
        "stages": ["staging", "prod"],
        "kubernetesVersion": "1.35.7",
        "tags": {"team": "t"},
    }


def test_counts_that_are_not_said_are_those_of_kops() -> None:
    found = imported(cluster(), group("x", minSize=None, maxSize=None))
    size = read(found, "classes/base.yaml")["nodeGroups"]["x"]["onDemand"]["sizes"]["large"]
    assert (size["min"], size["max"]) == (2, 2)
    assert "minSize" not in str(found.documents("a")["InstanceGroup", "x"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"networkCIDR": None}, "spec.networkCIDR: is missing"),
        ({"cloudProvider": "gce"}, "spec.cloudProvider: is not aws"),
        ({"subnets": []}, "spec.subnets: name no zones of one AWS region"),
        ({"configBase": None}, "spec.configBase: does not tell where kops keeps its state"),
        ({"kubernetesVersion": None}, "spec.kubernetesVersion: is missing"),
    ],
)
def test_what_a_fleet_cannot_do_without_is_told(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(Mistakes) as caught:
        imported(cluster(**changes), group("x"))
    assert f"m1.yaml:1:1: {told}" in str(caught.value)


def test_the_state_store_may_be_given() -> None:
    found = imported(cluster(configBase=None), group("x"), state_store="s3://given")
    assert read(found, "fleet.yaml")["stateStore"] == "s3://given"


def test_clusters_of_two_zones_are_no_fleet() -> None:
    with pytest.raises(Mistakes, match=r"is below l\.x, and another cluster below k\.x"):
        imported(cluster(), cluster("b.l.x"), group("x"), group("x", "b.l.x"))


def test_a_cluster_without_nodes_is_no_fleet() -> None:
    with pytest.raises(Mistakes, match="has no InstanceGroup of nodes that a fleet can have"):
        imported(cluster(), group("x", role="Bastion"))


@pytest.mark.parametrize(
    ("written", "known"),
    [("m5.large", "m5.large"), ("t2.micro", "t2.small"), ("m1.small", "m3.medium"),
     ("x1.32xlarge", None), ("x", None), ("z1d.large", None)],
)  # fmt: skip
def test_a_stand_in_is_of_the_same_kind_and_not_smaller(written: str, known: str | None) -> None:
    assert stand_in(written) == known


def test_lists_have_names_of_their_own() -> None:
    lists = TypeLists()
    names = [lists.name(it) for it in (["c5.4xlarge"], ["m5.4xlarge"], ["c5.4xlarge"])]
    assert names == ["4x-cpu16", "4x-cpu16-2", "4x-cpu16"]
    assert [size_of(it) for it in ("m5.large", "m5.xlarge", "m5.metal")] == ["large", "1x", "metal"]
