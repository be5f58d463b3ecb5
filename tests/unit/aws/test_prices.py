"""Prices of instances."""

from __future__ import annotations

import pytest

from kingtide.aws.autoscaling import Lifecycle
from kingtide.aws.instance_types import INSTANCE_TYPES, UnknownInstanceType
from kingtide.aws.prices import price_micro_usd_per_hour


@pytest.mark.parametrize(
    ("lifecycle", "region", "price"),
    [
        pytest.param("on-demand", "us-east-1", 680_000, id="the region's own list price"),
        pytest.param("spot", "us-east-1", 231_200, id="66 % less than on-demand there"),
        pytest.param("on-demand", "eu-west-3", 768_000, id="no list price: that of eu-west-1"),
        pytest.param("spot", "eu-west-3", 261_120, id="own saving of 66 % on that price"),
        pytest.param("spot", "ap-south-1", 337_920, id="nothing known: as in eu-west-1"),
    ],
)
def test_an_hour_of_c5_4xlarge_costs(lifecycle: Lifecycle, region: str, price: int) -> None:
    assert price_micro_usd_per_hour("c5.4xlarge", lifecycle, region) == price


@pytest.mark.parametrize("name", sorted(INSTANCE_TYPES))
def test_spot_never_costs_more_than_on_demand(name: str) -> None:
    for region in ("eu-west-1", "eu-west-3", "eu-central-1", "us-east-1"):
        spot = price_micro_usd_per_hour(name, "spot", region)
        assert 0 < spot <= price_micro_usd_per_hour(name, "on-demand", region)


def test_an_unknown_type_has_no_price() -> None:
    with pytest.raises(UnknownInstanceType):
        price_micro_usd_per_hour("c5.5xlarge", "spot")
