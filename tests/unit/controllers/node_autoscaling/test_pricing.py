"""What a scale-up costs in relation to what it is for."""

from __future__ import annotations

from fractions import Fraction

from kingtide.aws.autoscaling import AutoScalingGroup
from kingtide.aws.prices import price_micro_usd_per_hour
from kingtide.controllers.node_autoscaling.pricing import STABILIZER, cost_of, price_of
from kingtide.kube.resources import Resources

GIB = 1024**3
REGION = "eu-west-1"


def group(
    *types: str, spot: bool = True, zones: tuple[str, ...] = ("eu-west-1a",)
) -> AutoScalingGroup:
    return AutoScalingGroup("g", 0, 9, 0, types, zones, {}, 0, 0 if spot else 100)


def test_cost_is_price_over_worth_both_with_the_stabilizer() -> None:
    pods = Resources(cpu_millicores=3000, memory_bytes=6 * GIB)
    stabilizer = price_of(STABILIZER, REGION)
    node = price_micro_usd_per_hour("m5.xlarge", "on-demand", REGION)
    expected = (2 * node + stabilizer) / (price_of(pods, REGION) + stabilizer)
    assert cost_of(group("m5.xlarge", spot=False), 2, pods) == expected


def test_cores_and_memory_are_worth_what_two_types_that_differ_in_memory_only_cost() -> None:
    for name, gib in (("c5.xlarge", 8), ("m5.xlarge", 16)):
        whole = Resources(cpu_millicores=4000, memory_bytes=gib * GIB)
        assert price_of(whole, REGION) == price_micro_usd_per_hour(name, "on-demand", REGION)


def test_a_spot_group_costs_the_spot_price() -> None:
    pods = Resources(cpu_millicores=3000, memory_bytes=6 * GIB)
    spot = cost_of(group("m5.xlarge"), 1, pods)
    on_demand = cost_of(group("m5.xlarge", spot=False), 1, pods)
    assert spot is not None
    assert on_demand is not None
    assert spot < on_demand


def test_the_same_nodes_cost_less_the_more_they_are_used() -> None:
    few = cost_of(group("m5.xlarge"), 1, Resources(cpu_millicores=500))
    many = cost_of(group("m5.xlarge"), 1, Resources(cpu_millicores=3500))
    assert few is not None
    assert many is not None
    assert many < few


def test_without_a_price_there_is_no_cost() -> None:
    assert cost_of(group("x9.mega"), 1, Resources()) is None
    assert cost_of(group(), 1, Resources()) is None


def test_a_group_without_zones_is_priced_in_the_reference_region() -> None:
    cost = cost_of(group("m5.xlarge", zones=()), 1, Resources())
    assert cost == cost_of(group("m5.xlarge"), 1, Resources())
    assert isinstance(cost, Fraction)
