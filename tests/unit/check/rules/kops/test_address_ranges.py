from __future__ import annotations

import pytest

from kingtide.check.rules.kops import address_ranges
from tests.unit.check.rules.kops.documents import Change, faults


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [("", ("spec", "subnets", 1, "cidr"), "10.0.33.0/24")],
            ["Cluster spec.subnets[1].cidr"],
            id="on another",
        ),
        pytest.param(
            [("", ("spec", "subnets", 0, "cidr"), "10.1.0.0/20")],
            ["Cluster spec.subnets[0].cidr"],
            id="outside",
        ),
        pytest.param(
            [
                ("", ("spec", "subnets", 0, "cidr"), "10.1.0.0/20"),
                ("", ("spec", "additionalNetworkCIDRs"), ["10.1.0.0/16"]),
            ],
            [],
            id="in a further range",
        ),
        pytest.param(
            [
                ("", ("spec", "subnets", 0, "cidr"), "100.64.0.0/20"),
                ("", ("spec", "additionalNetworkCIDRs"), ["100.64.0.0/16"]),
            ],
            ["Cluster spec.subnets[0].cidr"],
            id="on the pods",
        ),
        pytest.param(
            [("", ("spec", "subnets", 0, "cidr"), "10.0.0.0/99")],
            ["Cluster spec.subnets[0].cidr"],
            id="none",
        ),
    ],
)
def test_a_subnet_is_inside_the_vpc_and_on_nothing_else(
    changes: list[Change], expected: list[str]
) -> None:
    assert faults(address_ranges._subnet_ranges, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [("", ("spec", "nonMasqueradeCIDR"), "10.0.128.0/17")],
            ["Cluster spec.nonMasqueradeCIDR"],
            id="the VPC",
        ),
        pytest.param([("", ("spec", "nonMasqueradeCIDR"), "10.1.0.0/16")], [], id="beside the VPC"),
        pytest.param(
            [
                ("", ("spec", "nonMasqueradeCIDR"), "10.0.0.0/16"),
                ("", ("spec", "networking"), {"amazonvpc": {}}),
            ],
            [],
            id="the VPC, with its addresses",
        ),
        pytest.param(
            [
                ("", ("spec", "nonMasqueradeCIDR"), "10.0.0.0/16"),
                ("", ("spec", "networking"), {"cilium": {"ipam": "eni"}}),
            ],
            [],
            id="the VPC, with its interfaces",
        ),
        pytest.param(
            [("", ("spec", "networkCIDR"), "ten")], ["Cluster spec.networkCIDR"], id="none"
        ),
    ],
)
def test_pods_and_machines_have_ranges_of_their_own(
    changes: list[Change], expected: list[str]
) -> None:
    assert faults(address_ranges._pod_range, *changes) == expected
