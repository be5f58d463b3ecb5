"""Which capacity pools are known to fail, and when one of them is probed again.

EC2 has capacity by pool (type, zone, lifecycle), and groups share pools: what one group learns
holds for all. A pool that fails is left alone for an interval that doubles with every failed probe;
an instance launched from it after the failure clears it. Karpenter hides an offering for three
minutes, whatever happened before
(https://github.com/aws/karpenter-provider-aws/blob/1d927085/pkg/cache/unavailableofferings.go);
Cluster Autoscaler knows groups only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from kingtide.aws.autoscaling import AutoScalingGroup, CapacityPool
from kingtide.controllers.node_autoscaling.launch_failure import pools_of
from kingtide.fleet.policies.node_autoscaling import PoolPolicy


class FailedPool(msgspec.Struct, frozen=True, gc=False):
    """A pool without capacity: not asked up to and including `until_ms`.

    `failed_ms` is when the last launch failed there, not when we learned of it.
    """

    failed_ms: int
    until_ms: int
    interval_ms: int


FailedPools = Mapping[CapacityPool, FailedPool]

Prospect = Literal["open", "probe", "none"]
"""What a group's pools promise: one is not known to fail; all are, one is due; none is due."""


def fail(
    failed: FailedPools,
    pools: Iterable[CapacityPool],
    policy: PoolPolicy,
    failed_ms: int,
    now_ms: int,
) -> FailedPools:
    """Return what is known after launches failed in pools.

    A failure inside the interval keeps it, for groups share pools and fail of one cause; one after
    it (a probe) doubles it up to the maximum.
    """
    merged = dict(failed)
    for pool in pools:
        known = failed.get(pool)
        if known is None:
            interval_ms = policy.probe_initial_seconds * 1000
        elif known.until_ms >= now_ms:
            interval_ms = known.interval_ms
        else:
            interval_ms = min(2 * known.interval_ms, policy.probe_max_seconds * 1000)
        merged[pool] = FailedPool(failed_ms, now_ms + interval_ms, interval_ms)
    return merged


def clear_delivered(failed: FailedPools, groups: Iterable[AutoScalingGroup]) -> FailedPools:
    """Return what is known without pools from which an instance was launched since they failed."""
    delivered = {
        instance.pool: None
        for group in groups
        for instance in group.instances
        if (known := failed.get(instance.pool)) is not None
        and instance.launched_ms > known.failed_ms
    }
    if not delivered:
        return failed
    return {pool: it for pool, it in failed.items() if pool not in delivered}


def forget_stale(failed: FailedPools, policy: PoolPolicy, now_ms: int) -> FailedPools:
    """Return what is known without pools that have not failed for long."""
    forget_ms = policy.forget_seconds * 1000
    kept = {pool: it for pool, it in failed.items() if it.failed_ms + forget_ms >= now_ms}
    return kept if len(kept) != len(failed) else failed


def prospect(group: AutoScalingGroup, failed: FailedPools, now_ms: int) -> Prospect:
    """Return what a group's pools promise; a group without types or zones is taken as open."""
    if not failed:
        return "open"
    known = [failed.get(pool) for pool in pools_of(group, group.lifecycle)]
    if not known or None in known:
        return "open"
    return "probe" if any(it is not None and it.until_ms < now_ms for it in known) else "none"


def last_failure_ms(failed: FailedPools) -> int | None:
    """Return when it was last learned that a pool fails, None when none does."""
    return max((it.until_ms - it.interval_ms for it in failed.values()), default=None)


def next_probe_ms(group: AutoScalingGroup, failed: FailedPools) -> int | None:
    """Return when the first of a group's failed pools is due, None when none has failed."""
    known = (failed.get(pool) for pool in pools_of(group, group.lifecycle))
    return min((it.until_ms for it in known if it is not None), default=None)
