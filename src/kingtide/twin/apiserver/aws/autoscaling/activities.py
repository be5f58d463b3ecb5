"""DescribeScalingActivities: what a group did and could not do, newest first.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.aws.autoscaling import ScalingActivity
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.autoscaling.groups import named_group
from kingtide.twin.apiserver.aws.pages import page
from kingtide.twin.apiserver.aws.parameters import Parameters
from kingtide.twin.apiserver.aws.refused import invalid
from kingtide.twin.apiserver.aws.xml import Value, iso_milliseconds, iso_seconds

MAX_RECORDS = 100
"""Both what one call returns unasked, and the most that it returns."""


def describe_scaling_activities(account: Account, asked: Parameters) -> Mapping[str, Value]:
    """Answer DescribeScalingActivities of one group, or of all of them."""
    records = asked.number("MaxRecords", MAX_RECORDS)
    if not 1 <= records <= MAX_RECORDS:
        raise invalid(f"MaxRecords must be between 1 and {MAX_RECORDS}")
    view, name = account.cloud.view, asked.text("AutoScalingGroupName")
    groups = [named_group(account, name).name] if name else [*view.groups]
    wanted = asked.listed("ActivityIds.member")
    found = [
        activity
        for group in groups
        for activity in reversed(view.activities_since(group, 0))
        if not wanted or activity.activity_id in wanted
    ]
    if len(groups) > 1:
        found.sort(key=lambda it: -it.start_ms)
    shown = page(found, asked.text("NextToken"), records)
    return {
        "Activities": [activity_body(account, it) for it in shown.items],
        "NextToken": shown.next_token,
    }


def activity_body(account: Account, activity: ScalingActivity) -> Mapping[str, Value]:
    """Return an activity as AWS writes it: its start has milliseconds, its end seconds."""
    is_over = activity.end_ms is not None
    group = activity.group
    return {
        "ActivityId": activity.activity_id,
        "AutoScalingGroupName": group,
        "Description": activity.description,
        "Cause": activity.cause,
        "StartTime": iso_milliseconds(activity.start_ms),
        "EndTime": None if activity.end_ms is None else iso_seconds(activity.end_ms),
        "StatusCode": activity.status,
        "StatusMessage": activity.status_message or None,
        "Progress": 100 if is_over else 50,
        "Details": "{}",
        "AutoScalingGroupARN": account.arn(
            "autoscaling", f"autoScalingGroup:0:autoScalingGroupName/{group}"
        ),
    }
