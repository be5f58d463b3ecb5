"""Which pods a budget counts as healthy.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/disruption/disruption.go,
countHealthyPods and buildDisruptedPodMap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kingtide.kube.pods import Pod

DELETION_TIMEOUT_MS = 120_000
"""How long a granted eviction counts as a disruption though the pod is not being deleted
(DeletionTimeout in the source): a deletion that has not come by then is taken never to come."""


class Disrupted(msgspec.Struct, frozen=True, gc=False):
    """Granted evictions whose pods are still to be deleted, by pod name with their time.

    `recheck_ms` is when the first of them is given up, None when there is none; `not_deleted` names
    the pods that were given up now.
    """

    pods: Mapping[str, int] = {}
    recheck_ms: int | None = None
    not_deleted: tuple[str, ...] = ()


def is_healthy(pod: Pod) -> bool:
    """Return whether a pod counts, granted evictions aside: Ready and nobody is deleting it."""
    return pod.deletion_ms is None and pod.is_ready


def still_disrupted(
    pods: Iterable[Pod], disrupted_pods: Mapping[str, int], now_ms: int
) -> Disrupted:
    """Return which granted evictions are still waited for.

    `pods` are those that the budget covers; only the ones named in `disrupted_pods` are looked at.
    """
    waiting: dict[str, int] = {}
    given_up: list[str] = []
    for pod in pods:
        granted_ms = disrupted_pods.get(pod.name)
        if granted_ms is None or pod.deletion_ms is not None:
            continue
        if granted_ms + DELETION_TIMEOUT_MS < now_ms:
            given_up.append(pod.name)
        else:
            waiting[pod.name] = granted_ms
    recheck_ms = min(waiting.values()) + DELETION_TIMEOUT_MS if waiting else None
    return Disrupted(waiting, recheck_ms, tuple(given_up))


def counts_as_healthy(pod: Pod, disrupted_pods: Mapping[str, int], now_ms: int) -> bool:
    """Return whether a pod counts as healthy: not one whose granted eviction is waited for."""
    granted_ms = disrupted_pods.get(pod.name)
    if granted_ms is not None and granted_ms + DELETION_TIMEOUT_MS > now_ms:
        return False
    return is_healthy(pod)
