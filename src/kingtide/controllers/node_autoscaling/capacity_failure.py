"""How it is noticed that a group gets no capacity: three ways that wait for different things.

`timeout`: nothing but the time since the request tells (upcoming.py). `placeholders`: as today's
Cluster Autoscaler, through its two caches, which are kept here as explicit memory. `activities`:
a failed scaling activity counts as soon as the cloud tells it.

Source:
https://github.com/kubernetes/autoscaler/blob/55c37cd5/cluster-autoscaler/cloudprovider/aws/auto_scaling_groups.go
(isNodeGroupAvailable, createPlaceholdersForDesiredNonStartedInstances).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kingtide.aws.autoscaling import ScalingActivity

GROUP_CACHE_MS = 60_000
"""Cluster Autoscaler describes groups and their activities at most this often
(auto_scaling_groups.go refreshInterval).
"""
INSTANCE_CACHE_MS = 120_000
"""Its core reads instances through a cache refreshed this often
(CloudProviderNodeInstancesCacheRefreshInterval).
"""


class Shortage(msgspec.Struct, frozen=True, gc=False):
    """Instances that a group wants and does not have.

    `is_unfulfillable` once a launch is known to have failed, `message` is AWS' own text.
    """

    missing: int
    is_unfulfillable: bool
    message: str = ""


def shortage(
    desired: int,
    running: int,
    activities: Iterable[ScalingActivity] | None,
    last_resize_ms: int,
    *,
    is_registered: bool = True,
) -> Shortage:
    """Return what a group lacks and whether a failed activity since its last resize explains it.

    Any failure counts, whatever its text, and a start at the very moment of the resize counts
    too. `activities` None means that the cloud did not answer: capacity is then assumed, as it is
    for a group not yet known.
    """
    missing = max(0, desired - running)
    if missing == 0 or activities is None or not is_registered:
        return Shortage(missing, is_unfulfillable=False)
    for activity in activities:
        if activity.status == "Failed" and activity.start_ms >= last_resize_ms:
            return Shortage(missing, is_unfulfillable=True, message=activity.status_message)
    return Shortage(missing, is_unfulfillable=False)


class ProviderCaches(msgspec.Struct, frozen=True):
    """Cluster Autoscaler's two caches in `placeholders` mode.

    `groups_at_ms` and `instances_at_ms` are the moments of the last refresh (None before the
    first); `found` are the messages of groups seen as unfulfillable by the first cache, `shown`
    those that the second has taken over.
    """

    groups_at_ms: int | None = None
    instances_at_ms: int | None = None
    found: Mapping[str, str] = {}
    shown: Mapping[str, str] = {}


def is_due(at_ms: int | None, interval_ms: int, now_ms: int) -> bool:
    """Return whether a cache is to be refreshed now."""
    return at_ms is None or at_ms + interval_ms <= now_ms


def forget_group(caches: ProviderCaches, group: str) -> ProviderCaches:
    """Return the caches after a group was put right.

    Its placeholders are deleted, which invalidates both caches.
    """
    return msgspec.structs.replace(
        caches,
        groups_at_ms=None,
        found={name: it for name, it in caches.found.items() if name != group},
        shown={name: it for name, it in caches.shown.items() if name != group},
    )
