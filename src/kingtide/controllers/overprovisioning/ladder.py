"""The ladder: replicas by rungs of cores and of nodes.

Source:
https://github.com/kubernetes-sigs/cluster-proportional-autoscaler/tree/5a5dd5a1/pkg/autoscaler/controller/laddercontroller
"""

from __future__ import annotations

import msgspec

from kingtide.control.proportional.cluster_size import ClusterSize


class Rung(msgspec.Struct, frozen=True, gc=False):
    """From `threshold` cores or nodes on: `replicas`."""

    threshold: int
    replicas: int


class Ladder(msgspec.Struct, frozen=True):
    """Rungs in ascending order of their thresholds.

    None means that the dimension asks for nothing.
    """

    cores: tuple[Rung, ...] = ()
    nodes: tuple[Rung, ...] = ()
    include_unschedulable_nodes: bool = False


def rung_for(amount: int, rungs: tuple[Rung, ...]) -> Rung | None:
    """Return the last rung at or below an amount, the first when the amount is below all.

    None without rungs.
    """
    chosen = rungs[0] if rungs else None
    for rung in rungs:
        if rung.threshold <= amount:
            chosen = rung
    return chosen


def ladder_replicas(ladder: Ladder, size: ClusterSize) -> int:
    """Return the larger of what cores and nodes ask for."""
    cores = rung_for(size.cores(ladder.include_unschedulable_nodes), ladder.cores)
    nodes = rung_for(size.nodes(ladder.include_unschedulable_nodes), ladder.nodes)
    return max(rung.replicas if rung is not None else 0 for rung in (cores, nodes))
