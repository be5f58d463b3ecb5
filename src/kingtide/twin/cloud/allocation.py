"""Where a launch goes: the zone by balance, the type by the group's allocation strategy.

Source of the strategies:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/allocation-strategies.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kingtide.aws.autoscaling import AllocationStrategy, AutoScalingGroup, CapacityPool, Lifecycle

# SpotInstancePools: lowest-price spreads over so many of a zone's cheapest pools (AWS' default).
LOWEST_PRICE_POOLS = 2

Measure = Callable[[CapacityPool], int]


def lifecycles_of_next(
    group: AutoScalingGroup, spot: int, on_demand: int, wanted: int
) -> list[Lifecycle]:
    """Return the lifecycle of each of the next instances of a group that has so many already.

    First the on-demand base, then the percentage of what is above it, on-demand rounded up
    (https://docs.aws.amazon.com/autoscaling/ec2/userguide/mixed-instances-groups-set-up-overview.html).
    """
    result: list[Lifecycle] = []
    for size in range(spot + on_demand + 1, spot + on_demand + wanted + 1):
        above_base = max(size - group.on_demand_base, 0)
        share = -(-above_base * group.on_demand_percentage_above_base // 100)
        if on_demand < min(size, group.on_demand_base) + share:
            result.append("on-demand")
            on_demand += 1
        else:
            result.append("spot")
    return result


def zones_by_need(
    zones: Sequence[str], instances: Mapping[str, int], rotation: int
) -> Sequence[str]:
    """Return zones with the fewest instances first; equal ones from the rotation-th on."""
    count = len(zones)
    order = sorted(range(count), key=lambda i: (instances.get(zones[i], 0), (i - rotation) % count))
    return [zones[i] for i in order]


def choose_pool(
    group: AutoScalingGroup,
    lifecycle: Lifecycle,
    zones: Sequence[str],
    has_capacity: Callable[[CapacityPool], bool],
    depth: Measure,
    price: Measure,
    number: int,
) -> CapacityPool | None:
    """Return the pool of a launch, None when no zone has one with capacity.

    A zone without capacity is passed over, as Auto Scaling tries another one. On-demand follows the
    override list's order, AWS' default `prioritized`.
    """
    for zone in zones:
        pools = [CapacityPool(name, zone, lifecycle) for name in group.instance_types]
        available = [pool for pool in pools if has_capacity(pool)]
        if not available:
            continue
        if lifecycle == "on-demand":
            return available[0]
        return _by_strategy(group.spot_allocation_strategy, available, depth, price, number)
    return None


def _by_strategy(
    strategy: AllocationStrategy,
    available: Sequence[CapacityPool],
    depth: Measure,
    price: Measure,
    number: int,
) -> CapacityPool:
    if strategy == "capacity-optimized":
        return max(available, key=depth)
    if strategy == "lowest-price":
        cheapest = sorted(available, key=price)[:LOWEST_PRICE_POOLS]
        return cheapest[number % len(cheapest)]
    deep = _deeper_half(available, depth)
    if strategy == "capacity-optimized-prioritized":
        return deep[0]
    return min(deep, key=price)


def _deeper_half(available: Sequence[CapacityPool], depth: Measure) -> list[CapacityPool]:
    """AWS weighs depth first and does not say how; the deeper half, rounded up, is our reading."""
    enough = sorted((depth(pool) for pool in available), reverse=True)[(len(available) - 1) // 2]
    return [pool for pool in available if depth(pool) >= enough]
