"""Linear: one replica for so many cores or nodes, within bounds.

Source:
https://github.com/kubernetes-sigs/cluster-proportional-autoscaler/tree/5a5dd5a1/pkg/autoscaler/controller/linearcontroller
"""

from __future__ import annotations

import math

import msgspec

from kingtide.control.proportional.cluster_size import ClusterSize


class Linear(msgspec.Struct, frozen=True):
    """`cores_per_replica` and `nodes_per_replica` are IEEE doubles as in the real program.

    0 for unused.

    `max_replicas` 0 means no upper bound.
    """

    cores_per_replica: float = 0.0
    nodes_per_replica: float = 0.0
    min_replicas: int = 1
    max_replicas: int = 0
    prevents_single_point_of_failure: bool = False
    include_unschedulable_nodes: bool = False


def linear_replicas(linear: Linear, size: ClusterSize) -> int:
    """Return the larger of what cores and nodes ask for.

    Bounds apply to each of the two, not to the result; the guard against a single point of
    failure comes after them and can exceed the maximum. Both are the real program's behaviour.
    """
    nodes = size.nodes(linear.include_unschedulable_nodes)
    from_cores = _replicas(
        size.cores(linear.include_unschedulable_nodes), linear.cores_per_replica, linear
    )
    from_nodes = _replicas(nodes, linear.nodes_per_replica, linear)
    if linear.prevents_single_point_of_failure and nodes > 1:
        from_nodes = max(2, from_nodes)
    return max(from_cores, from_nodes)


def _replicas(amount: int, per_replica: float, linear: Linear) -> int:
    if per_replica == 0:
        return 1
    wanted = math.ceil(amount / per_replica)
    if linear.max_replicas != 0:
        wanted = min(linear.max_replicas, wanted)
    return max(linear.min_replicas, wanted)
