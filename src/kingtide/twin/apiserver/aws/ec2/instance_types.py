"""DescribeInstanceTypes and DescribeAvailabilityZones.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.aws.instance_types import INSTANCE_TYPES, InstanceType
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.pages import page
from kingtide.twin.apiserver.aws.parameters import Parameters, filters
from kingtide.twin.apiserver.aws.refused import AwsRefusal
from kingtide.twin.apiserver.aws.xml import Value

MAX_RESULTS = 100

_INTERFACES = (15, 8, 4, 3, 2)
"""How many network interfaces types have, the most first."""


def describe_instance_types(_account: Account, asked: Parameters) -> Mapping[str, Value]:
    """Answer DescribeInstanceTypes from the table of types."""
    named = asked.listed("InstanceType")
    unknown = [name for name in named if name not in INSTANCE_TYPES]
    if unknown:
        listed = ", ".join(name[:30] for name in unknown[:5])
        raise AwsRefusal(
            "InvalidInstanceType", f"The following supplied instance types do not exist: [{listed}]"
        )
    found = [INSTANCE_TYPES[name] for name in named or INSTANCE_TYPES]
    for it in filters(asked, "Filter", "Value"):
        match it.name:
            case "instance-type":
                found = [one for one in found if one.name in it.values]
            case "current-generation" | "processor-info.supported-architecture":
                arch = {"arm64": "arm64"}
                if it.name != "current-generation":
                    found = [one for one in found if arch.get(one.arch, "x86_64") in it.values]
            case name:
                raise AwsRefusal("InvalidParameterValue", f"The filter '{name[:60]}' is invalid")
    shown = page(found, asked.text("NextToken"), asked.number("MaxResults", MAX_RESULTS))
    return {
        "instanceTypeSet": [_type(it) for it in shown.items],
        "nextToken": shown.next_token,
    }


def describe_availability_zones(account: Account, _asked: Parameters) -> Mapping[str, Value]:
    """Answer DescribeAvailabilityZones: those that groups are in."""
    groups = account.cloud.view.groups.values()
    zones = sorted({zone: None for group in groups for zone in group.zones})
    return {
        "availabilityZoneInfo": [
            {
                "zoneName": zone,
                "zoneState": "available",
                "regionName": account.region,
                "zoneType": "availability-zone",
                "optInStatus": "opt-in-not-required",
                "messageSet": (),
            }
            for zone in zones
        ]
    }


def _type(it: InstanceType) -> Value:
    interfaces, addresses = _network(it.max_pods)
    return {
        "instanceType": it.name,
        "currentGeneration": True,
        "supportedUsageClasses": ("on-demand", "spot"),
        "processorInfo": {
            "supportedArchitectures": ("arm64" if it.arch == "arm64" else "x86_64",),
        },
        "vCpuInfo": {"defaultVCpus": it.vcpus},
        "memoryInfo": {"sizeInMiB": it.memory_mib},
        "networkInfo": {
            "maximumNetworkInterfaces": interfaces,
            "ipv4AddressesPerInterface": addresses,
        },
    }


def _network(max_pods: int) -> tuple[int, int]:
    """Return interfaces and addresses of each that make for so many pods.

    pods = interfaces x (addresses - 1) + 2, as the table of types works it out.
    """
    for interfaces in _INTERFACES:
        if (max_pods - 2) % interfaces == 0:
            return interfaces, (max_pods - 2) // interfaces + 1
    return 1, max_pods - 1
