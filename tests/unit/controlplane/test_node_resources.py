"""What a node of an instance type has and offers to pods."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from kingtide.aws.instance_types import INSTANCE_TYPES, instance_type
from kingtide.controlplane.node_resources import KUBELET_MAX_PODS, allocatable, capacity

TYPES_CSV = Path(__file__).parents[4] / "shared" / "data" / "ec2_instance_types.csv"
MIB = 1024 * 1024


@pytest.mark.parametrize("name", sorted(INSTANCE_TYPES))
def test_every_type_offers_less_than_it_has(name: str) -> None:
    whole, offered = capacity(name), allocatable(name)
    assert 0 < offered.cpu_millicores < whole.cpu_millicores
    assert 0 < offered.memory_bytes < whole.memory_bytes
    assert whole.memory_bytes < instance_type(name).memory_mib * MIB
    assert offered.pods == whole.pods == KUBELET_MAX_PODS


@pytest.mark.parametrize(
    ("cores_of", "millicores"),
    [
        pytest.param("c5.large", 1930, id="2 cores: 60 + 10"),
        pytest.param("c5.xlarge", 3920, id="4 cores: 60 + 10 + 2 x 5"),
        pytest.param("c5.4xlarge", 15890, id="16 cores: 60 + 10 + 10 + 12 x 2.5"),
    ],
)
def test_reserved_cpu_shrinks_with_each_core(cores_of: str, millicores: int) -> None:
    assert allocatable(cores_of).cpu_millicores == millicores


def test_memory_is_reserved_for_each_pod_that_fits() -> None:
    few, many = allocatable("m5.large", 29), allocatable("m5.large", 110)
    assert few.memory_bytes - many.memory_bytes == (110 - 29) * 11 * MIB


def test_what_nodes_offer_is_that_of_the_reference_data() -> None:
    if not TYPES_CSV.exists():
        pytest.skip("the reference data is not beside the repository")
    with TYPES_CSV.open() as file:
        rows = {row["instance_type"]: row for row in csv.DictReader(file)}
    for name, found in INSTANCE_TYPES.items():
        offered = allocatable(name, found.max_pods)
        row = rows[name]
        assert (offered.cpu_millicores, offered.memory_bytes // MIB) == (
            int(row["alloc_cpu_m"]),
            int(row["alloc_mem_mib"]),
        ), name
