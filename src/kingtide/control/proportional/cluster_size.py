"""How big the cluster is: nodes and cores, all of them and those that take pods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kingtide.kube.nodes import Node


class ClusterSize(msgspec.Struct, frozen=True, gc=False):
    """Nodes and cores: allocatable CPU, rounded up over the sum.

    Schedulable means Ready and not cordoned.
    """

    schedulable_nodes: int
    schedulable_cores: int
    total_nodes: int
    total_cores: int

    def cores(self, include_unschedulable: bool) -> int:
        """Return the cores that count."""
        return self.total_cores if include_unschedulable else self.schedulable_cores

    def nodes(self, include_unschedulable: bool) -> int:
        """Return the nodes that count."""
        return self.total_nodes if include_unschedulable else self.schedulable_nodes


class Tally(msgspec.Struct, frozen=True):
    """The nodes that were counted, by name, and their sums: what a change is counted against."""

    counted: Mapping[str, Node] = {}
    schedulable_nodes: int = 0
    schedulable_millicores: int = 0
    total_millicores: int = 0

    @property
    def size(self) -> ClusterSize:
        """The size of the cluster."""
        return ClusterSize(
            schedulable_nodes=self.schedulable_nodes,
            schedulable_cores=_whole_cores(self.schedulable_millicores),
            total_nodes=len(self.counted),
            total_cores=_whole_cores(self.total_millicores),
        )


def recount(
    before: Tally,
    nodes: Mapping[str, Node],
    touched: Iterable[str],
    labels: tuple[tuple[str, str], ...],
) -> Tally:
    """Return the tally after some nodes changed, counting only nodes that have all the labels."""
    counted: dict[str, Node] | None = None
    schedulable_nodes = before.schedulable_nodes
    schedulable_millicores = before.schedulable_millicores
    total_millicores = before.total_millicores
    for name in touched:
        old = before.counted.get(name)
        new = nodes.get(name)
        if new is not None and not all(new.labels.get(key) == it for key, it in labels):
            new = None
        if old is new:
            continue
        counted = dict(before.counted) if counted is None else counted
        for node, sign in ((old, -1), (new, 1)):
            if node is None:
                continue
            millicores = sign * node.allocatable.cpu_millicores
            total_millicores += millicores
            if _is_schedulable(node):
                schedulable_nodes += sign
                schedulable_millicores += millicores
        if new is None:
            del counted[name]
        else:
            counted[name] = new
    if counted is None:
        return before
    return Tally(counted, schedulable_nodes, schedulable_millicores, total_millicores)


def _is_schedulable(node: Node) -> bool:
    return not node.unschedulable and node.is_ready


def _whole_cores(millicores: int) -> int:
    return -(-millicores // 1000)
