"""Capacity pools."""

from __future__ import annotations

import pytest

from kingtide.aws.autoscaling import CapacityPool
from kingtide.twin.cloud.pools import DEPTH_HOLDS_MS, CapacityPools
from kingtide.twin.definition import PoolOutage
from kingtide.twin.seed import SeedTree

POOL = CapacityPool("c5.4xlarge", "eu-west-3a", "spot")


@pytest.mark.parametrize(
    ("now_ms", "has_capacity"),
    [(99, True), (100, False), (199, False), (200, True), (300, False), (10**15, False)],
)
def test_a_pool_is_empty_from_one_instant_to_another(now_ms: int, has_capacity: bool) -> None:
    pools = CapacityPools(
        SeedTree(1), [PoolOutage((POOL,), 100, 200), PoolOutage((POOL,), 300, None)]
    )
    assert pools.has_capacity(POOL, now_ms) == has_capacity


@pytest.mark.parametrize(
    "other",
    [
        CapacityPool("c5.2xlarge", "eu-west-3a", "spot"),
        CapacityPool("c5.4xlarge", "eu-west-3b", "spot"),
        CapacityPool("c5.4xlarge", "eu-west-3a", "on-demand"),
    ],
    ids=["type", "zone", "lifecycle"],
)
def test_an_outage_leaves_every_other_pool_alone(other: CapacityPool) -> None:
    pools = CapacityPools(SeedTree(1), [PoolOutage((POOL,), 0, None)])
    assert not pools.has_capacity(POOL, 5)
    assert pools.has_capacity(other, 5)


def test_a_depth_holds_for_a_while_and_then_changes() -> None:
    pools = CapacityPools(SeedTree(1), [])
    depths = [pools.depth(POOL, at_ms) for at_ms in (0, DEPTH_HOLDS_MS - 1, DEPTH_HOLDS_MS)]
    assert depths[0] == depths[1] != depths[2]
    assert pools.depth(POOL, 0) == depths[0]
