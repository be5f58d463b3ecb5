"""Instance types: the table."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from kingtide.aws.instance_types import INSTANCE_TYPES, UnknownInstanceType, instance_type

REFERENCE = Path(__file__).parents[4] / "shared"
TYPES_CSV = REFERENCE / "data" / "ec2_instance_types.csv"
SNIPPETS = REFERENCE / "examples" / "fleet" / "snippets" / "instance-types"


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


def test_every_figure_is_that_of_the_reference_data() -> None:
    if not TYPES_CSV.exists():
        pytest.skip("the reference data is not beside the repository")
    with TYPES_CSV.open() as file:
        rows = {row["instance_type"]: row for row in csv.DictReader(file)}
    for name, found in INSTANCE_TYPES.items():
        row = rows[name]
        assert (
            found.vcpus,
            found.memory_mib,
            found.max_pods,
            found.on_demand_micro_usd_per_hour["us-east-1"],
        ) == (
            int(row["vcpu"]),
            int(row["memory_mib"]),
            int(row["max_pods_eni"]),
            round(float(row["od_usd_h_us_east_1"]) * 1_000_000),
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
