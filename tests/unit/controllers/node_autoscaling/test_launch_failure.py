"""What a failed launch's message tells of pools, in AWS' own words as the twin says them."""

from __future__ import annotations

import pytest

from kingtide.aws.autoscaling import AutoScalingGroup, CapacityPool, Lifecycle
from kingtide.controllers.node_autoscaling.launch_failure import pools_without_capacity
from kingtide.twin.cloud import wording

NAMED = CapacityPool("m5.4xlarge", "eu-west-1b", "on-demand")


def group(spot: bool) -> AutoScalingGroup:
    types, zones = ("m5.4xlarge", "m5a.4xlarge"), ("eu-west-1a", "eu-west-1b")
    return AutoScalingGroup("g", 0, 9, 0, types, zones, {}, 0, 0 if spot else 100)


def all_pools(lifecycle: Lifecycle) -> tuple[CapacityPool, ...]:
    return tuple(
        CapacityPool(name, zone, lifecycle)
        for name in ("m5.4xlarge", "m5a.4xlarge")
        for zone in ("eu-west-1a", "eu-west-1b")
    )


def test_an_on_demand_failure_names_its_pool() -> None:
    message = wording.on_demand_capacity_failure(NAMED)
    assert pools_without_capacity(message, group(spot=False)) == (NAMED,)


def test_a_spot_failure_names_none_so_all_of_the_group_fail() -> None:
    found = pools_without_capacity(wording.SPOT_CAPACITY_FAILURE, group(spot=True))
    assert found == all_pools("spot")


def test_the_lifecycle_is_the_messages_where_a_group_has_both() -> None:
    found = pools_without_capacity(wording.SPOT_CAPACITY_FAILURE, group(spot=False))
    assert found == all_pools("spot")


def test_a_bare_code_counts_for_the_groups_own_lifecycle() -> None:
    found = pools_without_capacity("InsufficientInstanceCapacity", group(spot=False))
    assert found == all_pools("on-demand")


@pytest.mark.parametrize(
    "message",
    [
        "The requested configuration is currently not supported. Launching EC2 instance failed.",
        "You must use a valid fully-formed launch template. Launching EC2 instance failed.",
        "Max spot instance count exceeded. Launching EC2 instance failed.",
        "",
    ],
)
def test_another_failure_says_nothing_of_pools(message: str) -> None:
    assert pools_without_capacity(message, group(spot=True)) == ()
