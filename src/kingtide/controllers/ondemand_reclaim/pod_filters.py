"""Which pods of a node may be evicted, by draino's filters; who may not keeps the node.

Unlike draino, for which such pods stay behind while the drain counts as done: here the machine goes
away afterwards, and they with it. Source of the filters:
https://github.com/planetlabs/draino/blob/9d39b53/internal/kubernetes/podfilters.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from kingtide.control.drain import SAFE_TO_EVICT, is_daemon_set_pod
from kingtide.fleet.policies.ondemand_reclaim import PodFilterPolicy
from kingtide.kube.pods import MIRROR_ANNOTATION, Pod

ALWAYS_PROTECTED = f"{SAFE_TO_EVICT}=false"
"""What draino protects whatever its flags say."""

TO_BE_COMPLETED = f"{SAFE_TO_EVICT}=on-completion"
"""What asks that a pod be waited for, as Cluster Autoscaler does."""

Verdict = Literal["pass", "stays", "error"]
"""A pod passes and may be evicted, stays, or nobody knows: its owner could not be looked up."""

OwnerExists = Callable[[str, str, str], bool | None]
"""(kind, namespace, name) -> whether the owner is there; None: it could not be looked up."""

KeeperCode = Literal[
    "ProtectedPod", "OnCompletionPod", "EmptyDirPod", "UnreplicatedPod", "StatefulSetPod"
]
"""Why a pod keeps its node."""

Filter = Callable[[Pod], Verdict]


def has_local_storage(pod: Pod) -> Verdict:
    """Return `stays` for a pod with an emptyDir, whose data would be lost; a hostPath passes."""
    return "stays" if any(it.source == "emptyDir" for it in pod.spec.volumes) else "pass"


def is_unreplicated(pod: Pod) -> Verdict:
    """Return `stays` for a running pod that no controller would make again."""
    return "stays" if pod.owner is None and not pod.is_terminal else "pass"


def is_owned_by(kind: Literal["DaemonSet", "StatefulSet"], exists: OwnerExists) -> Filter:
    """Return the filter that keeps pods of a kind of controller that is still there."""

    def judge(pod: Pod) -> Verdict:
        if pod.owner is None or pod.owner.kind != kind:
            return "pass"
        found = exists(kind, pod.namespace, pod.owner.name)
        if found is None:
            return "error"
        return "stays" if found else "pass"

    return judge


def is_protected(annotations: Sequence[str]) -> Filter:
    """Return the filter that keeps pods with one of these annotations, `key` or `key=value`."""
    wanted = [entry.partition("=") for entry in annotations]

    def judge(pod: Pod) -> Verdict:
        for key, equals, value in wanted:
            if key in pod.annotations and (not equals or pod.annotations[key] == value):
                return "stays"
        return "pass"

    return judge


def chain(filters: Iterable[Filter]) -> Filter:
    """Return the filter that passes what all pass; the first that does not decides."""
    members = tuple(filters)

    def judge(pod: Pod) -> Verdict:
        for member in members:
            verdict = member(pod)
            if verdict != "pass":
                return verdict
        return "pass"

    return judge


def keeper(
    pods: Iterable[Pod], policy: PodFilterPolicy, exists: OwnerExists
) -> tuple[Pod, str] | None:
    """Return the first pod that may not be evicted with the code of why, None when all may.

    Pods that belong to their node (mirror and DaemonSet pods) keep no node.
    """
    rules = _rules(policy, exists)
    for pod in pods:
        if MIRROR_ANNOTATION in pod.annotations or is_daemon_set_pod(pod):
            continue
        for code, rule in rules:
            if rule(pod) != "pass":
                return pod, code
    return None


def _rules(policy: PodFilterPolicy, exists: OwnerExists) -> list[tuple[KeeperCode, Filter]]:
    protected = (ALWAYS_PROTECTED, *policy.protected_annotations)
    rules: list[tuple[KeeperCode, Filter]] = [
        ("ProtectedPod", is_protected(protected)),
        ("OnCompletionPod", is_protected((TO_BE_COMPLETED,))),
    ]
    if not policy.evict_empty_dir:
        rules.append(("EmptyDirPod", has_local_storage))
    if not policy.evict_unreplicated:
        rules.append(("UnreplicatedPod", is_unreplicated))
    if not policy.evict_stateful_sets:
        rules.append(("StatefulSetPod", is_owned_by("StatefulSet", exists)))
    return rules
