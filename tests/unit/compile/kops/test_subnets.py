from __future__ import annotations

from typing import Any

import pytest

from tests.unit.compile.fleets import compiled, mistakes, spec_of


def subnets(**network: Any) -> dict[str, dict[str, Any]]:
    written = {"cidr": "10.0.0.0/16", "pods": "cilium", **network}
    found = spec_of(compiled(network=written).kops[0])["subnets"]
    return {it["name"]: {key: it[key] for key in it if key != "name"} for it in found}


def test_ranges_are_cut_by_zone_letter_with_small_ones_for_load_balancers() -> None:
    found = subnets()
    assert {name: (it["type"], it["cidr"]) for name, it in found.items()} == {
        "eu-west-3a": ("Private", "10.0.32.0/19"),
        "eu-west-3b": ("Private", "10.0.64.0/19"),
        "eu-west-3c": ("Private", "10.0.96.0/19"),
        "utility-eu-west-3a": ("Utility", "10.0.0.0/22"),
        "utility-eu-west-3b": ("Utility", "10.0.4.0/22"),
        "utility-eu-west-3c": ("Utility", "10.0.8.0/22"),
    }
    assert found["eu-west-3b"]["zone"] == "eu-west-3b"


def test_a_zone_that_goes_moves_no_other() -> None:
    spec = spec_of(compiled(zones=["c", "b"]).kops[0])
    assert [it["cidr"] for it in spec["subnets"] if it["type"] == "Private"] == [
        "10.0.96.0/19",
        "10.0.64.0/19",
    ]


def test_public_nodes_have_one_subnet_a_zone() -> None:
    found = subnets(topology="public")
    assert [(name, it["type"]) for name, it in found.items()] == [
        ("eu-west-3a", "Public"),
        ("eu-west-3b", "Public"),
        ("eu-west-3c", "Public"),
    ]


def test_what_is_written_wins_and_an_existing_subnet_keeps_its_range() -> None:
    found = subnets(
        subnets={
            "a": {"nodesId": "subnet-1", "egress": "nat-1"},
            "eu-west-3b": {"nodes": "10.0.128.0/18", "utilityId": "subnet-2"},
            "c": {"nodesId": "subnet-3", "nodes": "10.0.224.0/19"},
        }
    )
    assert found["eu-west-3a"] == {
        "type": "Private",
        "zone": "eu-west-3a",
        "id": "subnet-1",
        "egress": "nat-1",
    }
    assert found["eu-west-3b"]["cidr"] == "10.0.128.0/18"
    assert found["utility-eu-west-3b"]["id"] == "subnet-2"
    assert "cidr" not in found["utility-eu-west-3b"]
    assert found["eu-west-3c"]["cidr"] == "10.0.224.0/19"
    assert found["utility-eu-west-3a"]["cidr"] == "10.0.0.0/22"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"network": {"pods": "cilium"}}, "spec.network.cidr: is missing"),
        (
            {"network": {"pods": "cilium", "cidr": "10.0.0.1/16"}},
            "spec.network.cidr: '10.0.0.1/16' is not a range",
        ),
        (
            {"zones": ["a", "h"]},
            "spec.network.cidr: 10.0.0.0/16 has no part for zone h; write `network.subnets.h.nodes",
        ),
        (
            {"network": {"pods": "cilium", "cidr": "10.0.0.0/23"}, "zones": ["a"]},
            "10.0.0.0/23 has no part for zone a; write `network.subnets.a.utility:`",
        ),
        (
            {"network": {"pods": "cilium", "cidr": "10.0.0.0/16", "subnets": {"d": {}}}},
            "spec.network.subnets.d: 'd' is no zone of the cluster; known zones are a, b, c",
        ),
    ],
    ids=["none", "host bits", "letter", "small", "zone"],
)
def test_what_cannot_be_cut_is_told(changes: dict[str, Any], told: str) -> None:
    (mistake,) = mistakes(**changes)
    assert mistake.startswith("clusters/small.yaml:")
    assert told in mistake
