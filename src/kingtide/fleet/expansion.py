"""How an application group becomes Auto Scaling groups, and what their nodes carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from kingtide.aws.autoscaling import AutoScalingGroup, Lifecycle
from kingtide.fleet.instance_lists import InstanceLists
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.models.node_group import Group, Size
from kingtide.fleet.policies.node_autoscaling import DISCOVERY_TAG
from kingtide.kube.nodes import GROUP_LABEL, LIFECYCLE_LABEL
from kingtide.kube.taints import Taint, Toleration

_TEMPLATE_TAG = "k8s.io/cluster-autoscaler/node-template"
"""Prefix of tags that tell an autoscaler what nodes of an empty group look like.

Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md#auto-discovery-setup
"""


class ExpandedGroup(msgspec.Struct, frozen=True):
    """An Auto Scaling group with the labels and taints of its nodes.

    `serves` is the application group.
    """

    group: AutoScalingGroup
    serves: str
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]


def expand_cluster(name: str, spec: ClusterSpec, lists: InstanceLists) -> tuple[ExpandedGroup, ...]:
    """Return every Auto Scaling group of a checked cluster.

    Spot before on-demand within each application group.
    """
    return tuple(
        expanded
        for serves, group in spec.node_groups.items()
        for expanded in _expand_group(name, serves, group, zone_names(spec, group), lists)
    )


def zone_names(spec: ClusterSpec, group: Group | None = None) -> tuple[str, ...]:
    """Return a cluster's zones by full name, or those of one of its groups."""
    own = spec.zones if group is None or group.zones is None else group.zones
    return tuple(f"{spec.region}{zone}" if len(zone) == 1 else zone for zone in own)


def is_template_tag(key: str) -> bool:
    """Return whether a tag tells what nodes of an empty group look like; kops adds those itself."""
    return key.startswith(_TEMPLATE_TAG)


def dedicated_taint(serves: str) -> Taint:
    """Return the taint of nodes that only one application group may use."""
    return Taint(key=GROUP_LABEL, value=serves, effect="NoSchedule")


def dedicated_toleration(serves: str) -> Toleration:
    """Return what a pod needs to land on those nodes."""
    return Toleration(key=GROUP_LABEL, operator="Equal", value=serves, effect="NoSchedule")


def _expand_group(
    cluster: str, serves: str, group: Group, zones: tuple[str, ...], lists: InstanceLists
) -> Iterator[ExpandedGroup]:
    spot = group.spot.sizes if group.spot is not None else {}
    on_demand = group.on_demand or group.on_demand_fallback
    for size_name, size in spot.items():
        types = _types(size, lists)
        yield _expand_size(cluster, serves, group, size_name, size, types, "spot", zones)
    for size_name, size in on_demand.sizes.items() if on_demand is not None else ():
        types = _types(size if size.instances is not None else spot[size_name], lists)
        yield _expand_size(cluster, serves, group, size_name, size, types, "on-demand", zones)


def _types(size: Size, lists: InstanceLists) -> tuple[str, ...]:
    if isinstance(size.instances, str):
        return lists[size.instances]
    return size.instances or ()


def _expand_size(
    cluster: str,
    serves: str,
    group: Group,
    size_name: str,
    size: Size,
    types: tuple[str, ...],
    lifecycle: Lifecycle,
    zones: tuple[str, ...],
) -> ExpandedGroup:
    labels = {**group.labels, GROUP_LABEL: serves, LIFECYCLE_LABEL: lifecycle}
    taints = (dedicated_taint(serves),) if group.dedicated else ()
    prefix = "spot-nodes" if lifecycle == "spot" else "on-demand"
    tags = {DISCOVERY_TAG: "true", f"k8s.io/cluster-autoscaler/{cluster}": "true"}
    tags |= {f"{_TEMPLATE_TAG}/label/{key}": value for key, value in labels.items()}
    tags |= {f"{_TEMPLATE_TAG}/taint/{t.key}": f"{t.value}:{t.effect}" for t in taints}
    return ExpandedGroup(
        group=AutoScalingGroup(
            name=f"{prefix}-{serves}-{size_name}",
            min_size=size.min_size,
            max_size=size.max or 0,
            desired_capacity=size.min_size,
            instance_types=types,
            zones=zones,
            tags=tags,
            # AWS' default of 100 would make a spot group all on-demand.
            on_demand_percentage_above_base=0 if lifecycle == "spot" else 100,
            spot_allocation_strategy=(
                group.spot.allocation_strategy if group.spot is not None else "capacity-optimized"
            ),
        ),
        serves=serves,
        labels=labels,
        taints=taints,
    )
