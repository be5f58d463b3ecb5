"""The JSON bodies of AWS' events about instances, as EventBridge delivers them to a queue.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html,
rebalance-recommendations.html, monitoring-instance-state-changes.html;
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from kingtide.aws.autoscaling import Instance, LifecycleHook
from kingtide.twin.cloud.wording import timestamp

ACCOUNT = "123456789012"
"""The account number of AWS' own documentation."""

Detail = Mapping[str, str]


def spot_interruption_warning(event_id: str, now_ms: int, instance: Instance) -> str:
    """Return the warning that comes before EC2 takes a spot instance back.

    Its resource names the zone and no account, unlike every other event's.
    """
    arn = f"arn:aws:ec2:{instance.pool.zone}:instance/{instance.instance_id}"
    detail = {"instance-id": instance.instance_id, "instance-action": "terminate"}
    return _body(
        event_id,
        now_ms,
        instance,
        "EC2 Spot Instance Interruption Warning",
        "aws.ec2",
        [arn],
        detail,
    )


def rebalance_recommendation(event_id: str, now_ms: int, instance: Instance) -> str:
    """Return the recommendation to move away from an instance that is at risk."""
    kind = "EC2 Instance Rebalance Recommendation"
    detail = {"instance-id": instance.instance_id}
    return _body(event_id, now_ms, instance, kind, "aws.ec2", [_arn(instance)], detail)


def state_change(
    event_id: str, now_ms: int, instance: Instance, state: Literal["shutting-down", "terminated"]
) -> str:
    """Return the notification of an instance's new state."""
    kind = "EC2 Instance State-change Notification"
    detail = {"instance-id": instance.instance_id, "state": state}
    return _body(event_id, now_ms, instance, kind, "aws.ec2", [_arn(instance)], detail)


def terminate_lifecycle_action(
    event_id: str, now_ms: int, instance: Instance, hook: LifecycleHook, token: str
) -> str:
    """Return the news that a group holds an instance before it ends."""
    detail = {
        "LifecycleActionToken": token,
        "AutoScalingGroupName": instance.group,
        "LifecycleHookName": hook.name,
        "EC2InstanceId": instance.instance_id,
        "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
        "Origin": "AutoScalingGroup",
        "Destination": "EC2",
    }
    kind = "EC2 Instance-terminate Lifecycle Action"
    region = _region(instance)
    arn = (
        f"arn:aws:autoscaling:{region}:{ACCOUNT}:autoScalingGroup:{event_id}"
        f":autoScalingGroupName/{instance.group}"
    )
    return _body(event_id, now_ms, instance, kind, "aws.autoscaling", [arn], detail)


def _body(
    event_id: str,
    now_ms: int,
    instance: Instance,
    detail_type: str,
    source: str,
    resources: Sequence[str],
    detail: Detail,
) -> str:
    event = {
        "version": "0",
        "id": event_id,
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": timestamp(now_ms),
        "region": _region(instance),
        "resources": resources,
        "detail": detail,
    }
    return msgspec.json.encode(event).decode()


def _arn(instance: Instance) -> str:
    return f"arn:aws:ec2:{_region(instance)}:{ACCOUNT}:instance/{instance.instance_id}"


def _region(instance: Instance) -> str:
    return instance.pool.zone[:-1]
