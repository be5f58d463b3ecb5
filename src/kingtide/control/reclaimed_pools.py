"""Which capacity pools have taken nodes back lately, as the nodes themselves tell.

There is no channel beside the Nodes: a node that is being reclaimed bears the taint and the claim
of its interruption, until it is gone some two minutes later. Whoever asks for capacity looks at
every pass and remembers what it saw, for as long as it leaves a failed pool alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.aws.autoscaling import CapacityPool
from kingtide.control.claims import disruption_claim
from kingtide.control.interruption_taint import interruption_of
from kingtide.kube.nodes import INSTANCE_TYPE_LABEL, Node


def reclaimed_pools(
    nodes: Iterable[Node], now_ms: int, recent_ms: int, at_least: int = 1
) -> dict[CapacityPool, int]:
    """Return each spot pool that took nodes in the last `recent_ms`, with its latest notice's time.

    `at_least` nodes must have been taken; the time is that of the claim in milliseconds since the
    Unix epoch. Only interruptions count: neither a rebalance recommendation, which takes nothing,
    nor a group that gives an instance back, which says nothing of the pool. A node whose labels do
    not tell its type and zone counts for no pool.
    """
    latest: dict[CapacityPool, int] = {}
    taken: dict[CapacityPool, int] = {}
    for node in nodes:
        if not node.taints or interruption_of(node.taints) != "spot-interruption":
            continue
        claim = disruption_claim(node.annotations)
        pool = _pool_of(node)
        if claim is None or claim.reason != "Interrupted" or pool is None:
            continue
        if now_ms - claim.since_ms > recent_ms:
            continue
        latest[pool] = max(latest.get(pool, claim.since_ms), claim.since_ms)
        taken[pool] = taken.get(pool, 0) + 1
    return {pool: at_ms for pool, at_ms in sorted(latest.items()) if taken[pool] >= at_least}


def _pool_of(node: Node) -> CapacityPool | None:
    instance_type = node.labels.get(INSTANCE_TYPE_LABEL, "")
    if not (node.is_spot and instance_type and node.zone):
        return None
    return CapacityPool(instance_type, node.zone, "spot")
