"""What is remembered of pools that failed, and for how long."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.aws.autoscaling import AutoScalingGroup, CapacityPool, Instance
from kingtide.controllers.node_autoscaling.capacity_pools import (
    FailedPools,
    Prospect,
    clear_delivered,
    fail,
    forget_stale,
    prospect,
)
from kingtide.fleet.policies.node_autoscaling import PoolPolicy

POLICY = PoolPolicy(probe_initial_seconds=100, probe_max_seconds=300, forget_seconds=1000)
A = CapacityPool("m5.xlarge", "eu-west-1a", "spot")
B = CapacityPool("m5.xlarge", "eu-west-1b", "spot")
GROUP = AutoScalingGroup(
    "g", 0, 9, 0, ("m5.xlarge",), ("eu-west-1a", "eu-west-1b"), {}, 0, 0
)  # fmt: skip


def failed(*times_ms: int, pool: CapacityPool = A) -> FailedPools:
    known: FailedPools = {}
    for now_ms in times_ms:
        known = fail(known, (pool,), POLICY, now_ms, now_ms)
    return known


@pytest.mark.parametrize(
    ("times_ms", "interval_ms"),
    [
        pytest.param((0,), 100_000, id="first"),
        pytest.param((0, 50_000), 100_000, id="again within the interval"),
        pytest.param((0, 100_000), 100_000, id="the end still belongs to it"),
        pytest.param((0, 100_001), 200_000, id="a probe that failed"),
        pytest.param((0, 100_001, 300_002), 300_000, id="up to the maximum"),
        pytest.param((0, 100_001, 300_002, 600_003), 300_000, id="never beyond"),
    ],
)
def test_intervals_grow_with_every_failed_probe(
    times_ms: tuple[int, ...], interval_ms: int
) -> None:
    assert failed(*times_ms)[A].interval_ms == interval_ms
    assert failed(*times_ms)[A].until_ms == times_ms[-1] + interval_ms


@pytest.mark.parametrize(
    ("pools", "now_ms", "expected"),
    [
        pytest.param((), 1, "open", id="nothing failed"),
        pytest.param((A,), 1, "open", id="another pool may deliver"),
        pytest.param((A, B), 1, "none", id="all failed"),
        pytest.param((A, B), 100_000, "none", id="the end still belongs to it"),
        pytest.param((A, B), 100_001, "probe", id="due"),
    ],
)
def test_what_a_groups_pools_promise(
    pools: tuple[CapacityPool, ...], now_ms: int, expected: Prospect
) -> None:
    assert prospect(GROUP, fail({}, pools, POLICY, 0, 0), now_ms) == expected


@pytest.mark.parametrize(
    ("launched_ms", "is_cleared"),
    [
        pytest.param(49_999, False, id="before the failure"),
        pytest.param(50_000, False, id="with the failure: the last that was had"),
        pytest.param(50_001, True, id="after the failure"),
    ],
)
def test_an_instance_launched_since_clears_its_pool(launched_ms: int, is_cleared: bool) -> None:
    known = fail({}, (A, B), POLICY, 50_000, 60_000)
    instance = Instance("i-1", "g", A, "Pending", launched_ms)
    group = msgspec.structs.replace(GROUP, instances=(instance,))
    left = clear_delivered(known, [group])
    assert (A not in left) is is_cleared
    assert B in left


def test_a_pool_that_did_not_fail_for_long_is_forgotten() -> None:
    known = failed(0)
    assert forget_stale(known, POLICY, 1_000_000) is known
    assert forget_stale(known, POLICY, 1_000_001) == {}
