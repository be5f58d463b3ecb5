"""Pools that take spot nodes back are left alone like pools without capacity.

A reclaim says that EC2 wants the capacity for somebody else; what is launched there now is the
likeliest to be reclaimed next. The nodes tell (their interruption's taint and claim), and each
notice counts once: a launch that succeeds afterwards opens the pool again.
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.aws.autoscaling import CapacityPool
from kingtide.control.reclaimed_pools import reclaimed_pools
from kingtide.controllers.node_autoscaling import capacity_pools
from kingtide.controllers.node_autoscaling.capacity_pools import FailedPools
from kingtide.controllers.node_autoscaling.snapshot import FleetView
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy

ReclaimsMs = Mapping[CapacityPool, int]
"""When each pool's latest notice that has been heeded came, in Unix milliseconds."""


def with_reclaims(
    failed: FailedPools,
    heeded: ReclaimsMs,
    fleet: FleetView,
    policy: NodeAutoscalingPolicy,
    now_ms: int,
) -> tuple[FailedPools, ReclaimsMs]:
    """Return the failing pools with those that have begun to reclaim, and what is heeded now.

    Only where failures name pools (`capacity_failure_detection: activities`).
    """
    if policy.capacity_failure_detection != "activities" or not (fleet.claims or heeded):
        return failed, heeded
    recent_ms = policy.pools.probe_initial_seconds * 1000
    nodes = [fleet.nodes[name].node for name in fleet.claims if name in fleet.nodes]
    found = reclaimed_pools(nodes, now_ms, recent_ms)
    for pool, at_ms in found.items():
        if at_ms > heeded.get(pool, -1):
            failed = capacity_pools.fail(failed, [pool], policy.pools, at_ms, now_ms)
    # What is no longer on any node is as old as the pool's rest, and may be forgotten.
    still = {pool: at_ms for pool, at_ms in heeded.items() if now_ms - at_ms <= recent_ms}
    return failed, {**still, **found}
