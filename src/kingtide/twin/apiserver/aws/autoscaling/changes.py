"""SetDesiredCapacity and TerminateInstanceInAutoScalingGroup.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetDesiredCapacity.html,
API_TerminateInstanceInAutoScalingGroup.html
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.aws.autoscaling import AutoScalingGroup
from kingtide.control.action import SetDesiredCapacity, TerminateInstance
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.autoscaling.activities import activity_body
from kingtide.twin.apiserver.aws.autoscaling.groups import named_group
from kingtide.twin.apiserver.aws.parameters import Parameters
from kingtide.twin.apiserver.aws.refused import AwsRefusal, invalid
from kingtide.twin.apiserver.aws.xml import Value

_REASON = "called over HTTP"


def set_desired_capacity(account: Account, asked: Parameters) -> Mapping[str, Value]:
    """Answer SetDesiredCapacity: at once, while activities are under way, unless it honours them.

    Every group has the default cooldown of AWS' API, 300 s; the twin knows none, so that what is
    honoured is activities in progress alone.
    """
    group = named_group(account, asked.required("AutoScalingGroupName"))
    asked.required("DesiredCapacity")
    desired = asked.number("DesiredCapacity", 0)
    if asked.flag("HonorCooldown", False) and _is_busy(account, group):
        raise AwsRefusal(
            "ScalingActivityInProgress",
            f"Scaling activity is in progress and blocks this action: {group.name}",
        )
    action = SetDesiredCapacity(
        group=group.name, desired=desired, expected_desired=group.desired_capacity, reason=_REASON
    )
    account.perform(
        action,
        lambda: account.cloud.set_desired_capacity(group.name, desired, group.desired_capacity),
    )
    return {}


def terminate_instance(account: Account, asked: Parameters) -> Mapping[str, Value]:
    """Answer TerminateInstanceInAutoScalingGroup with the activity that it begins."""
    instance_id = asked.required("InstanceId")
    asked.required("ShouldDecrementDesiredCapacity")
    decrement = asked.flag("ShouldDecrementDesiredCapacity", False)
    found = next((it for it in account.cloud.instances() if it.instance_id == instance_id), None)
    if found is None:
        raise invalid(
            f"Instance Id not found - No managed instance found for instance ID: {instance_id[:40]}"
        )
    action = TerminateInstance(group=found.group, instance_id=instance_id, node="", reason=_REASON)
    account.perform(
        action,
        lambda: account.cloud.terminate_instance(found.group, instance_id, decrement=decrement),
    )
    activity = account.cloud.last_activity(found.group)
    return {"Activity": None if activity is None else activity_body(account, activity)}


def _is_busy(account: Account, group: AutoScalingGroup) -> bool:
    activities = account.cloud.view.activities_since(group.name, 0)
    return any(it.end_ms is None for it in activities)
