"""What a scale-up costs in relation to what it is for, as Cluster Autoscaler's price expander asks.

Cost = (price of the new nodes + stabilizer) / (price of what the pods request + stabilizer), the
stabilizer being the price of a small pod: without it, two options for tiny pods would differ by
factors that mean nothing. The real expander multiplies this by how far a machine is from the size
it prefers for a cluster, a table of Google's machine sizes, which has no meaning here; on AWS it
has no prices at all. Source:
https://github.com/kubernetes-sigs/cluster-autoscaler/blob/33c3f97b/pkg/expander/price/price.go
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from kingtide.aws.autoscaling import AutoScalingGroup
from kingtide.aws.instance_types import UnknownInstanceType, instance_type
from kingtide.aws.prices import REFERENCE_REGION, price_micro_usd_per_hour
from kingtide.kube.resources import Resources

GIB = 1024**3

STABILIZER = Resources(cpu_millicores=500, memory_bytes=500 * 1024**2)
"""The small pod of the real expander (price.go, priceStabilizationPod)."""

LESS_MEMORY, MORE_MEMORY = "c5.xlarge", "m5.xlarge"
"""Two types that differ by memory only: their prices tell what a core and what a GiB costs."""


def cost_of(group: AutoScalingGroup, nodes: int, requested: Resources) -> Fraction | None:
    """Return the cost of so many more nodes of a group for pods with these requests in sum.

    A spot group's nodes cost the spot price. As for its size, a mixed group counts as its first
    type. None where there is no price for that.
    """
    if not group.instance_types:
        return None
    region = _region(group)
    try:
        price = price_micro_usd_per_hour(group.instance_types[0], group.lifecycle, region)
    except UnknownInstanceType:
        return None
    stabilizer = price_of(STABILIZER, region)
    return (nodes * price + stabilizer) / (price_of(requested, region) + stabilizer)


def price_of(requested: Resources, region: str) -> Fraction:
    """Return what requests are worth an hour in micro-USD, at on-demand prices."""
    a_core, a_gib = _unit_prices(region)
    cores = Fraction(requested.cpu_millicores, 1000)
    return a_core * cores + a_gib * Fraction(requested.memory_bytes, GIB)


@lru_cache(maxsize=64)
def _unit_prices(region: str) -> tuple[Fraction, Fraction]:
    """Return the price of a core and of a GiB; a cache of a pure function, bounded."""
    less, more = instance_type(LESS_MEMORY), instance_type(MORE_MEMORY)
    less_price = price_micro_usd_per_hour(LESS_MEMORY, "on-demand", region)
    more_price = price_micro_usd_per_hour(MORE_MEMORY, "on-demand", region)
    a_gib = Fraction((more_price - less_price) * 1024, more.memory_mib - less.memory_mib)
    a_core = (less_price - a_gib * Fraction(less.memory_mib, 1024)) / less.vcpus
    return a_core, a_gib


def _region(group: AutoScalingGroup) -> str:
    if not group.zones:
        return REFERENCE_REGION
    return group.zones[0].rstrip("abcdefghijklmnopqrstuvwxyz")
