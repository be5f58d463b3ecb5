"""What describe calls answer, as the SDK parsed it: only what is read, everything else ignored.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html and
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html (read November 2026).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class TemplateReference(msgspec.Struct, frozen=True, rename="pascal"):
    """A launch template as a group names it."""

    launch_template_id: str = ""
    launch_template_name: str = ""
    version: str = "$Default"


class Override(msgspec.Struct, frozen=True, rename="pascal"):
    """One entry of a mixed instances policy's list."""

    instance_type: str = ""
    weighted_capacity: str = ""


class TemplateOfPolicy(msgspec.Struct, frozen=True, rename="pascal"):
    """A policy's template and its list of types."""

    launch_template_specification: TemplateReference | None = None
    overrides: tuple[Override, ...] = ()


class Distribution(msgspec.Struct, frozen=True, rename="pascal"):
    """How a policy divides spot and on-demand; the defaults are AWS'."""

    on_demand_base_capacity: int = 0
    on_demand_percentage_above_base_capacity: int = 100
    spot_allocation_strategy: str = "lowest-price"


class MixedPolicy(msgspec.Struct, frozen=True, rename="pascal"):
    """A mixed instances policy."""

    launch_template: TemplateOfPolicy = TemplateOfPolicy()
    instances_distribution: Distribution = Distribution()


class Tag(msgspec.Struct, frozen=True, rename="pascal"):
    """A tag."""

    key: str
    value: str = ""


class Group(msgspec.Struct, frozen=True, rename="pascal"):
    """An Auto Scaling group; its instances are read one by one, so that one spoils none."""

    auto_scaling_group_name: str
    min_size: int
    max_size: int
    desired_capacity: int
    availability_zones: tuple[str, ...] = ()
    instances: tuple[Any, ...] = ()
    tags: tuple[Tag, ...] = ()
    mixed_instances_policy: MixedPolicy | None = None
    launch_template: TemplateReference | None = None
    launch_configuration_name: str = ""
    capacity_rebalance: bool = False


class GroupInstance(msgspec.Struct, frozen=True, rename="pascal"):
    """An instance as its group tells it."""

    instance_id: str
    lifecycle_state: str
    availability_zone: str = ""
    instance_type: str = ""
    auto_scaling_group_name: str = ""


class Hook(msgspec.Struct, frozen=True, rename="pascal"):
    """A lifecycle hook."""

    lifecycle_hook_name: str
    lifecycle_transition: str
    heartbeat_timeout: int = 3_600


class Activity(msgspec.Struct, frozen=True, rename="pascal"):
    """A scaling activity."""

    activity_id: str
    start_time: datetime
    status_code: str
    auto_scaling_group_name: str = ""
    end_time: datetime | None = None
    cause: str = ""
    status_message: str = ""
    description: str = ""


class MarketOptions(msgspec.Struct, frozen=True, rename="pascal"):
    """How a template asks for instances."""

    market_type: str = ""


class TemplateData(msgspec.Struct, frozen=True, rename="pascal"):
    """What a launch template says."""

    instance_type: str = ""
    instance_market_options: MarketOptions = MarketOptions()


class TemplateVersion(msgspec.Struct, frozen=True, rename="pascal"):
    """A launch template's version."""

    launch_template_data: TemplateData = TemplateData()


class LaunchConfiguration(msgspec.Struct, frozen=True, rename="pascal"):
    """What came before launch templates; with a spot price it asks for spot instances."""

    instance_type: str = ""
    spot_price: str = ""


class Ec2Instance(msgspec.Struct, frozen=True, rename="pascal"):
    """An instance as EC2 tells it."""

    instance_id: str
    launch_time: datetime
    instance_lifecycle: str = ""


def milliseconds(time: datetime) -> int:
    """Return a time in Unix milliseconds."""
    return round(time.timestamp() * 1_000)
