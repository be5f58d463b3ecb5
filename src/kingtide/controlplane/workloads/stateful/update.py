"""Which pods of a StatefulSet give way to the update revision.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/statefulset/stateful_set_control.go,
updateStatefulSetAfterInvariantEstablished and completeRollingUpdate; stateful_set_utils.go,
getStatefulSetMaxUnavailable.
"""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.controlplane.workloads.stateful.ordinals import is_healthy, is_steady, revision_of
from kingtide.controlplane.workloads.stateful.step import StatefulStep
from kingtide.kube.int_or_percent import scaled
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import StatefulSet


def max_unavailable(stateful_set: StatefulSet) -> int:
    """Return how many pods an update may make unavailable: rounded down, but one at least.

    Raises:
        NotAnAmount: maxUnavailable is neither a number nor a percentage.
    """
    return max(1, scaled(stateful_set.max_unavailable, stateful_set.replicas, round_up=False))


def update(stateful_set: StatefulSet, replicas: Sequence[Pod | None], now_ms: int) -> StatefulStep:
    """Return the pods to be deleted for the update, the highest ordinal first.

    `replicas` are the set's pods by ordinal. Pods below the partition stay as they are, and so do
    all under OnDelete.
    """
    if stateful_set.update_strategy == "OnDelete":
        return StatefulStep()
    unavailable = sum(not _counts(pod, stateful_set, now_ms) for pod in replicas)
    allowed = max_unavailable(stateful_set) - unavailable
    chosen: list[Pod] = []
    for pod in reversed(replicas[stateful_set.partition :]):
        if len(chosen) >= allowed:
            break
        if pod is None or pod.deletion_ms is not None:
            continue
        if revision_of(pod) != stateful_set.update_revision:
            chosen.append(pod)
    return StatefulStep(delete=tuple(chosen))


def is_updated(stateful_set: StatefulSet, replicas: Sequence[Pod | None]) -> bool:
    """Return whether every pod is Ready and of the update revision, which then is the current."""
    return all(
        pod is not None and is_healthy(pod) and revision_of(pod) == stateful_set.update_revision
        for pod in replicas
    )


def _counts(pod: Pod | None, stateful_set: StatefulSet, now_ms: int) -> bool:
    return pod is not None and pod.deletion_ms is None and is_steady(pod, stateful_set, now_ms)
