"""Where a launch goes: lifecycle, zone, type."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kingtide.aws.autoscaling import AllocationStrategy, CapacityPool
from kingtide.twin.cloud.allocation import choose_pool, lifecycles_of_next, zones_by_need
from tests.unit.twin.cloud.scene import ZONES, on_demand_group, spot_group

A, B, C = ZONES


@pytest.mark.parametrize(
    ("counts", "rotation", "expected"),
    [
        pytest.param({A: 2, B: 1, C: 3}, 0, [B, A, C], id="fewest first"),
        pytest.param({}, 0, [A, B, C], id="equal: in order"),
        pytest.param({}, 1, [B, C, A], id="equal: from the rotation on"),
        pytest.param({A: 1, C: 1}, 2, [B, C, A], id="need goes before rotation"),
    ],
)
def test_zones_are_tried_by_need(
    counts: dict[str, int], rotation: int, expected: list[str]
) -> None:
    assert zones_by_need(ZONES, counts, rotation) == expected


@pytest.mark.parametrize(
    ("base", "percentage", "spot", "on_demand", "expected"),
    [
        pytest.param(0, 0, 5, 0, "sss", id="all spot"),
        pytest.param(0, 100, 0, 5, "ooo", id="all on-demand"),
        pytest.param(2, 0, 0, 0, "oos", id="the base is on-demand"),
        pytest.param(2, 0, 4, 0, "oos", id="a base that is missing is made good first"),
        pytest.param(0, 50, 0, 0, "oso", id="half, rounded up to on-demand"),
        pytest.param(1, 25, 0, 1, "oss", id="a quarter above the base, rounded up"),
        pytest.param(0, 50, 0, 6, "sss", id="on-demand has more than its share"),
    ],
)
def test_lifecycles_follow_base_and_percentage(
    base: int, percentage: int, spot: int, on_demand: int, expected: str
) -> None:
    group = spot_group(on_demand_base=base, on_demand_percentage_above_base=percentage)
    chosen = lifecycles_of_next(group, spot, on_demand, 3)
    assert "".join(lifecycle[0] for lifecycle in chosen) == expected


TYPES = ("c5.4xlarge", "c5d.4xlarge", "m5.4xlarge", "r5.4xlarge")
DEPTHS = {"c5.4xlarge": 10, "c5d.4xlarge": 40, "m5.4xlarge": 30, "r5.4xlarge": 20}
PRICES = {"c5.4xlarge": 4, "c5d.4xlarge": 3, "m5.4xlarge": 1, "r5.4xlarge": 2}


def choose(
    strategy: AllocationStrategy, number: int = 0, closed: tuple[str, ...] = ()
) -> CapacityPool | None:
    return choose_pool(
        spot_group(instance_types=TYPES, spot_allocation_strategy=strategy),
        "spot",
        ZONES,
        lambda pool: pool.instance_type not in closed,
        by_type(DEPTHS),
        by_type(PRICES),
        number,
    )


def by_type(values: dict[str, int]) -> Callable[[CapacityPool], int]:
    return lambda pool: values[pool.instance_type]


@pytest.mark.parametrize(
    ("strategy", "number", "expected"),
    [
        pytest.param("capacity-optimized", 0, "c5d.4xlarge", id="the deepest"),
        pytest.param("lowest-price", 0, "m5.4xlarge", id="the cheapest"),
        pytest.param("lowest-price", 1, "r5.4xlarge", id="in turn with the second cheapest"),
        pytest.param("price-capacity-optimized", 0, "m5.4xlarge", id="cheapest of the deep half"),
        pytest.param(
            "capacity-optimized-prioritized", 0, "c5d.4xlarge", id="first listed of the deep half"
        ),
    ],
)
def test_each_strategy_has_its_type(
    strategy: AllocationStrategy, number: int, expected: str
) -> None:
    assert choose(strategy, number) == CapacityPool(expected, A, "spot")


def test_an_empty_pool_is_never_chosen() -> None:
    strategies: tuple[AllocationStrategy, ...] = (
        "capacity-optimized",
        "lowest-price",
        "price-capacity-optimized",
        "capacity-optimized-prioritized",
    )
    for strategy in strategies:
        for number in range(3):
            left = choose(strategy, number, closed=TYPES[:3])
            assert left == CapacityPool("r5.4xlarge", A, "spot")
        assert choose(strategy, closed=TYPES) is None


def test_on_demand_takes_the_first_of_the_list_that_can_be_had() -> None:
    group = on_demand_group(instance_types=TYPES)

    def pick(closed: str) -> CapacityPool | None:
        depth, price = by_type(DEPTHS), by_type(PRICES)
        return choose_pool(
            group, "on-demand", ZONES, lambda pool: pool.instance_type != closed, depth, price, 0
        )

    assert pick("nothing") == CapacityPool("c5.4xlarge", A, "on-demand")
    assert pick("c5.4xlarge") == CapacityPool("c5d.4xlarge", A, "on-demand")


def test_a_zone_that_needs_instances_goes_before_a_better_type() -> None:
    chosen = choose_pool(
        spot_group(),
        "spot",
        (B, A),
        lambda pool: (pool.zone, pool.instance_type) != (B, "c5.4xlarge"),
        lambda pool: 1 if pool.zone == B else 2,
        lambda pool: 1,
        0,
    )
    assert chosen is not None
    assert chosen.zone == B
