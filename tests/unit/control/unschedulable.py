"""The pods that found no room, out of the groups in which controllers see them."""

from __future__ import annotations

from kingtide.control.snapshot import ClusterView
from kingtide.kube.pods import Pod


def unschedulable_pods(cluster: ClusterView) -> dict[str, Pod]:
    """Return them by uid in the order they became so."""
    arrived: dict[int, Pod] = {}
    for group in cluster.unschedulable_alike:
        arrived |= group.unpromised | group.nominated
    return {arrived[arrival].uid: arrived[arrival] for arrival in sorted(arrived)}
