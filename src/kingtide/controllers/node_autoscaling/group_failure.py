"""Which groups failed: those without capacity, those too slow, those whose nodes never join."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.aws.autoscaling import CapacityPool, Instance
from kingtide.control.chance import Chance
from kingtide.control.snapshot import CloudView
from kingtide.controllers.node_autoscaling.backoff import Backoffs, is_backed_off
from kingtide.controllers.node_autoscaling.capacity_failure import (
    GROUP_CACHE_MS,
    INSTANCE_CACHE_MS,
    ProviderCaches,
    forget_group,
    is_due,
    shortage,
)
from kingtide.controllers.node_autoscaling.launch_failure import pools_without_capacity
from kingtide.controllers.node_autoscaling.snapshot import GroupStanding
from kingtide.controllers.node_autoscaling.upcoming import (
    Upcoming,
    desired_of,
    missing_of,
    oldest_ms,
)
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy

FailureCode = Literal[
    "NoCapacity", "LaunchFailed", "NoInstanceSeen", "ProvisioningTimedOut", "NodesNeverJoined"
]


class GroupFailure(msgspec.Struct, frozen=True):
    """A group that failed: what is missing, what it is put back to, which instances never joined.

    `restore_to` None means that the desired capacity stays as it is. `pools` are those without
    capacity, with when a launch last failed there: only where activities tell.
    """

    group: str
    code: FailureCode
    message: str
    missing: int
    waited_ms: int
    restore_to: int | None
    overdue: tuple[Instance, ...] = ()
    pools: Mapping[CapacityPool, int] = {}


class Detection(msgspec.Struct, frozen=True):
    """The failures of one pass and the caches after it."""

    failures: tuple[GroupFailure, ...]
    caches: ProviderCaches


def detect(
    cloud: CloudView,
    groups: Mapping[str, GroupStanding],
    upcoming: Upcoming,
    backoffs: Backoffs,
    caches: ProviderCaches,
    policy: NodeAutoscalingPolicy,
    now_ms: int,
    chance: Chance,
) -> Detection:
    """Return which groups failed by now; the slowest rule (time) holds in every mode."""
    unfulfillable: Mapping[str, str] = {}
    match policy.capacity_failure_detection:
        case "timeout":
            pass
        case "activities":
            unfulfillable = _failed_activities(cloud, groups, upcoming)
        case "placeholders":
            caches = _refreshed(cloud, groups, upcoming, caches, now_ms, chance)
            unfulfillable = caches.shown
    failures = []
    for group in groups.values():
        failure = _failure(group, upcoming, unfulfillable.get(group.name), policy, now_ms)
        if failure is None:
            continue
        nothing_to_do = failure.restore_to is None and not failure.overdue
        if nothing_to_do and is_backed_off(backoffs, group.name, now_ms):
            continue
        if failure.code == "NoCapacity" and policy.capacity_failure_detection == "activities":
            pools = _pools(cloud, group, upcoming)
            # What is not about capacity is the group's own trouble: a template, a quota.
            code: FailureCode = "NoCapacity" if pools else "LaunchFailed"
            failure = msgspec.structs.replace(failure, code=code, pools=pools)
        failures.append(failure)
        caches = forget_group(caches, group.name)
    return Detection(tuple(failures), caches)


def _failure(
    group: GroupStanding,
    upcoming: Upcoming,
    message: str | None,
    policy: NodeAutoscalingPolicy,
    now_ms: int,
) -> GroupFailure | None:
    max_ms = policy.max_node_provision_seconds * 1000
    since_ms = oldest_ms(upcoming, group.name)
    missing = missing_of(upcoming, group.name)
    overdue = tuple(
        instance
        for instance in group.booting
        if upcoming.first_seen_ms.get(instance.instance_id, now_ms) + max_ms < now_ms
        and instance.instance_id not in upcoming.condemned_ms
    )
    code: FailureCode
    if since_ms is not None and message is not None:
        code = "NoCapacity"
    elif since_ms is not None and since_ms + max_ms < now_ms:
        code, message = "ProvisioningTimedOut", ""
    elif since_ms is not None and is_overdue(since_ms, policy, now_ms):
        code, message = "NoInstanceSeen", ""
    elif overdue:
        return GroupFailure(group.name, "NodesNeverJoined", "", 0, max_ms, None, overdue)
    else:
        return None
    restore_to = max(group.live, group.min_size)
    return GroupFailure(
        group=group.name,
        code=code,
        message=message,
        missing=missing,
        waited_ms=now_ms - since_ms,
        restore_to=restore_to if restore_to < desired_of(group, upcoming.asks) else None,
        overdue=overdue,
    )


def is_overdue(since_ms: int, policy: NodeAutoscalingPolicy, now_ms: int) -> bool:
    """Return whether an instance that was asked for should have been seen starting by now."""
    patience_ms = policy.launch_patience_seconds * 1000
    return patience_ms > 0 and since_ms + patience_ms <= now_ms


def look_again_ms(upcoming: Upcoming, policy: NodeAutoscalingPolicy, now_ms: int) -> int | None:
    """Return when the next request runs out of patience, None where none will."""
    patience_ms = policy.launch_patience_seconds * 1000
    if not patience_ms:
        return None
    due = (batch.since_ms + patience_ms for it in upcoming.batches.values() for batch in it)
    return min((at_ms for at_ms in due if at_ms > now_ms), default=None)


def _failed_activities(
    cloud: CloudView, groups: Mapping[str, GroupStanding], upcoming: Upcoming
) -> dict[str, str]:
    """Return the message of each group with a failed launch since its longest missing request."""
    found: dict[str, str] = {}
    for name in upcoming.batches:
        since_ms = oldest_ms(upcoming, name)
        if since_ms is None or name not in groups:
            continue
        group = groups[name]
        desired = desired_of(group, upcoming.asks)
        activities = cloud.activities_since(name, since_ms)
        seen = shortage(desired, group.live, activities, since_ms)
        if seen.is_unfulfillable:
            found[name] = seen.message
    return found


def _pools(
    cloud: CloudView, group: GroupStanding, upcoming: Upcoming
) -> Mapping[CapacityPool, int]:
    """Return the pools that failed launches since the longest missing request tell of."""
    since_ms = oldest_ms(upcoming, group.name)
    pools: dict[CapacityPool, int] = {}
    for it in () if since_ms is None else cloud.activities_since(group.name, since_ms):
        if it.status == "Failed":
            named = pools_without_capacity(it.status_message, group.group)
            pools.update(dict.fromkeys(named, it.start_ms))
    return pools


def _refreshed(
    cloud: CloudView,
    groups: Mapping[str, GroupStanding],
    upcoming: Upcoming,
    caches: ProviderCaches,
    now_ms: int,
    chance: Chance,
) -> ProviderCaches:
    """Return the caches after the refreshes that are due.

    A controller that has been running for long is met at any point of its caches' intervals: the
    first pass draws where.
    """
    if caches.instances_at_ms is None:
        caches = msgspec.structs.replace(
            caches,
            groups_at_ms=now_ms - chance.pick("group cache", range(0, GROUP_CACHE_MS, 1000)),
            instances_at_ms=now_ms
            - chance.pick("instance cache", range(0, INSTANCE_CACHE_MS, 1000)),
        )
    if is_due(caches.groups_at_ms, GROUP_CACHE_MS, now_ms):
        found = _failed_activities(cloud, groups, upcoming)
        caches = msgspec.structs.replace(caches, groups_at_ms=now_ms, found=found)
    if is_due(caches.instances_at_ms, INSTANCE_CACHE_MS, now_ms):
        caches = msgspec.structs.replace(caches, instances_at_ms=now_ms, shown=caches.found)
    return caches
