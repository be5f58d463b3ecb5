"""When a cluster is so ill that what is seen of it is not to be trusted: then nodes are left alone.

Source: Cluster Autoscaler's --ok-total-unready-count and --max-total-unready-percentage,
https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
"""

from __future__ import annotations


def is_unhealthy(
    unready: int, nodes: int, *, ok_unready_count: int, max_unready_percentage: int
) -> bool:
    """Return whether more nodes are broken than may be, in number and in percent of all."""
    return unready > ok_unready_count and unready * 100 > max_unready_percentage * nodes
