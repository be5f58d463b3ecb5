"""Auto Scaling groups, their instances and their scaling activities.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html and
API_Activity.html (API version 2011-01-01).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Lifecycle = Literal["spot", "on-demand"]
InstanceState = Literal["Pending", "InService", "Terminating", "Terminated"]
ActivityStatus = Literal["InProgress", "Successful", "Failed", "Cancelled"]
AllocationStrategy = Literal[
    "lowest-price",
    "capacity-optimized",
    "capacity-optimized-prioritized",
    "price-capacity-optimized",
]


class CapacityPool(msgspec.Struct, frozen=True, gc=False, order=True):
    """EC2 capacity is had or not had by pool: one instance type in one zone in one lifecycle."""

    instance_type: str
    zone: str
    lifecycle: Lifecycle

    def __str__(self) -> str:
        return f"{self.instance_type}:{self.zone}:{self.lifecycle}"


class Instance(msgspec.Struct, frozen=True, gc=False):
    """An EC2 instance of a group; `launched_ms` is when EC2 accepted the launch."""

    instance_id: str
    group: str
    pool: CapacityPool
    state: InstanceState
    launched_ms: int


class ScalingActivity(msgspec.Struct, frozen=True, gc=False):
    """One launch or termination as DescribeScalingActivities tells it.

    `end_ms` is None in progress.
    """

    activity_id: str
    group: str
    status: ActivityStatus
    start_ms: int
    end_ms: int | None
    cause: str
    status_message: str = ""
    description: str = ""


class AutoScalingGroup(msgspec.Struct, frozen=True, gc=False):
    """A group with its mixed instances policy; `instance_types` are in the override list's order.

    `on_demand_percentage_above_base` is 0 for spot and 100 for on-demand groups (AWS' default is
    100).
    """

    name: str
    min_size: int
    max_size: int
    desired_capacity: int
    instance_types: tuple[str, ...]
    zones: tuple[str, ...]
    tags: Mapping[str, str]
    on_demand_base: int = 0
    on_demand_percentage_above_base: int = 100
    spot_allocation_strategy: AllocationStrategy = "capacity-optimized"
    instances: tuple[Instance, ...] = ()

    @property
    def lifecycle(self) -> Lifecycle:
        """What an additional instance would be."""
        return "spot" if self.on_demand_percentage_above_base == 0 else "on-demand"
