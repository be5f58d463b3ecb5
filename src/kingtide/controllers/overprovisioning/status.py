"""How big the cluster is: nodes and cores, all of them and those that take pods."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kingtide.kube.nodes import Node


class ClusterSize(msgspec.Struct, frozen=True, gc=False):
    """Nodes and cores (allocatable CPU, rounded up over the sum).

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


def measure(nodes: Iterable[Node], labels: tuple[tuple[str, str], ...] = ()) -> ClusterSize:
    """Return the size of the cluster, counting only nodes that have all the labels."""
    counts = {True: 0, False: 0}
    millicores = {True: 0, False: 0}
    for node in nodes:
        if labels and not all(node.labels.get(key) == value for key, value in labels):
            continue
        schedulable = not node.unschedulable and node.is_ready
        counts[schedulable] += 1
        millicores[schedulable] += node.allocatable.cpu_millicores
    return ClusterSize(
        schedulable_nodes=counts[True],
        schedulable_cores=_whole_cores(millicores[True]),
        total_nodes=counts[True] + counts[False],
        total_cores=_whole_cores(millicores[True] + millicores[False]),
    )


def _whole_cores(millicores: int) -> int:
    return -(-millicores // 1000)
