"""DescribeSpotPriceHistory: what the pools of the groups cost now, which is all that is known.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotPriceHistory.html
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.aws.autoscaling import CapacityPool
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.pages import page
from kingtide.twin.apiserver.aws.parameters import Parameters, filters
from kingtide.twin.apiserver.aws.refused import AwsRefusal
from kingtide.twin.apiserver.aws.xml import Value, iso_seconds

MAX_RESULTS = 1_000
LINUX = "Linux/UNIX"


def describe_spot_price_history(account: Account, asked: Parameters) -> Mapping[str, Value]:
    """Answer DescribeSpotPriceHistory: one price a type and zone of the groups, as of now."""
    types, zone = asked.listed("InstanceType"), asked.text("AvailabilityZone")
    products = asked.listed("ProductDescription")
    zones: tuple[str, ...] = (zone,) if zone else ()
    for it in filters(asked, "Filter", "Value"):
        match it.name:
            case "availability-zone":
                zones = it.values
            case "instance-type":
                types = it.values
            case "product-description":
                products = it.values
            case name:
                raise AwsRefusal("InvalidParameterValue", f"The filter '{name[:60]}' is invalid")
    pools = [
        pool
        for pool in _pools(account)
        if (not types or pool.instance_type in types)
        and (not zones or pool.zone in zones)
        and (not products or LINUX in products)
    ]
    shown = page(pools, asked.text("NextToken"), asked.number("MaxResults", MAX_RESULTS))
    return {
        "spotPriceHistorySet": [_price(account, it) for it in shown.items],
        "nextToken": shown.next_token or "",
    }


def _pools(account: Account) -> list[CapacityPool]:
    found = {
        CapacityPool(name, zone, "spot"): None
        for group in account.cloud.view.groups.values()
        for name in group.instance_types
        for zone in group.zones
    }
    return [*found]


def _price(account: Account, pool: CapacityPool) -> Value:
    micro_usd = account.cloud.prices.micro_usd_per_hour(pool)
    return {
        "instanceType": pool.instance_type,
        "productDescription": LINUX,
        "spotPrice": f"{micro_usd // 1_000_000}.{micro_usd % 1_000_000:06d}",
        "timestamp": iso_seconds(account.now_ms()),
        "availabilityZone": pool.zone,
    }
