"""A group's nodes that do not exist yet, one by one: names, zones, labels.

Only pods that mind other pods need them apart. Auto Scaling keeps a group's zones even
(https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html), so the next
instance comes in the zone with the fewest: Cluster Autoscaler takes the first zone for all of them,
and pods that spread over zones then wait for one node after the other.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kingtide.controllers.node_autoscaling.snapshot import FleetView, GroupStanding
from kingtide.controllers.node_autoscaling.upcoming import Upcoming, missing_of
from kingtide.kube.nodes import HOSTNAME_LABEL, ZONE_LABEL, Node


def new_nodes(group: GroupStanding, upcoming: Upcoming) -> Iterator[Node]:
    """Return, without end, the nodes that a group would get beyond those that are on their way."""
    zones = _zones_to_come(group)
    for _ in range(missing_of(upcoming, group.name)):
        next(zones)
    for number, zone in enumerate(zones):
        yield _node(group, f"new-{number}-of-{group.name}", zone)


def nodes_on_their_way(group: GroupStanding, fleet: FleetView, upcoming: Upcoming) -> list[Node]:
    """Return the launched nodes of a group that are not Ready yet, known by what is there."""
    nodes = [
        _node(group, it.instance_id, it.pool.zone)
        for it in group.booting
        if it.instance_id not in upcoming.condemned_ms
    ]
    return [*(fleet.nodes[name].node for name in group.starting), *nodes]


def missing_nodes(group: GroupStanding, upcoming: Upcoming) -> list[Node]:
    """Return the nodes of a group that were asked for and are not launched yet."""
    zones = _zones_to_come(group)
    return [
        _node(group, f"missing-{number}-of-{group.name}", next(zones))
        for number in range(missing_of(upcoming, group.name))
    ]


def _zones_to_come(group: GroupStanding) -> Iterator[str]:
    """Return, without end, the zones of the next launches.

    A zone that lags behind by two or more is one in which Auto Scaling finds no capacity: nothing
    is expected there.
    """
    counts = dict.fromkeys(group.group.zones, 0)
    for instance in group.group.instances:
        if instance.pool.zone in counts and instance.instance_id not in group.leaving:
            counts[instance.pool.zone] += 1
    most = max(counts.values(), default=0)
    counts = {zone: count for zone, count in counts.items() if count >= most - 1}
    while True:
        zone = min(counts, key=lambda it: counts[it], default="")
        if zone:
            counts[zone] += 1
        yield zone


def _node(group: GroupStanding, name: str, zone: str) -> Node:
    assert group.template is not None
    node = group.template.node
    labels = {**node.labels, HOSTNAME_LABEL: name}
    if zone:
        labels[ZONE_LABEL] = zone
    return msgspec.structs.replace(node, name=name, labels=labels)
