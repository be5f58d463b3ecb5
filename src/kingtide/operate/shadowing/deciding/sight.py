"""Reads a sighting from the observed cluster and cloud."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from kingtide.aws.autoscaling import (
    AutoScalingGroup,
    CapacityPool,
    Instance,
    Lifecycle,
    ScalingActivity,
)
from kingtide.control.group_labels import LABEL_PREFIX, TEMPLATE_PREFIX
from kingtide.control.removal_taint import removal_since_ms
from kingtide.control.snapshot import CloudView, ClusterView
from kingtide.kube.nodes import GROUP_LABEL, INSTANCE_TYPE_LABEL, Node
from kingtide.kube.taints import Taint
from kingtide.operate.shadowing.scoring.sighting import (
    OTHERS_TAINTS,
    SeenGroup,
    SeenNode,
    Sighting,
)

NODE_POOL_LABEL = "karpenter.sh/nodepool"
CAPACITY_TYPE_LABEL = "karpenter.sh/capacity-type"
"""Source: https://karpenter.sh/docs/concepts/scheduling/ (v1)."""
TAINT_PREFIX = TEMPLATE_PREFIX + "taint/"
LATE_MS = 60_000
"""An activity that began longer before the last sighting is not of a raise that is seen only now:
describe calls are made every few seconds."""


_REQUESTED = re.compile(r"At (\S{1,40}) a user request explicitly set group desired capacity")
"""The cause of a launch that somebody asked for; it begins some seconds later. Source:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-verify-scaling-activity.html
"""


class Prices(Protocol):
    """What an instance costs an hour in micro-USD, None where nobody knows."""

    def __call__(self, pool: CapacityPool, /) -> int | None:
        """Return the price of an instance of a pool."""


def sighting_of(
    cluster: ClusterView,
    cloud: CloudView,
    prices: Prices,
    before: Sighting | None,
    now_ms: int,
) -> Sighting:
    """Return what a scoreboard reads of the world now."""
    instances: dict[str, Instance] = {}
    for group in cloud.groups.values():
        instances.update((it.instance_id, it) for it in group.instances)
    nodes = {
        name: _node(node, instances.get(node.instance_id), cloud, prices, before, now_ms)
        for name, node in cluster.nodes.items()
    }
    standing: dict[str, list[int]] = {}
    for it in nodes.values():
        if it.price is not None:
            standing.setdefault(it.group, []).append(it.price)
    groups = {
        name: _group(it, standing.get(name, []), cloud, prices, before)
        for name, it in cloud.groups.items()
    }
    return Sighting(now_ms, groups, nodes, sum(map(len, cluster.unschedulable_alike)))


def serves(labels: Mapping[str, str], taints: Mapping[str, str]) -> str:
    """Return the name of a demand: the application group, else what keeps other pods away."""
    named = labels.get(GROUP_LABEL)
    if named is not None:
        return named
    return ",".join(f"{key}={value}" for key, value in sorted(taints.items()))


def _group(
    group: AutoScalingGroup,
    standing: list[int],
    cloud: CloudView,
    prices: Prices,
    before: Sighting | None,
) -> SeenGroup:
    tags = group.tags
    known = None if before is None else before.groups.get(group.name)
    newest_ms = 0 if known is None else known.newest_ms
    activities = cloud.activities_since(group.name, newest_ms + 1)
    asked_ms = None
    if before is not None and known is not None and group.desired_capacity > known.desired:
        after_ms = before.at_ms - LATE_MS
        asked_ms = next(
            (_asked_ms(it, after_ms) for it in activities if it.start_ms >= after_ms), None
        )
    return SeenGroup(
        group.name,
        serves(_stripped(tags, LABEL_PREFIX), _stripped(tags, TAINT_PREFIX)),
        group.lifecycle,
        group.desired_capacity,
        sum(standing) // len(standing) if standing else _first_price(group, prices),
        asked_ms,
        activities[-1].start_ms if activities else newest_ms,
    )


def _asked_ms(activity: ScalingActivity, after_ms: int) -> int:
    """Return when a launch was asked for: its cause tells to the second, else when it began.

    A cause from before `after_ms` is of an older request, of which this is another try.
    """
    found = _REQUESTED.search(activity.cause)
    if found is None:
        return activity.start_ms
    try:
        asked_ms = int(datetime.fromisoformat(found[1]).timestamp()) * 1000
    except ValueError:
        return activity.start_ms
    return asked_ms if after_ms <= asked_ms <= activity.start_ms else activity.start_ms


def _first_price(group: AutoScalingGroup, prices: Prices) -> int | None:
    """Return the price of a group's first type that has one: what it costs before it has a node."""
    pools = (
        CapacityPool(name, zone, group.lifecycle)
        for name in group.instance_types
        for zone in group.zones[:1]
    )
    return next((it for it in map(prices, pools) if it is not None), None)


def _node(
    node: Node,
    instance: Instance | None,
    cloud: CloudView,
    prices: Prices,
    before: Sighting | None,
    now_ms: int,
) -> SeenNode:
    pool = _pool(node) if instance is None else instance.pool
    group = None if instance is None else cloud.groups.get(instance.group)
    labels, taints = node.labels, {it.key: it.value for it in node.taints}
    if group is not None:
        tags = group.tags
        labels, taints = _stripped(tags, LABEL_PREFIX), _stripped(tags, TAINT_PREFIX)
    spot = CapacityPool(pool.instance_type, pool.zone, "spot")
    return SeenNode(
        name=node.name,
        group="" if instance is None else instance.group,
        serves=serves(labels, taints),
        instance_type=pool.instance_type,
        lifecycle=pool.lifecycle,
        joined_ms=node.created_ms,
        ready_ms=node.ready.since_ms if node.is_ready else None,
        launched_ms=None if instance is None else instance.launched_ms,
        leaving_ms=_leaving_ms(node, before, now_ms),
        price=prices(pool),
        pool=node.labels.get(NODE_POOL_LABEL, ""),
        spot_price=prices(spot) if pool.lifecycle == "on-demand" else None,
    )


def _pool(node: Node) -> CapacityPool:
    on_spot = node.is_spot or node.labels.get(CAPACITY_TYPE_LABEL) == "spot"
    lifecycle: Lifecycle = "spot" if on_spot else "on-demand"
    return CapacityPool(node.labels.get(INSTANCE_TYPE_LABEL, ""), node.zone, lifecycle)


def _leaving_ms(node: Node, before: Sighting | None, now_ms: int) -> int | None:
    """Return since when an autoscaler removes a node: as the taint tells, or as first seen."""
    taint = next((it for it in node.taints if it.key in OTHERS_TAINTS), None)
    if taint is None:
        return None
    told_ms = _told_ms(taint)
    if told_ms:
        return min(told_ms, now_ms)
    known = None if before is None else before.nodes.get(node.name)
    return now_ms if known is None or known.leaving_ms is None else known.leaving_ms


def _told_ms(taint: Taint) -> int:
    return taint.time_added_ms or removal_since_ms(taint)


def _stripped(tags: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {key[len(prefix) :]: value for key, value in tags.items() if key.startswith(prefix)}
