"""What a failed group leads to: it is put back to what is there, and left alone for a while."""

from __future__ import annotations

import msgspec

from kingtide.control.action import Action, SetDesiredCapacity, TerminateInstance
from kingtide.control.counted import counted
from kingtide.control.report import Verdict
from kingtide.controllers.node_autoscaling import backoff, capacity_pools
from kingtide.controllers.node_autoscaling.backoff import Backoffs
from kingtide.controllers.node_autoscaling.capacity_pools import FailedPools
from kingtide.controllers.node_autoscaling.group_failure import GroupFailure
from kingtide.controllers.node_autoscaling.snapshot import FleetView
from kingtide.controllers.node_autoscaling.told_groups import of_failure
from kingtide.controllers.node_autoscaling.upcoming import (
    Upcoming,
    desired_of,
    with_ask,
    with_terminations,
)
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy


class Failed(msgspec.Struct, frozen=True):
    """What failures led to."""

    upcoming: Upcoming
    backoffs: Backoffs
    failed_pools: FailedPools
    actions: tuple[Action, ...]
    verdicts: tuple[Verdict, ...]


def heed(
    failures: tuple[GroupFailure, ...],
    fleet: FleetView,
    upcoming: Upcoming,
    backoffs: Backoffs,
    failed_pools: FailedPools,
    policy: NodeAutoscalingPolicy,
    now_ms: int,
) -> Failed:
    """Put failed groups back to what is there, terminate what never joined, and back off.

    Where the failure tells of pools, the group is left alone as long as they are; otherwise it
    backs off on its own account.
    """
    actions: list[Action] = []
    verdicts = []
    for failure in failures:
        group = fleet.groups[failure.group]
        if failure.restore_to is not None:
            restore = SetDesiredCapacity(
                group=failure.group,
                desired=failure.restore_to,
                expected_desired=desired_of(group, upcoming.asks),
                reason=f"{counted(failure.missing, 'instance')} did not come: {failure.code}",
            )
            actions.append(restore)
            upcoming = with_ask(upcoming, restore, group.live, now_ms)
        for instance in failure.overdue:
            reason = f"{instance.instance_id} did not become a node in time"
            actions.append(
                TerminateInstance(
                    group=failure.group, instance_id=instance.instance_id, node="", reason=reason
                )
            )
        if failure.overdue:
            ids = [it.instance_id for it in failure.overdue]
            upcoming = with_terminations(upcoming, group, ids, now_ms)
        if failure.pools:
            for pool, failed_ms in failure.pools.items():
                failed_pools = capacity_pools.fail(
                    failed_pools, (pool,), policy.pools, failed_ms, now_ms
                )
            until_ms = max(failed_pools[pool].until_ms for pool in failure.pools)
            backoffs = backoff.leave_alone(backoffs, failure.group, failure.code, until_ms, now_ms)
        else:
            backoffs = backoff.fail(backoffs, failure.group, failure.code, policy.backoff, now_ms)
        verdicts.append(of_failure(failure, backoffs))
    return Failed(upcoming, backoffs, failed_pools, tuple(actions), tuple(verdicts))
