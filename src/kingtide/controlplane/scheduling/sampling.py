"""How many nodes one attempt looks at: `percentageOfNodesToScore`.

In clusters of 100 nodes and more, kube-scheduler stops looking once it has found enough feasible
nodes, scores those only, and starts the next attempt where this one ended.
Source: pkg/scheduler/schedule_one.go, numFeasibleNodesToFind and findNodesThatPassFilters (v1.36).
"""

from __future__ import annotations

import numpy as np

from kingtide.controlplane.scheduling.node_columns import BoolArray, IntArray

ALL_NODES_PERCENT = 100
ADAPTIVE_PERCENT = 0
"""Stands for a share that falls with the size: KubeSchedulerConfiguration's default."""

_FEWEST_NODES = 100
"""minFeasibleNodesToFind: fewer nodes than this are always looked at, all of them."""
_LEAST_PERCENT = 5
"""minFeasibleNodesPercentageToFind: the adaptive share never falls below."""


class NodeSampling:
    """Cuts the feasible nodes to a sample; `next_start` is where in the node list it begins.

    kube-scheduler looks at 16 nodes at a time, so that it may see a few more before it stops; here
    one node is looked at after the other.
    """

    def __init__(self, percentage: int = ALL_NODES_PERCENT) -> None:
        if not 0 <= percentage <= ALL_NODES_PERCENT:
            raise ValueError(f"percentage of nodes to score {percentage} is not from 0 to 100")
        self.percentage = percentage
        self.next_start = 0

    def is_cutting(self, node_count: int) -> bool:
        """Return whether fewer than all feasible nodes may be enough."""
        return self.wanted(node_count) < node_count

    def wanted(self, node_count: int) -> int:
        """Return how many feasible nodes are enough."""
        if node_count < _FEWEST_NODES:
            return node_count
        percentage = self.percentage
        if percentage == ADAPTIVE_PERCENT:
            percentage = max(_LEAST_PERCENT, 50 - node_count // 125)
        return max(_FEWEST_NODES, node_count * percentage // 100)

    def sample(self, order: IntArray, is_feasible: BoolArray) -> IntArray:
        """Return the rows to score, in the order in which they were found, and move on.

        `order` is the node list as rows, `is_feasible` tells by row.
        """
        count = len(order)
        if not count:
            return order
        start = self.next_start % count
        rotated = np.concatenate([order[start:], order[:start]])
        found = is_feasible.take(rotated).nonzero()[0]
        wanted = self.wanted(count)
        # The search is stopped by the first feasible node too many; that one is not used up.
        looked_at = int(found[wanted]) if len(found) > wanted else count
        self.next_start = (start + looked_at) % count
        rows: IntArray = rotated.take(found[:wanted])
        return rows
