"""The Auto Scaling groups of a world: the fleet's, with what a scenario says of all of them."""

from __future__ import annotations

from msgspec.structs import replace

from kingtide.aws.autoscaling import AutoScalingGroup, LifecycleHook
from kingtide.rehearsal.scenario.cloud_model import Cloud


def scaling_group(group: AutoScalingGroup, running: int, cloud: Cloud) -> AutoScalingGroup:
    """Return a group that wants what runs at the start, with the scenario's hook."""
    hook = cloud.termination_hook
    return replace(
        group,
        desired_capacity=running,
        termination_hook=None if hook is None else LifecycleHook(hook.name, hook.heartbeat_timeout),
        capacity_rebalance=cloud.capacity_rebalancing,
    )
