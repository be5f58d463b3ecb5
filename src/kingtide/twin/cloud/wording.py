"""The sentences of scaling activities, word for word as AWS writes them.

Sources: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-instancelaunchfailure.html,
ts-as-capacity.html, as-verify-scaling-activity.html; the mixed-instances prefixes as users quote
them from DescribeScalingActivities.
"""

from __future__ import annotations

from datetime import UTC, datetime

from kingtide.aws.autoscaling import CapacityPool

SPOT_CAPACITY_FAILURE = (
    "Could not launch Spot Instances. InsufficientInstanceCapacity - There is no Spot capacity"
    " available that matches your request. Launching EC2 instance failed."
)


def on_demand_capacity_failure(pool: CapacityPool) -> str:
    """Return the message of a launch for which no zone has on-demand capacity, naming one pool."""
    return (
        "Could not launch On-Demand Instances. InsufficientInstanceCapacity - We currently do not"
        f" have sufficient {pool.instance_type} capacity in the Availability Zone you requested"
        f" ({pool.zone}). Our system will be working on provisioning additional capacity."
        " Launching EC2 instance failed."
    )


def desired_changed(now_ms: int, before: int, after: int) -> str:
    """Return the cause of a call of SetDesiredCapacity."""
    return (
        f"At {timestamp(now_ms)} a user request explicitly set group desired capacity changing the"
        f" desired capacity from {before} to {after}."
    )


def started(now_ms: int, before: int, after: int) -> str:
    """Return the cause of a launch."""
    return (
        f"At {timestamp(now_ms)} an instance was started in response to a difference between"
        f" desired and actual capacity, increasing the capacity from {before} to {after}."
    )


def scaled_in(now_ms: int, before: int, after: int, instance_id: str) -> str:
    """Return the cause of a termination because the group has more than it wants."""
    at = timestamp(now_ms)
    return (
        f"At {at} an instance was taken out of service in response to a difference between desired"
        f" and actual capacity, shrinking the capacity from {before} to {after}.  At {at} instance"
        f" {instance_id} was selected for termination."
    )


def taken_out(now_ms: int, before: int, after: int, instance_id: str) -> str:
    """Return the cause of TerminateInstanceInAutoScalingGroup."""
    shrinking = f", shrinking the capacity from {before} to {after}" if after < before else ""
    return (
        f"At {timestamp(now_ms)} instance {instance_id} was taken out of service in response to a"
        f" user request{shrinking}."
    )


def found_ended(now_ms: int) -> str:
    """Return the cause of giving up an instance that EC2 ended."""
    return (
        f"At {timestamp(now_ms)} an instance was taken out of service in response to an EC2 health"
        " check indicating it has been terminated or stopped."
    )


def zones_balanced(now_ms: int) -> str:
    """Return the cause of a launch and a termination that balance zones; the words are ours."""
    return (
        f"At {timestamp(now_ms)} an instance was launched to balance the zones of the group, to be"
        " followed by the termination of one in a fuller zone."
    )


def capacity_rebalanced(now_ms: int, instance_id: str) -> str:
    """Return the cause of replacing an instance at risk; the words are ours."""
    return (
        f"At {timestamp(now_ms)} a replacement was launched in response to an EC2 instance"
        f" rebalance recommendation for {instance_id}."
    )


def timestamp(now_ms: int) -> str:
    """Return a time as `2020-12-08T20:52:10Z`, seconds rounded down."""
    return datetime.fromtimestamp(now_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
