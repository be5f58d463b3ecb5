from __future__ import annotations

import csv
from pathlib import Path

import pytest

from kingtide.aws.instance_types import INSTANCE_TYPES
from kingtide.aws.zone_offerings import zones_offering

TABLE = Path(__file__).parents[4] / "shared" / "data" / "ec2_instance_types.csv"
ALL = ("a", "b", "c")


@pytest.mark.parametrize(
    ("name", "region", "letters"),
    [
        ("c5.4xlarge", "eu-west-1", ALL),
        ("c5.4xlarge", "eu-west-3", ALL),
        ("c5a.4xlarge", "eu-west-3", ("a", "c")),
        ("c6a.4xlarge", "eu-west-3", ()),
        ("c5d.12xlarge", "eu-west-3", ()),
        ("c5d.4xlarge", "eu-west-3", ALL),
    ],
)
def test_zones_are_those_that_offer_a_type(
    name: str, region: str, letters: tuple[str, ...]
) -> None:
    assert zones_offering(name, region) == tuple(f"{region}{it}" for it in letters)


def test_nothing_is_said_of_other_regions_and_types() -> None:
    assert zones_offering("c5.4xlarge", "us-east-1") is None
    assert zones_offering("x1.32xlarge", "eu-west-1") is None


@pytest.mark.skipif(not TABLE.exists(), reason="the recorded table is not beside the repository")
def test_every_type_is_offered_where_it_was_recorded() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["instance_type"] in INSTANCE_TYPES]
    assert len(rows) == len(INSTANCE_TYPES)
    for row in rows:
        for region in ("eu-west-1", "eu-west-3"):
            recorded = tuple(row[f"azs_{region.replace('-', '_')}"].split())
            assert zones_offering(row["instance_type"], region) == recorded
