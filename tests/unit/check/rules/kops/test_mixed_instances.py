from __future__ import annotations

import pytest

from kingtide.check.rules.kops import mixed_instances
from tests.unit.check.rules.kops.documents import SPOT, Change, faults


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [(SPOT, ("spec", "mixedInstancesPolicy", "onDemandBase"), 100)], [], id="a base of all"
        ),
        pytest.param(
            [(SPOT, ("spec", "mixedInstancesPolicy", "onDemandBase"), 101)],
            [f"{SPOT} spec.mixedInstancesPolicy.onDemandBase"],
            id="a base of more than all",
        ),
        pytest.param(
            [(SPOT, ("spec", "mixedInstancesPolicy", "onDemandAboveBase"), 100)],
            [],
            id="all above the base",
        ),
        pytest.param(
            [(SPOT, ("spec", "mixedInstancesPolicy", "onDemandAboveBase"), -1)],
            [f"{SPOT} spec.mixedInstancesPolicy.onDemandAboveBase"],
            id="below nothing",
        ),
    ],
)
def test_an_on_demand_share_is_one(changes: list[Change], expected: list[str]) -> None:
    assert faults(mixed_instances._on_demand_shares, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [(SPOT, ("spec", "mixedInstancesPolicy", "spotAllocationStrategy"), "lowest-prize")],
            [f"{SPOT} spec.mixedInstancesPolicy.spotAllocationStrategy"],
            id="misspelt",
        ),
        pytest.param(
            [(SPOT, ("spec", "mixedInstancesPolicy", "spotAllocationStrategy"), "diversified")],
            [],
            id="diversified",
        ),
    ],
)
def test_a_strategy_of_spot_is_one(changes: list[Change], expected: list[str]) -> None:
    assert faults(mixed_instances._spot_strategies, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [(SPOT, ("spec", "mixedInstancesPolicy", "spotInstancePools"), 2)],
            [f"{SPOT} spec.mixedInstancesPolicy.spotInstancePools"],
            id="beside another strategy",
        ),
        pytest.param(
            [
                (
                    SPOT,
                    ("spec", "mixedInstancesPolicy"),
                    {"spotInstancePools": 20, "spotAllocationStrategy": "lowest-price"},
                )
            ],
            [],
            id="with lowest-price",
        ),
        pytest.param(
            [
                (
                    SPOT,
                    ("spec", "mixedInstancesPolicy"),
                    {"spotInstancePools": 21, "spotAllocationStrategy": "lowest-price"},
                )
            ],
            [f"{SPOT} spec.mixedInstancesPolicy.spotInstancePools"],
            id="too many",
        ),
    ],
)
def test_pools_go_with_the_lowest_price(changes: list[Change], expected: list[str]) -> None:
    assert faults(mixed_instances._spot_pools, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [(SPOT, ("spec", "mixedInstancesPolicy", "onDemandAllocationStrategy"), "prioritized")],
            [],
            id="prioritized",
        ),
        pytest.param(
            [(SPOT, ("spec", "mixedInstancesPolicy", "onDemandAllocationStrategy"), "diversified")],
            [f"{SPOT} spec.mixedInstancesPolicy.onDemandAllocationStrategy"],
            id="one of spot",
        ),
    ],
)
def test_a_strategy_of_on_demand_is_one(changes: list[Change], expected: list[str]) -> None:
    assert faults(mixed_instances._on_demand_strategies, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [(SPOT, ("spec", "machineType"), "m5.4xlarge")],
            [f"{SPOT} spec.machineType"],
            id="another type",
        ),
        pytest.param([(SPOT, ("spec", "mixedInstancesPolicy"), None)], [], id="no types"),
    ],
)
def test_the_machine_type_is_the_first_of_the_types(
    changes: list[Change], expected: list[str]
) -> None:
    assert faults(mixed_instances._first_types, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [(SPOT, ("spec", "mixedInstancesPolicy", "instances"), ["c5.4xlarge", "p4d.24xlarge"])],
            [f"{SPOT} spec.mixedInstancesPolicy.instances[1]"],
            id="p4d beside c5",
        ),
        pytest.param(
            [
                (
                    SPOT,
                    ("spec",),
                    {
                        "machineType": "g5.4xlarge",
                        "mixedInstancesPolicy": {"instances": ["g5.4xlarge", "g6.4xlarge"]},
                    },
                )
            ],
            [],
            id="only with",
        ),
    ],
)
def test_gpus_are_in_all_types_of_a_group_or_in_none(
    changes: list[Change], expected: list[str]
) -> None:
    assert faults(mixed_instances._graphics, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [(SPOT, ("spec", "mixedInstancesPolicy", "instances"), ["c5.4xlarge", "m6g.4xlarge"])],
            [f"{SPOT} spec.mixedInstancesPolicy.instances[1]"],
            id="arm beside others",
        ),
        pytest.param(
            [(SPOT, ("spec", "image"), "acme-aarch64")],
            [f"{SPOT} spec.machineType"],
            id="an image of another",
        ),
        pytest.param(
            [(SPOT, ("spec", "image"), "ami-0123456789abcdef0")],
            [],
            id="an image that does not tell",
        ),
    ],
)
def test_types_and_image_have_one_architecture(changes: list[Change], expected: list[str]) -> None:
    assert faults(mixed_instances._architectures, *changes) == expected
