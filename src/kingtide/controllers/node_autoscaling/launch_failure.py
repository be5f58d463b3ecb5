"""What a failed launch's message tells: whether capacity was missing, and in which pools.

Source of the texts: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-capacity.html
"""

from __future__ import annotations

import re

from kingtide.aws.autoscaling import AutoScalingGroup, CapacityPool, Lifecycle

CAPACITY_TEXTS = (
    "InsufficientInstanceCapacity",
    "UnfulfillableCapacity",
    "There is no Spot capacity available",
    "not have sufficient",
)
"""Any of these in a message says that EC2 has no capacity; another text (a launch template that is
gone, a quota) says something of the group, not of its pools."""

_NAMED = re.compile(
    r"sufficient (?P<type>[a-z0-9-]+\.[a-z0-9-]+) capacity in the Availability Zone you requested"
    r" \((?P<zone>[a-z0-9-]+)\)"
)


def pools_without_capacity(message: str, group: AutoScalingGroup) -> tuple[CapacityPool, ...]:
    """Return the pools that a message says have no capacity, none when it is not about that.

    On-demand failures name a type and a zone. Spot failures name none: then no pool of the group
    in that lifecycle has any.
    """
    if not any(text in message for text in CAPACITY_TEXTS):
        return ()
    lifecycle = _lifecycle(message, group)
    named = _NAMED.search(message)
    if named is not None:
        return (CapacityPool(named["type"], named["zone"], lifecycle),)
    return pools_of(group, lifecycle)


def pools_of(group: AutoScalingGroup, lifecycle: Lifecycle) -> tuple[CapacityPool, ...]:
    """Return every pool that a group can launch from in one lifecycle."""
    return tuple(
        CapacityPool(name, zone, lifecycle) for name in group.instance_types for zone in group.zones
    )


def _lifecycle(message: str, group: AutoScalingGroup) -> Lifecycle:
    if "On-Demand Instances" in message:
        return "on-demand"
    if "Spot" in message:
        return "spot"
    return group.lifecycle
