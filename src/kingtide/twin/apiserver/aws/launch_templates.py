"""The launch template that every group of the twin has, and its image: as much as a reader needs.

A template is named as its group, has one version, and says the group's first instance type.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from kingtide.aws.autoscaling import AutoScalingGroup
from kingtide.aws.instance_types import INSTANCE_TYPES
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.parameters import Parameters
from kingtide.twin.apiserver.aws.refused import AwsRefusal
from kingtide.twin.apiserver.aws.xml import Value

VERSION = 1
IMAGE_IDS = {"amd64": "ami-0a64000000000000a", "arm64": "ami-0a64000000000000b"}
"""By architecture; nothing stands behind them."""


def template_id(group: str) -> str:
    """Return the id of a group's template."""
    return f"lt-0{blake2b(group.encode(), digest_size=8).hexdigest()}"


def template_reference(group: str) -> Mapping[str, Value]:
    """Return what a group says of its template."""
    return {
        "LaunchTemplateId": template_id(group),
        "LaunchTemplateName": group,
        "Version": str(VERSION),
    }


def describe_launch_template_versions(account: Account, asked: Parameters) -> Mapping[str, Value]:
    """Answer DescribeLaunchTemplateVersions; every version that may be asked for is the one."""
    name, identity = asked.text("LaunchTemplateName"), asked.text("LaunchTemplateId")
    groups = [
        group
        for group in account.cloud.view.groups.values()
        if name == group.name or identity == template_id(group.name)
    ]
    if not groups:
        wanted = identity or name
        code = (
            "InvalidLaunchTemplateId.NotFound"
            if identity
            else ("InvalidLaunchTemplateName.NotFoundException")
        )
        raise AwsRefusal(code, f"The launch template {wanted[:128]} does not exist.")
    versions = asked.listed("LaunchTemplateVersion")
    for version in versions:
        if version not in (str(VERSION), "$Latest", "$Default"):
            raise AwsRefusal(
                "InvalidLaunchTemplateId.VersionNotFound",
                f"Could not find the specified version {version[:20]} for the launch template",
            )
    return {"launchTemplateVersionSet": [_version(it) for it in groups]}


def describe_images(_account: Account, asked: Parameters) -> Mapping[str, Value]:
    """Answer DescribeImages for the two images there are."""
    wanted = asked.listed("ImageId")
    for name in wanted:
        if name not in IMAGE_IDS.values():
            raise AwsRefusal(
                "InvalidAMIID.NotFound", f"The image id '[{name[:40]}]' does not exist"
            )
    return {
        "imagesSet": [
            {
                "imageId": name,
                "imageState": "available",
                "architecture": "x86_64" if arch == "amd64" else arch,
                "imageType": "machine",
                "name": f"kingtide-twin-{arch}",
                "platformDetails": "Linux/UNIX",
                "rootDeviceType": "ebs",
                "virtualizationType": "hvm",
            }
            for arch, name in IMAGE_IDS.items()
            if not wanted or name in wanted
        ]
    }


def image_of(instance_type: str) -> str:
    """Return the image that instances of a type run."""
    known = INSTANCE_TYPES.get(instance_type)
    return IMAGE_IDS["amd64" if known is None else known.arch]


def _version(group: AutoScalingGroup) -> Value:
    first = group.instance_types[0]
    return {
        "launchTemplateId": template_id(group.name),
        "launchTemplateName": group.name,
        "versionNumber": VERSION,
        "defaultVersion": True,
        "launchTemplateData": {"imageId": image_of(first), "instanceType": first},
    }
