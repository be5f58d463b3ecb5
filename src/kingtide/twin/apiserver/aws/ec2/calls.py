"""The calls of EC2 that are served, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.ec2.instance_types import (
    describe_availability_zones,
    describe_instance_types,
)
from kingtide.twin.apiserver.aws.ec2.instances import describe_instances
from kingtide.twin.apiserver.aws.ec2.spot_prices import describe_spot_price_history
from kingtide.twin.apiserver.aws.launch_templates import (
    describe_images,
    describe_launch_template_versions,
)
from kingtide.twin.apiserver.aws.parameters import Parameters
from kingtide.twin.apiserver.aws.xml import Value

Call = Callable[[Account, Parameters], Mapping[str, Value]]

CALLS: Mapping[str, Call] = {
    "DescribeAvailabilityZones": describe_availability_zones,
    "DescribeImages": describe_images,
    "DescribeInstanceTypes": describe_instance_types,
    "DescribeInstances": describe_instances,
    "DescribeLaunchTemplateVersions": describe_launch_template_versions,
    "DescribeSpotPriceHistory": describe_spot_price_history,
}
