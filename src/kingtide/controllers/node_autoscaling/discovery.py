"""Which Auto Scaling groups are ours: by tags, or by name with bounds.

Source:
https://github.com/kubernetes/autoscaler/blob/55c37cd5/cluster-autoscaler/cloudprovider/aws/aws_manager.go
and cluster-autoscaler/config/dynamic/node_group_spec.go of the same commit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from kingtide.aws.autoscaling import AutoScalingGroup
from kingtide.fleet.policies.node_autoscaling import DISCOVERY_TAG, NodeAutoscalingPolicy


class DiscoveryError(ValueError):
    """A discovery spec or explicit group that cannot be read; the message says what to write."""


class ExplicitGroup(msgspec.Struct, frozen=True, gc=False):
    """A group named by the user, with the bounds that count instead of its own."""

    min_size: int
    max_size: int
    name: str


class Discovery(msgspec.Struct, frozen=True):
    """All that makes a group ours.

    Tags that must all be there (value empty: any), and groups by name.
    """

    tags: Mapping[str, str]
    explicit: Mapping[str, ExplicitGroup]


_INTEGER = re.compile(r"[+-]?\d{1,9}")


def parse_discovery(spec: str) -> dict[str, str]:
    """Return the tags of `asg:tag=key,key=value`; a key without a value maps to the empty text.

    Raises:
        DiscoveryError: the text is no such spec.
    """
    hint = "write asg:tag=key or asg:tag=key=value,key=value"
    scheme, colon, parameter = spec.partition(":")
    if not colon or scheme != "asg":
        raise DiscoveryError(f"{spec!r} is no discovery spec of AWS; {hint}")
    key, equals, listed = parameter.partition("=")
    if not equals or key != "tag":
        raise DiscoveryError(f"{spec!r} discovers by {key!r}, only tag is known; {hint}")
    if not listed:
        raise DiscoveryError(f"{spec!r} names no tag; {hint}")
    tags: dict[str, str] = {}
    for tag in listed.split(","):
        name, _, value = tag.partition("=")
        tags[name] = value
    return tags


def parse_explicit(spec: str) -> ExplicitGroup:
    """Return the group of `min:max:name`.

    Raises:
        DiscoveryError: the text is no such spec, or its bounds make no sense.
    """
    hint = "write min:max:name, for example 1:5:spot-nodes-workers-4x"
    parts = spec.split(":", 2)
    if len(parts) != 3:
        raise DiscoveryError(f"{spec!r} is no node group; {hint}")
    low, high, name = parts
    if not _INTEGER.fullmatch(low) or not _INTEGER.fullmatch(high):
        raise DiscoveryError(f"{spec!r} has bounds that are no whole numbers; {hint}")
    group = ExplicitGroup(min_size=int(low), max_size=int(high), name=name)
    if group.min_size < 0:
        raise DiscoveryError(f"{spec!r} has a minimum below 0; {hint}")
    if group.max_size < group.min_size:
        raise DiscoveryError(f"{spec!r} has a maximum below its minimum; {hint}")
    if not name:
        raise DiscoveryError(f"{spec!r} names no group; {hint}")
    return group


def discovery_of(policy: NodeAutoscalingPolicy, cluster_name: str) -> Discovery:
    """Return what a policy looks for; without any spec the two conventional tags of this cluster.

    Several specs are merged into one set of tags, all of which must be there, as Cluster
    Autoscaler does.

    Raises:
        DiscoveryError: a spec cannot be read.
    """
    explicit = {it.name: it for it in map(parse_explicit, policy.node_groups)}
    tags: dict[str, str] = {}
    for spec in policy.discovery:
        tags.update(parse_discovery(spec))
    if not tags and not explicit:
        tags = {DISCOVERY_TAG: "", f"k8s.io/cluster-autoscaler/{cluster_name}": ""}
    return Discovery(tags=tags, explicit=explicit)


def is_ours(group: AutoScalingGroup, discovery: Discovery) -> bool:
    """Return whether a group is to be scaled by us."""
    if group.name in discovery.explicit:
        return True
    return bool(discovery.tags) and all(
        key in group.tags and (not value or group.tags[key] == value)
        for key, value in discovery.tags.items()
    )


def ours(groups: Iterable[AutoScalingGroup], discovery: Discovery) -> tuple[AutoScalingGroup, ...]:
    """Return the groups that are to be scaled by us, in their order."""
    return tuple(group for group in groups if is_ours(group, discovery))


def bounds(group: AutoScalingGroup, discovery: Discovery) -> tuple[int, int]:
    """Return the (smallest, largest) size that counts for a group."""
    explicit = discovery.explicit.get(group.name)
    if explicit is not None:
        return explicit.min_size, explicit.max_size
    return group.min_size, group.max_size
