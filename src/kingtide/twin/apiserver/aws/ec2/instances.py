"""DescribeInstances: instances as EC2 has them, which is ahead of what their groups tell.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.aws.autoscaling import Instance
from kingtide.aws.instance_types import INSTANCE_TYPES
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.launch_templates import image_of
from kingtide.twin.apiserver.aws.pages import page
from kingtide.twin.apiserver.aws.parameters import Filter, Parameters, filters
from kingtide.twin.apiserver.aws.refused import AwsRefusal
from kingtide.twin.apiserver.aws.xml import Value, iso_seconds

MAX_RESULTS = 1_000
GROUP_TAG = "aws:autoscaling:groupName"
MAX_FILTER_VALUES = 200
"""Of one call, over all its filters. Source:
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html"""

_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48}


def describe_instances(account: Account, asked: Parameters) -> Mapping[str, Value]:
    """Answer DescribeInstances; a filter leaves unknown ids out, an id that is asked for does not.

    An instance is forgotten when it is terminated, which EC2 does only about an hour later.
    """
    named, wanted = asked.listed("InstanceId"), filters(asked, "Filter", "Value")
    if sum(len(it.values) for it in wanted) > MAX_FILTER_VALUES:
        raise AwsRefusal("FilterLimitExceeded", "The maximum number of filter values is 200")
    found = {it.instance_id: it for it in account.cloud.instances()}
    missing = [name for name in named if name not in found]
    if missing:
        raise AwsRefusal(
            "InvalidInstanceID.NotFound", f"The instance ID '{missing[0][:40]}' does not exist"
        )
    names = account.node_names()
    chosen = [
        it
        for it in found.values()
        if (not named or it.instance_id in named)
        and all(_passes(account, it, names.get(it.instance_id, ""), one) for one in wanted)
    ]
    shown = page(chosen, asked.text("NextToken"), asked.number("MaxResults", MAX_RESULTS))
    reservations: list[Value] = [
        {
            "reservationId": f"r-{it.instance_id[2:]}",
            "ownerId": account.number,
            "groupSet": (),
            "instancesSet": (_instance(account, it, names.get(it.instance_id, "")),),
        }
        for it in shown.items
    ]
    return {"reservationSet": reservations, "nextToken": shown.next_token}


def _passes(account: Account, instance: Instance, node: str, wanted: Filter) -> bool:
    pool = instance.pool
    match wanted.name:
        case "instance-id":
            return instance.instance_id in wanted.values
        case "instance-state-name":
            return _state(instance) in wanted.values
        case "instance-type":
            return pool.instance_type in wanted.values
        case "instance-lifecycle":
            return pool.lifecycle == "spot" and "spot" in wanted.values
        case "availability-zone":
            return pool.zone in wanted.values
        case "private-dns-name":
            return node in wanted.values
        case "tag-key":
            return any(key in wanted.values for key in _tags(account, instance))
        case name if name.startswith("tag:"):
            return _tags(account, instance).get(name.removeprefix("tag:")) in wanted.values
        case name:
            raise AwsRefusal("InvalidParameterValue", f"The filter '{name[:60]}' is invalid")


def _tags(account: Account, instance: Instance) -> Mapping[str, str]:
    group = account.cloud.view.groups[instance.group]
    return {GROUP_TAG: group.name, **group.tags}


def _state(instance: Instance) -> str:
    match instance.state:
        case "Pending":
            return "pending"
        case "InService" | "Terminating:Wait":
            return "running"
        case "Terminating":
            return "shutting-down"
        case "Terminated":
            return "terminated"


def _instance(account: Account, instance: Instance, node: str) -> Value:
    pool, state = instance.pool, _state(instance)
    known = INSTANCE_TYPES.get(pool.instance_type)
    is_arm = known is not None and known.arch == "arm64"
    tags: list[Value] = [
        {"key": key, "value": value} for key, value in _tags(account, instance).items()
    ]
    return {
        "instanceId": instance.instance_id,
        "imageId": image_of(pool.instance_type),
        "instanceState": {"code": _CODES[state], "name": state},
        "privateDnsName": node,
        "instanceType": pool.instance_type,
        "launchTime": iso_seconds(instance.launched_ms)[:-1] + ".000Z",
        "placement": {
            "availabilityZone": pool.zone,
            "groupName": "",
            "tenancy": "default",
        },
        "architecture": "arm64" if is_arm else "x86_64",
        "instanceLifecycle": "spot" if pool.lifecycle == "spot" else None,
        "tagSet": tags,
    }
