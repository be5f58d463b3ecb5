"""Types and spot prices: from AWS where it tells, from the built-in table otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.aws.autoscaling import CapacityPool
from kingtide.aws.instance_types import INSTANCE_TYPES, UnknownInstanceType
from kingtide.aws.prices import price_micro_usd_per_hour
from kingtide.live.aws.instance_types import InstanceTypes
from kingtide.live.aws.spot_prices import KEPT_SECONDS, SpotPrices
from tests.unit.live.aws.scripted import NOW, NOW_MS, Clock, Script, client, refusal, run

NEW = {
    "InstanceType": "c9g.4xlarge",
    "VCpuInfo": {"DefaultVCpus": 16},
    "MemoryInfo": {"SizeInMiB": 32_768},
    "ProcessorInfo": {"SupportedArchitectures": ["arm64"]},
    "NetworkInfo": {"MaximumNetworkInterfaces": 8, "Ipv4AddressesPerInterface": 30},
}


def test_a_type_of_the_table_is_not_asked_for() -> None:
    script = Script()
    types = InstanceTypes(client(script))
    run(types.learn(["c5.4xlarge"]))
    assert types.of("c5.4xlarge") is INSTANCE_TYPES["c5.4xlarge"]
    assert script.asked == []


def test_a_new_type_is_asked_for_once() -> None:
    script = Script(DescribeInstanceTypes={"InstanceTypes": [NEW, {"odd": 1}]})
    types = InstanceTypes(client(script))
    run(types.learn(["c9g.4xlarge"]))
    run(types.learn(["c9g.4xlarge"]))
    found = types.of("c9g.4xlarge")
    assert (found.vcpus, found.memory_mib, found.max_pods, found.arch) == (16, 32_768, 234, "arm64")
    assert len(script.asked) == 1


def test_a_name_that_is_no_type_spoils_no_other_and_is_asked_for_once() -> None:
    none = refusal("InvalidInstanceType")
    script = Script(DescribeInstanceTypes=[none, none, {"InstanceTypes": [NEW]}])
    types = InstanceTypes(client(script))
    run(types.learn(["c9.tiny", "c9g.4xlarge"]))
    run(types.learn(["c9.tiny"]))
    assert types.of("c9g.4xlarge").vcpus == 16
    with pytest.raises(UnknownInstanceType):
        types.of("c9.tiny")
    assert len(script.asked) == 3


# ------------------------------------------------------------ prices

SPOT = CapacityPool("c5.4xlarge", "eu-west-3a", "spot")


def price(told: str, **changes: Any) -> dict[str, Any]:
    return {
        "InstanceType": "c5.4xlarge",
        "AvailabilityZone": "eu-west-3a",
        "SpotPrice": told,
        "Timestamp": NOW,
        **changes,
    }


def prices_of(*told: dict[str, Any]) -> tuple[SpotPrices, Script, Clock]:
    script, clock = Script(DescribeSpotPriceHistory={"SpotPriceHistory": list(told)}), Clock()
    prices = SpotPrices(client(script), "eu-west-3", lambda: NOW_MS, clock)
    run(prices.refresh(["c5.4xlarge"]))
    return prices, script, clock


def test_the_newest_price_of_a_pool_counts() -> None:
    newer, older = price("0.3071"), price("0.2500", Timestamp=NOW.replace(hour=3))
    prices, script, _ = prices_of(newer, older)
    assert prices.micro_usd_per_hour(SPOT) == 307_100
    assert script.asked[0][1]["StartTime"] == script.asked[0][1]["EndTime"] == NOW


def test_where_nothing_is_told_the_table_counts() -> None:
    prices, _, _ = prices_of(price("0.3071"))
    other_zone = CapacityPool("c5.4xlarge", "eu-west-3b", "spot")
    on_demand = CapacityPool("c5.4xlarge", "eu-west-3a", "on-demand")
    assert prices.micro_usd_per_hour(other_zone) == price_micro_usd_per_hour(
        "c5.4xlarge", "spot", "eu-west-3"
    )
    assert prices.micro_usd_per_hour(on_demand) == price_micro_usd_per_hour(
        "c5.4xlarge", "on-demand", "eu-west-3"
    )


@pytest.mark.parametrize(
    "odd", [price("cheap"), price("NaN"), price("Infinity"), {"InstanceType": "c5.4xlarge"}]
)
def test_an_odd_price_is_none(odd: dict[str, Any]) -> None:
    prices, _, _ = prices_of(odd)
    assert prices.micro_usd_per_hour(SPOT) == price_micro_usd_per_hour(
        "c5.4xlarge", "spot", "eu-west-3"
    )


def test_prices_are_asked_for_again_after_five_minutes() -> None:
    prices, script, clock = prices_of(price("0.3071"))
    run(prices.refresh(["c5.4xlarge"]))
    assert len(script.asked) == 1
    clock.now += KEPT_SECONDS
    run(prices.refresh(["c5.4xlarge"]))
    assert len(script.asked) == 2
