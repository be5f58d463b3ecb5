"""The control plane: one InstanceGroup of one machine in each of its zones, and their etcd."""

from __future__ import annotations

from kingtide.compile.document import Body, Document
from kingtide.compile.kops.machines import instance_group, root_volume
from kingtide.compile.subject import Subject
from kingtide.fleet.expansion import zone_names

ETCD_CLUSTERS = ("main", "events")
"""kops keeps events apart, so that a storm of them does not slow the API down."""


def control_plane_groups(subject: Subject) -> tuple[Document, ...]:
    """Return the control plane's InstanceGroups, in the order of zones."""
    written = subject.spec.control_plane
    if written.instance_type is None:
        advice = "add `instanceType:`, for example m6i.xlarge"
        subject.note(("controlPlane", "instanceType"), "is missing", advice)
    disk = root_volume(subject, ("controlPlane", "rootVolume"), written.root_volume)
    return tuple(
        instance_group(
            subject,
            control_plane_name(zone),
            {
                "machineType": written.instance_type or "",
                "maxSize": 1,
                "minSize": 1,
                # v1alpha2 spells the control plane so.
                "role": "Master",
                "subnets": [zone],
                **disk,
            },
        )
        for zone in control_plane_zones(subject)
    )


def etcd_clusters(subject: Subject) -> list[Body]:
    """Return the etcd clusters, each with a member on every machine of the control plane."""
    return [
        {
            "etcdMembers": [
                {
                    "encryptedVolume": True,
                    "instanceGroup": control_plane_name(zone),
                    "name": zone[-1],
                }
                for zone in control_plane_zones(subject)
            ],
            "name": name,
        }
        for name in ETCD_CLUSTERS
    ]


def control_plane_zones(subject: Subject) -> tuple[str, ...]:
    """Return the zones with a machine of the control plane: all of the cluster's, or its first."""
    zones = zone_names(subject.spec)
    return zones if subject.spec.control_plane.per_zone else zones[:1]


def control_plane_name(zone: str) -> str:
    """Return the InstanceGroup of the control plane's machine in a zone."""
    return f"control-plane-{zone}"
