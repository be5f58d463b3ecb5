"""DescribeAutoScalingGroups, DescribeAutoScalingInstances, DescribeTags: groups as controllers see.

They are behind the truth as AWS' own describe calls are.
Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kingtide.aws.autoscaling import AutoScalingGroup, Instance
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.launch_templates import template_reference
from kingtide.twin.apiserver.aws.pages import page
from kingtide.twin.apiserver.aws.parameters import Filter, Parameters, filters
from kingtide.twin.apiserver.aws.refused import AwsRefusal, invalid
from kingtide.twin.apiserver.aws.xml import Value, iso_milliseconds

DEFAULT_RECORDS, MAX_RECORDS = 50, 100
CREATED_MS = 1_575_158_400_000
"""When the groups were made, 2019-12-01: before any night that is rehearsed."""


def describe_auto_scaling_groups(account: Account, asked: Parameters) -> Mapping[str, Value]:
    """Answer DescribeAutoScalingGroups; names that are unknown are left out, as AWS does."""
    names = asked.listed("AutoScalingGroupNames.member")
    wanted = filters(asked, "Filters.member", "Values.member")
    found = [
        group
        for group in account.cloud.view.groups.values()
        if (not names or group.name in names) and all(_passes(group.tags, it) for it in wanted)
    ]
    shown = page(found, asked.text("NextToken"), _records(asked))
    with_instances = asked.flag("IncludeInstances", True)
    groups = [_group(account, it, with_instances=with_instances) for it in shown.items]
    return {"AutoScalingGroups": groups, "NextToken": shown.next_token}


def describe_auto_scaling_instances(account: Account, asked: Parameters) -> Mapping[str, Value]:
    """Answer DescribeAutoScalingInstances, of all groups or of the instances that are named."""
    names = asked.listed("InstanceIds.member")
    found = [
        (group, instance)
        for group in account.cloud.view.groups.values()
        for instance in group.instances
        if not names or instance.instance_id in names
    ]
    shown = page(found, asked.text("NextToken"), _records(asked))
    instances = [
        {"AutoScalingGroupName": group.name, **_instance(group, it)} for group, it in shown.items
    ]
    return {"AutoScalingInstances": instances, "NextToken": shown.next_token}


def describe_tags(account: Account, asked: Parameters) -> Mapping[str, Value]:
    """Answer DescribeTags, by group, key and value."""
    wanted = filters(asked, "Filters.member", "Values.member")
    reads: Mapping[str, Callable[[str, str, str], str]] = {
        "auto-scaling-group": lambda group, _key, _value: group,
        "key": lambda _group, key, _value: key,
        "value": lambda _group, _key, value: value,
        "propagate-at-launch": lambda *_: "true",
    }
    for it in wanted:
        if it.name not in reads:
            raise invalid(f"Filter type {it.name} is not correct.")
    found = [
        (group.name, key, value)
        for group in account.cloud.view.groups.values()
        for key, value in group.tags.items()
        if all(reads[it.name](group.name, key, value) in it.values for it in wanted)
    ]
    shown = page(found, asked.text("NextToken"), _records(asked))
    return {"Tags": [_tag(*it) for it in shown.items], "NextToken": shown.next_token}


def named_group(account: Account, name: str) -> AutoScalingGroup:
    """Return a group as it is at this instant.

    Raises:
        AwsRefusal: there is none.
    """
    if name not in account.cloud.view.groups:
        raise invalid("AutoScalingGroup name not found - null")
    return account.cloud.group(name)


def _records(asked: Parameters) -> int:
    records = asked.number("MaxRecords", DEFAULT_RECORDS)
    if not 1 <= records <= MAX_RECORDS:
        raise invalid(f"MaxRecords must be between 1 and {MAX_RECORDS}")
    return records


def _passes(tags: Mapping[str, str], wanted: Filter) -> bool:
    match wanted.name:
        case "tag-key":
            return any(key in tags for key in wanted.values)
        case "tag-value":
            return any(value in wanted.values for value in tags.values())
        case name if name.startswith("tag:"):
            key = name.removeprefix("tag:")
            return key in tags and tags[key] in wanted.values
        case name:
            raise AwsRefusal("ValidationError", f"Invalid filter: {name[:60]}")


def _group(account: Account, group: AutoScalingGroup, *, with_instances: bool) -> Value:
    arn = account.arn("autoscaling", f"autoScalingGroup:0:autoScalingGroupName/{group.name}")
    instances = group.instances if with_instances else ()
    return {
        "AutoScalingGroupName": group.name,
        "AutoScalingGroupARN": arn,
        "MixedInstancesPolicy": _policy(group),
        "MinSize": group.min_size,
        "MaxSize": group.max_size,
        "DesiredCapacity": group.desired_capacity,
        "DefaultCooldown": 300,
        "AvailabilityZones": group.zones,
        "LoadBalancerNames": (),
        "TargetGroupARNs": (),
        "HealthCheckType": "EC2",
        "HealthCheckGracePeriod": 0,
        "Instances": [_instance(group, it) for it in instances],
        "CreatedTime": iso_milliseconds(CREATED_MS),
        "SuspendedProcesses": (),
        "VPCZoneIdentifier": ",".join(f"subnet-{zone}" for zone in group.zones),
        "EnabledMetrics": (),
        "Tags": [_tag(group.name, key, value) for key, value in group.tags.items()],
        "TerminationPolicies": ("Default",),
        "NewInstancesProtectedFromScaleIn": False,
        "CapacityRebalance": group.capacity_rebalance,
    }


def _policy(group: AutoScalingGroup) -> Value:
    overrides: Sequence[Value] = [{"InstanceType": name} for name in group.instance_types]
    return {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": template_reference(group.name),
            "Overrides": overrides,
        },
        "InstancesDistribution": {
            "OnDemandAllocationStrategy": "prioritized",
            "OnDemandBaseCapacity": group.on_demand_base,
            "OnDemandPercentageAboveBaseCapacity": group.on_demand_percentage_above_base,
            "SpotAllocationStrategy": group.spot_allocation_strategy,
        },
    }


def _instance(group: AutoScalingGroup, instance: Instance) -> Mapping[str, Value]:
    return {
        "InstanceId": instance.instance_id,
        "InstanceType": instance.pool.instance_type,
        "AvailabilityZone": instance.pool.zone,
        "LifecycleState": instance.state,
        "HealthStatus": "Healthy",
        "LaunchTemplate": template_reference(group.name),
        "ProtectedFromScaleIn": False,
    }


def _tag(group: str, key: str, value: str) -> Value:
    return {
        "ResourceId": group,
        "ResourceType": "auto-scaling-group",
        "Key": key,
        "Value": value,
        "PropagateAtLaunch": True,
    }
