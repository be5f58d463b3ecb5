"""Which group a node's instance is of, and whether spot could serve in its place."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.aws.autoscaling import AutoScalingGroup, Instance
from kingtide.control.group_labels import labels_of
from kingtide.control.snapshot import CloudView
from kingtide.kube.nodes import Node


class Groups(msgspec.Struct, frozen=True):
    """Groups by instance, and the values of the group label that some spot group has."""

    by_instance: Mapping[str, tuple[AutoScalingGroup, Instance]]
    with_spot: Mapping[str, None]
    label: str

    def of(self, node: Node) -> tuple[AutoScalingGroup, Instance] | None:
        """Return a node's group and instance, None where no group has it."""
        return self.by_instance.get(node.instance_id)

    def is_replaceable_by_spot(self, node: Node) -> bool:
        """Return whether a node is on-demand where its application group has spot groups too.

        Instances of a group that mixes both are its own business: it keeps its share of them.
        """
        found = self.of(node)
        if found is None or found[1].pool.lifecycle != "on-demand":
            return False
        group = found[0]
        serves = node.labels.get(self.label) or labels_of(group.tags).get(self.label, "")
        return group.on_demand_percentage_above_base == 100 and serves in self.with_spot


def groups_of(cloud: CloudView, label: str) -> Groups:
    """Return the groups as the cloud last told them."""
    by_instance = {
        instance.instance_id: (group, instance)
        for group in cloud.groups.values()
        for instance in group.instances
    }
    with_spot: dict[str, None] = {}
    for group in cloud.groups.values():
        serves = labels_of(group.tags).get(label, "")
        if group.lifecycle == "spot" and group.max_size and serves:
            with_spot[serves] = None
    return Groups(by_instance, with_spot, label)


def has_room_below(group: AutoScalingGroup, going: int) -> bool:
    """Return whether a group may lose one more node when `going` others are about to leave it."""
    return group.desired_capacity - going > group.min_size
