"""A StatefulSet's pods by their ordinals.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/statefulset/stateful_set_utils.go
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from kingtide.controlplane.workloads.availability import is_available
from kingtide.controlplane.workloads.revision import CONTROLLER_REVISION_HASH
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import StatefulSet

_NAME = re.compile(r"(.+)-([0-9]+)")


class Members(msgspec.Struct, frozen=True):
    """A set's pods: those that belong, one place an ordinal with None where there is none.

    And those above the wanted replicas, the highest ordinal first.
    """

    replicas: tuple[Pod | None, ...]
    condemned: tuple[Pod, ...]


def pod_name(name: str, ordinal: int) -> str:
    """Return the name of a set's pod."""
    return f"{name}-{ordinal}"


def ordinal_of(stateful_set: StatefulSet, pod: Pod) -> int | None:
    """Return a pod's ordinal in a set, None when its name is none of the set's."""
    match = _NAME.fullmatch(pod.name)
    if match is None or match[1] != stateful_set.name:
        return None
    return int(match[2])


def members(stateful_set: StatefulSet, pods: Iterable[Pod]) -> Members:
    """Return a set's pods by ordinal; pods with a name that is none of the set's are ignored."""
    replicas: list[Pod | None] = [None] * stateful_set.replicas
    condemned: list[tuple[int, Pod]] = []
    for pod in pods:
        ordinal = ordinal_of(stateful_set, pod)
        if ordinal is None:
            continue
        if ordinal < stateful_set.replicas:
            replicas[ordinal] = pod
        else:
            condemned.append((ordinal, pod))
    condemned.sort(key=lambda place: -place[0])
    return Members(tuple(replicas), tuple(pod for _, pod in condemned))


def revision_of(pod: Pod) -> str:
    """Return the revision that a pod was made from, empty when it does not say."""
    return pod.labels.get(CONTROLLER_REVISION_HASH, "")


def is_running_and_ready(pod: Pod | None) -> bool:
    """Return whether a pod is there, runs and is Ready."""
    return pod is not None and pod.phase == "Running" and pod.is_ready


def is_healthy(pod: Pod | None) -> bool:
    """Return whether a pod runs, is Ready and nobody is deleting it."""
    return pod is not None and is_running_and_ready(pod) and pod.deletion_ms is None


def is_steady(pod: Pod | None, stateful_set: StatefulSet, now_ms: int) -> bool:
    """Return whether a pod runs and is available: what its successors wait for."""
    return (
        pod is not None
        and is_running_and_ready(pod)
        and is_available(pod, stateful_set.min_ready_seconds, now_ms)
    )
