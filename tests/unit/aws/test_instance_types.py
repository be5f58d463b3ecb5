"""Instance types: the table, and what a node of a type offers to pods."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from kingtide.aws.instance_types import (
    INSTANCE_TYPES,
    KUBELET_MAX_PODS,
    UnknownInstanceType,
    allocatable,
    capacity,
    instance_type,
)

REFERENCE = Path(__file__).parents[4] / "shared"
TYPES_CSV = REFERENCE / "data" / "ec2_instance_types.csv"
SNIPPETS = REFERENCE / "examples" / "fleet" / "snippets" / "instance-types"
MIB = 1024 * 1024


def test_at_least_sixty_types_are_known() -> None:
    assert len(INSTANCE_TYPES) >= 60


def test_a_type_tells_its_size_its_prices_and_its_spot_markets() -> None:
    found = instance_type("c5.4xlarge")
    assert (found.vcpus, found.memory_mib, found.max_pods, found.arch) == (16, 32768, 234, "amd64")
    assert found.on_demand_micro_usd_per_hour == {"eu-west-1": 768_000, "us-east-1": 680_000}
    assert found.spot["eu-west-1"].saving_percent == 56
    assert found.spot["eu-west-1"].interruption == "5-10%"
    assert found.spot["eu-west-3"].interruption == ">20%"


@pytest.mark.parametrize(
    ("name", "arch"),
    [
        ("m6g.large", "arm64"),
        ("r6g.xlarge", "arm64"),
        ("m6a.large", "amd64"),
        ("m4.large", "amd64"),
    ],
)
def test_graviton_families_are_arm(name: str, arch: str) -> None:
    assert instance_type(name).arch == arch


def test_an_unknown_type_is_told_with_the_names_nearest_to_it() -> None:
    with pytest.raises(UnknownInstanceType) as raised:
        instance_type("m5.xlrge")
    assert raised.value.nearest[0] == "m5.xlarge"
    assert "m5.xlrge" in str(raised.value)
    assert "did you mean m5.xlarge" in str(raised.value)


def test_a_name_like_no_other_has_no_nearest() -> None:
    with pytest.raises(UnknownInstanceType) as raised:
        instance_type("quantum")
    assert raised.value.nearest == ()
    assert "did you mean" not in str(raised.value)


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


def test_every_figure_is_that_of_the_reference_data() -> None:
    if not TYPES_CSV.exists():
        pytest.skip("the reference data is not beside the repository")
    with TYPES_CSV.open() as file:
        rows = {row["instance_type"]: row for row in csv.DictReader(file)}
    for name, found in INSTANCE_TYPES.items():
        row = rows[name]
        offered = allocatable(name, found.max_pods)
        assert (
            found.vcpus,
            found.memory_mib,
            found.max_pods,
            found.on_demand_micro_usd_per_hour["us-east-1"],
            offered.cpu_millicores,
            offered.memory_bytes // MIB,
        ) == (
            int(row["vcpu"]),
            int(row["memory_mib"]),
            int(row["max_pods_eni"]),
            round(float(row["od_usd_h_us_east_1"]) * 1_000_000),
            int(row["alloc_cpu_m"]),
            int(row["alloc_mem_mib"]),
        ), name


def test_every_type_of_the_example_fleet_is_known() -> None:
    if not SNIPPETS.exists():
        pytest.skip("the example fleet is not beside the repository")
    names = [
        line.removeprefix("- ").strip()
        for path in sorted(SNIPPETS.glob("*.yaml"))
        for line in path.read_text().splitlines()
        if line.startswith("- ")
    ]
    assert len(names) > 30
    assert [name for name in (*names, "m5.large", "m5.xlarge") if name not in INSTANCE_TYPES] == []
