"""The calls of EC2 Auto Scaling that are served, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.autoscaling.activities import describe_scaling_activities
from kingtide.twin.apiserver.aws.autoscaling.changes import (
    set_desired_capacity,
    terminate_instance,
)
from kingtide.twin.apiserver.aws.autoscaling.groups import (
    describe_auto_scaling_groups,
    describe_auto_scaling_instances,
    describe_tags,
)
from kingtide.twin.apiserver.aws.autoscaling.hooks import (
    complete_lifecycle_action,
    describe_lifecycle_hooks,
    record_heartbeat,
)
from kingtide.twin.apiserver.aws.parameters import Parameters
from kingtide.twin.apiserver.aws.xml import Value

Call = Callable[[Account, Parameters], Mapping[str, Value]]


def _no_launch_configurations(_account: Account, _asked: Parameters) -> Mapping[str, Value]:
    return {"LaunchConfigurations": ()}  # every group has a launch template


CALLS: Mapping[str, Call] = {
    "CompleteLifecycleAction": complete_lifecycle_action,
    "DescribeAutoScalingGroups": describe_auto_scaling_groups,
    "DescribeAutoScalingInstances": describe_auto_scaling_instances,
    "DescribeLaunchConfigurations": _no_launch_configurations,
    "DescribeLifecycleHooks": describe_lifecycle_hooks,
    "DescribeScalingActivities": describe_scaling_activities,
    "DescribeTags": describe_tags,
    "RecordLifecycleActionHeartbeat": record_heartbeat,
    "SetDesiredCapacity": set_desired_capacity,
    "TerminateInstanceInAutoScalingGroup": terminate_instance,
}
