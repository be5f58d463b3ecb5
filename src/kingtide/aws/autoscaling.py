"""Auto Scaling groups, their instances and their scaling activities.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html and
API_Activity.html (API version 2011-01-01).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Lifecycle = Literal["spot", "on-demand"]
InstanceState = Literal["Pending", "InService", "Terminating:Wait", "Terminating", "Terminated"]
"""`Terminating:Wait` runs still, held by a lifecycle hook; `Terminating` shuts down."""
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

    @property
    def is_leaving(self) -> bool:
        """Whether its group has given it up, or it has ended: it counts no more against desired."""
        return self.state not in ("Pending", "InService")


class LifecycleHook(msgspec.Struct, frozen=True, gc=False):
    """What holds an instance in Terminating:Wait, so that somebody can empty it first.

    The wait ends when the action is completed, or so long after the last heartbeat
    (`heartbeat_timeout_seconds`, 30 to 7,200, AWS' default 3,600); either way the instance ends.
    Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html
    """

    name: str
    heartbeat_timeout_seconds: int = 3_600

    @property
    def longest_wait_ms(self) -> int:
        """The end of all heartbeats: 48 hours, or a hundred timeouts if that is less."""
        return min(48 * 3_600_000, 100 * 1_000 * self.heartbeat_timeout_seconds)


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
    100). `termination_hook` None lets instances end at once. `capacity_rebalance` has the group
    replace a spot instance when EC2 recommends it, not only when it is gone.
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
    termination_hook: LifecycleHook | None = None
    capacity_rebalance: bool = False

    @property
    def lifecycle(self) -> Lifecycle:
        """What an additional instance would be."""
        return "spot" if self.on_demand_percentage_above_base == 0 else "on-demand"
