"""Emptying one node over several passes: whom to evict now, whom to ask again, when to give up.

Level-triggered and shared by all that empty a node: each pass looks at the pods that are there and
says the next evictions. Disruption budgets are guarded by the eviction API, which refuses; what was
refused is asked again in the next pass. All that is remembered is who has been asked, so that
nobody is asked twice before the watch shows what became of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from kingtide.control.action import EvictPod
from kingtide.control.drain import eviction_tiers, evicts_daemon
from kingtide.control.outcome import Outcome
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod

EVICTION_HEADROOM_MS = 30_000
"""Added to the grace periods before a drain is given up.

Cluster Autoscaler's PodEvictionHeadroom and draino's --eviction-headroom have the same default.
"""

EmptyingFailure = Literal["EvictionTimedOut", "PodsDidNotLeave"]


class EmptyingSettings(msgspec.Struct, frozen=True):
    """How long pods are given, and in which order they leave.

    `max_graceful_termination_seconds` cuts longer grace periods; refused evictions are retried for
    `max_pod_eviction_seconds`. `priority_floors` makes pods leave in tiers, lowest floor first, the
    next when the one before is gone; empty: all at once.
    """

    max_graceful_termination_seconds: int
    max_pod_eviction_seconds: int
    priority_floors: tuple[int, ...] = ()


class Emptying(msgspec.Struct, frozen=True):
    """What one pass does for a node with pods that must leave.

    `asked_ms` is when each pod's eviction was asked for, by uid; `failure` is set when the drain is
    given up, with the pod (`namespace/name`) that did not go. `is_everybody_asked` tells that no
    pod is left to be evicted, only to be waited for.
    """

    asked_ms: Mapping[str, int]
    evictions: tuple[EvictPod, ...] = ()
    failure: EmptyingFailure | None = None
    pod: str = ""
    is_everybody_asked: bool = False


def empty(
    node: Node,
    staying: Sequence[Pod],
    asked_ms: Mapping[str, int],
    since_ms: int,
    outcomes: Iterable[Outcome],
    settings: EmptyingSettings,
    now_ms: int,
    allowed: Iterable[str] | None = None,
) -> Emptying:
    """Return the next evictions of a node that is emptied since `since_ms`.

    `staying` are the pods that must leave and have not, at least one; `allowed` are the uids that
    may be evicted in this pass, None for all.
    """
    waited_ms = now_ms - since_ms
    not_asked = [pod for pod in staying if pod.deletion_ms is None]
    eviction_max_ms = settings.max_pod_eviction_seconds * 1000
    if not_asked and waited_ms > eviction_max_ms:
        return Emptying(asked_ms, failure="EvictionTimedOut", pod=not_asked[0].key)
    grace_ms = 1000 * max(grace_seconds(pod, settings) for pod in staying)
    if waited_ms > eviction_max_ms + grace_ms + EVICTION_HEADROOM_MS:
        return Emptying(asked_ms, failure="PodsDidNotLeave", pod=staying[0].key)
    asked_ms = _still_asked(asked_ms, outcomes)
    may = None if allowed is None else dict.fromkeys(allowed)
    due = [
        pod
        for pod in _first_tier(staying, settings.priority_floors)
        if pod.deletion_ms is None and pod.uid not in asked_ms and (may is None or pod.uid in may)
    ]
    asked_ms = {**asked_ms, **{pod.uid: now_ms for pod in due}}
    return Emptying(
        asked_ms,
        tuple(evict(pod, node, settings) for pod in due),
        is_everybody_asked=all(
            pod.deletion_ms is not None or pod.uid in asked_ms for pod in staying
        ),
    )


def evict_daemons(
    node: Node, pods: Mapping[str, Pod], settings: EmptyingSettings, *, by_default: bool
) -> tuple[EvictPod, ...]:
    """Return the evictions of the pods that belong to a node, so that they end in order.

    To be asked for once: what their controller makes again is left alone.
    """
    due = [pod for pod in pods.values() if evicts_daemon(pod, by_default=by_default)]
    return tuple(evict(pod, node, settings) for pod in due)


def evict(pod: Pod, node: Node, settings: EmptyingSettings) -> EvictPod:
    """Return the eviction of one pod, its grace period cut to what is allowed."""
    own = pod.spec.termination_grace_period_seconds
    given = grace_seconds(pod, settings)
    return EvictPod(
        namespace=pod.namespace,
        name=pod.name,
        uid=pod.uid,
        grace_seconds=given if given < own else None,
        reason=f"{node.name} is being emptied",
    )


def grace_seconds(pod: Pod, settings: EmptyingSettings) -> int:
    """Return the grace period that an evicted pod is given."""
    own = pod.spec.termination_grace_period_seconds
    return min(own, settings.max_graceful_termination_seconds)


def _first_tier(pods: Sequence[Pod], floors: Sequence[int]) -> Sequence[Pod]:
    """Return the pods that leave first; all of them where no tiers are set."""
    if not floors:
        return pods
    by_uid = {pod.uid: pod for pod in pods}
    tiers = eviction_tiers({uid: pod.spec.priority for uid, pod in by_uid.items()}, floors)
    first = next(tier for tier in tiers if tier)
    return [by_uid[uid] for uid in first]


def _still_asked(asked_ms: Mapping[str, int], outcomes: Iterable[Outcome]) -> Mapping[str, int]:
    """Return the evictions that need not be asked for again: all but those that were refused."""
    refused = {
        outcome.action.uid
        for outcome in outcomes
        if isinstance(outcome.action, EvictPod) and outcome.status in ("refused", "failed")
    }
    return {uid: at_ms for uid, at_ms in asked_ms.items() if uid not in refused}
