"""How long a group that failed is left alone: exponential, forgotten after a quiet time.

Source:
https://github.com/kubernetes-sigs/cluster-autoscaler/blob/33c3f97b/pkg/utils/backoff/exponential_backoff.go
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.fleet.policies.node_autoscaling import BackoffPolicy


class Backoff(msgspec.Struct, frozen=True, gc=False):
    """A group's back-off: it is not asked up to and including `until_ms`.

    `error` is the last failure's code.
    """

    until_ms: int
    duration_ms: int
    failed_ms: int
    error: str


Backoffs = Mapping[str, Backoff]
"""By group name."""


def fail(
    backoffs: Backoffs, group: str, error: str, policy: BackoffPolicy, now_ms: int
) -> Backoffs:
    """Return the back-offs after a group failed.

    A failure inside the window keeps the duration, for several requests may fail of one cause; a
    failure after it doubles the duration up to the maximum.
    """
    known = backoffs.get(group)
    if known is None:
        duration_ms = policy.initial_seconds * 1000
    elif is_backed_off(backoffs, group, now_ms):
        duration_ms = known.duration_ms
    else:
        duration_ms = min(2 * known.duration_ms, policy.max_seconds * 1000)
    entry = Backoff(now_ms + duration_ms, duration_ms, now_ms, error)
    return {**backoffs, group: entry}


def leave_alone(backoffs: Backoffs, group: str, error: str, until_ms: int, now_ms: int) -> Backoffs:
    """Return the back-offs with a group left alone until its pools are probed again."""
    return {**backoffs, group: Backoff(until_ms, until_ms - now_ms, now_ms, error)}


def is_backed_off(backoffs: Backoffs, group: str, now_ms: int) -> bool:
    """Return whether a group is to be left alone now; the end of the window still belongs to it."""
    known = backoffs.get(group)
    return known is not None and known.until_ms >= now_ms


def forget_stale(backoffs: Backoffs, policy: BackoffPolicy, now_ms: int) -> Backoffs:
    """Return the back-offs without groups that have not failed for longer than the reset time."""
    reset_ms = policy.reset_seconds * 1000
    kept = {name: it for name, it in backoffs.items() if it.failed_ms + reset_ms >= now_ms}
    return kept if len(kept) != len(backoffs) else backoffs


def forget(backoffs: Backoffs, group: str) -> Backoffs:
    """Return the back-offs without a group, which has delivered."""
    return {name: it for name, it in backoffs.items() if name != group}
