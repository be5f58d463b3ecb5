"""Which pods keep a node from being emptied, and in which order the others leave.

One rule for all that empties a node.

The rules are Cluster Autoscaler's, in its order; the first that decides wins. Source:
https://github.com/kubernetes-sigs/cluster-autoscaler/tree/33c3f97b/pkg/simulator/drainability/rules
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from kingtide.controlplane.disruption.matching import matching_budgets
from kingtide.kube.pods import MIRROR_ANNOTATION, Pod
from kingtide.kube.workloads import PodDisruptionBudget

SAFE_TO_EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict"
SAFE_LOCAL_VOLUMES = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"
DAEMON_SET_POD = "cluster-autoscaler.kubernetes.io/daemonset-pod"
ENABLE_DS_EVICTION = "cluster-autoscaler.kubernetes.io/enable-ds-eviction"

LONG_TERMINATING_MARGIN_MS = 30_000
"""A pod this long past its deadline is as good as gone (PodLongTerminatingExtraThreshold)."""

REPLICATED_KINDS = ("ReplicationController", "Job", "ReplicaSet", "StatefulSet")
"""Controllers that Kubernetes ships and that make a lost pod again somewhere else."""

Outcome = Literal["undefined", "ok", "skip", "wait", "block"]
BlockingReason = Literal[
    "ControllerNotFound",
    "MinReplicasReached",
    "NotReplicated",
    "UnmovableKubeSystemPod",
    "LocalStorageRequested",
    "NotSafeToEvictAnnotation",
    "NotEnoughPdb",
]


class Ruling(msgspec.Struct, frozen=True, gc=False):
    """What one rule says of a pod; `reason` is set when it blocks.

    A ruling with `overrides` only takes effect in place of a later ruling whose outcome is among
    them.
    """

    outcome: Outcome = "undefined"
    reason: BlockingReason | None = None
    overrides: tuple[Outcome, ...] = ()


UNDEFINED = Ruling()
OK = Ruling("ok")
SKIP = Ruling("skip")
WAIT = Ruling("wait")


class ControllerStanding(msgspec.Struct, frozen=True, gc=False):
    """What is known of a pod's owner.

    Whether it exists, and its replicas (None where it has none).
    """

    exists: bool
    replicas: int | None = None


ControllerLookup = Callable[[str, str, str], ControllerStanding]
"""(kind, namespace, name) -> standing."""


class DrainSettings(msgspec.Struct, frozen=True):
    """Which pods block; `system_pod_age_limit_seconds` lifts the block of old kube-system pods."""

    block_on_system_pods: bool = True
    block_on_local_storage: bool = True
    block_on_custom_controllers: bool = True
    system_pod_age_limit_seconds: int = 3600
    min_replica_count: int = 0


class DrainContext(msgspec.Struct, frozen=True):
    """What the rules look at besides the pod.

    `controllers` None means that owners are not looked up.
    """

    settings: DrainSettings
    budgets: Sequence[PodDisruptionBudget]
    now_ms: int
    controllers: ControllerLookup | None = None


Rule = Callable[[Pod, DrainContext], Ruling]


class Blocker(msgspec.Struct, frozen=True, gc=False):
    """The first pod, by its place in the list, that keeps a node from being emptied."""

    pod: Pod
    pod_index: int
    reason: BlockingReason


class DrainPlan(msgspec.Struct, frozen=True):
    """What emptying a node means: who is evicted, who stays as a daemon, whom to wait for.

    Or who blocks.

    With a blocker the lists are empty, since nothing is to be done.
    """

    evict: tuple[Pod, ...] = ()
    daemon_set_pods: tuple[Pod, ...] = ()
    wait_for_completion: tuple[Pod, ...] = ()
    blocker: Blocker | None = None


def plan_drain(pods: Iterable[Pod], context: DrainContext) -> DrainPlan:
    """Return what emptying a node with these pods means; the first blocking pod ends the scan."""
    evict: list[Pod] = []
    daemons: list[Pod] = []
    waiting: list[Pod] = []
    for index, pod in enumerate(pods):
        ruling = judge(pod, context)
        match ruling.outcome:
            case "block":
                assert ruling.reason is not None
                return DrainPlan(blocker=Blocker(pod, index, ruling.reason))
            case "skip":
                pass
            case "wait":
                waiting.append(pod)
            case _ if is_daemon_set_pod(pod):
                daemons.append(pod)
            case _:
                evict.append(pod)
    return DrainPlan(tuple(evict), tuple(daemons), tuple(waiting))


def judge(pod: Pod, context: DrainContext) -> Ruling:
    """Return the ruling on one pod."""
    return first_decided(rule(pod, context) for rule in RULES)[1]


def first_decided(rulings: Iterable[Ruling]) -> tuple[int | None, Ruling]:
    """Return the index and the ruling that counts, (None, undefined) when none does.

    A ruling with overrides waits; it wins when a later one has an outcome that it overrides, the
    first such wins.
    """
    waiting: list[tuple[int, Ruling]] = []
    for index, ruling in enumerate(rulings):
        if ruling.overrides:
            waiting.append((index, ruling))
            continue
        for candidate in waiting:
            if ruling.outcome in candidate[1].overrides:
                return candidate
        if ruling.outcome != "undefined":
            return index, ruling
    return None, UNDEFINED


def eviction_tiers(
    pod_priorities: Mapping[str, int], tier_floors: Sequence[int]
) -> tuple[tuple[str, ...], ...]:
    """Return pods in groups by the priority floor they stand on, lowest floor first.

    `tier_floors` are in ascending order and not empty; a pod below the lowest floor joins the
    lowest group.
    """
    groups: list[list[str]] = [[] for _ in tier_floors]
    for name, priority in pod_priorities.items():
        above = sum(1 for floor in tier_floors if floor <= priority)
        groups[max(0, above - 1)].append(name)
    return tuple(tuple(group) for group in groups)


def must_leave(pod: Pod, now_ms: int) -> bool:
    """Return whether a pod has to be gone before its node is; no blocking rule is asked again.

    That is for a drain that has begun: its own evictions use up budgets, which the API server
    guards.
    """
    if MIRROR_ANNOTATION in pod.annotations or is_daemon_set_pod(pod) or pod.is_terminal:
        return False
    return not is_long_terminating(pod, now_ms)


def is_daemon_set_pod(pod: Pod) -> bool:
    """Return whether a pod belongs to its node.

    A DaemonSet's, or said to be like one by annotation.
    """
    if pod.owner is not None and pod.owner.kind == "DaemonSet":
        return True
    return pod.annotations.get(DAEMON_SET_POD) == "true"


def evicts_daemon(pod: Pod, *, by_default: bool) -> bool:
    """Return whether a pod that belongs to its node is evicted with the others.

    Its annotation decides where it has one: everything but `true` is no. Source:
    https://github.com/kubernetes-sigs/cluster-autoscaler/blob/33c3f97b/pkg/utils/daemonset/daemonset.go
    """
    if MIRROR_ANNOTATION in pod.annotations or pod.is_terminal or pod.deletion_ms is not None:
        return False
    said = pod.annotations.get(ENABLE_DS_EVICTION)
    return is_daemon_set_pod(pod) and (by_default if said is None else said == "true")


def is_long_terminating(pod: Pod, now_ms: int) -> bool:
    """Return whether a pod should have been gone for so long that it no longer counts."""
    if pod.deletion_ms is None:
        return False
    spec_grace_seconds = pod.spec.termination_grace_period_seconds
    asked_grace = pod.deletion_grace_seconds
    deadline_ms = pod.deletion_ms + 1000 * (
        spec_grace_seconds if asked_grace is None else asked_grace
    )
    return deadline_ms + 1000 * spec_grace_seconds + LONG_TERMINATING_MARGIN_MS < now_ms


def _mirror(pod: Pod, context: DrainContext) -> Ruling:
    return SKIP if MIRROR_ANNOTATION in pod.annotations else UNDEFINED


def _long_terminating(pod: Pod, context: DrainContext) -> Ruling:
    return SKIP if is_long_terminating(pod, context.now_ms) else UNDEFINED


def _controller(pod: Pod, context: DrainContext) -> Ruling:
    if context.controllers is None or pod.owner is None:
        return UNDEFINED
    if not _is_looked_up(pod):
        return UNDEFINED
    standing = context.controllers(pod.owner.kind, pod.namespace, pod.owner.name)
    if not standing.exists:
        return Ruling("block", "ControllerNotFound")
    counts_replicas = pod.owner.kind in ("ReplicationController", "ReplicaSet")
    replicas = standing.replicas if counts_replicas else None
    if replicas is not None and replicas < context.settings.min_replica_count:
        return Ruling("block", "MinReplicasReached")
    return UNDEFINED


def _is_looked_up(pod: Pod) -> bool:
    """Whether the owner is of a kind that Kubernetes itself serves: no custom StatefulSet."""
    assert pod.owner is not None
    kind, api_group = pod.owner.kind, pod.owner.api_version.rpartition("/")[0]
    if kind == "ReplicationController":
        return True
    if is_daemon_set_pod(pod):
        return kind == "DaemonSet" and api_group == "apps"
    if kind == "StatefulSet":
        return api_group == "apps"
    return kind in ("Job", "ReplicaSet")


def _daemon_set(pod: Pod, context: DrainContext) -> Ruling:
    return OK if is_daemon_set_pod(pod) else UNDEFINED


def _safe_to_evict(pod: Pod, context: DrainContext) -> Ruling:
    return OK if pod.annotations.get(SAFE_TO_EVICT) == "true" else UNDEFINED


def _terminal(pod: Pod, context: DrainContext) -> Ruling:
    if pod.phase == "Failed":  # also what the kubelet itself evicted, whatever the restart policy
        return OK
    ended = pod.phase == "Succeeded" and pod.spec.restart_policy in ("Never", "OnFailure")
    return OK if ended else UNDEFINED


def _on_completion(pod: Pod, context: DrainContext) -> Ruling:
    return WAIT if pod.annotations.get(SAFE_TO_EVICT) == "on-completion" else UNDEFINED


def _replicated(pod: Pod, context: DrainContext) -> Ruling:
    replicated = pod.owner is not None
    if pod.owner is not None and context.settings.block_on_custom_controllers:
        replicated = pod.owner.kind in REPLICATED_KINDS
    return UNDEFINED if replicated else Ruling("block", "NotReplicated")


def _system(pod: Pod, context: DrainContext) -> Ruling:
    if not context.settings.block_on_system_pods or pod.namespace != "kube-system":
        return UNDEFINED
    if matching_budgets(pod, context.budgets):
        return UNDEFINED
    age_limit_ms = context.settings.system_pod_age_limit_seconds * 1000
    if context.now_ms - pod.created_ms > age_limit_ms:
        return OK
    return Ruling("block", "UnmovableKubeSystemPod")


def _not_safe_to_evict(pod: Pod, context: DrainContext) -> Ruling:
    if pod.annotations.get(SAFE_TO_EVICT) == "false":
        return Ruling("block", "NotSafeToEvictAnnotation")
    return UNDEFINED


def _local_storage(pod: Pod, context: DrainContext) -> Ruling:
    if not context.settings.block_on_local_storage or not pod.spec.volumes:
        return UNDEFINED
    listed = pod.annotations.get(SAFE_LOCAL_VOLUMES, "").split(",")
    for volume in pod.spec.volumes:
        in_memory = volume.source == "emptyDir" and volume.medium == "Memory"
        is_local = volume.source in ("emptyDir", "hostPath") and not in_memory
        if is_local and volume.name not in listed:
            return Ruling("block", "LocalStorageRequested")
    return UNDEFINED


def _disruption_budget(pod: Pod, context: DrainContext) -> Ruling:
    for budget in matching_budgets(pod, context.budgets):
        if budget.disruptions_allowed < 1:
            return Ruling("block", "NotEnoughPdb")
    return UNDEFINED


RULES: tuple[Rule, ...] = (
    _mirror,
    _long_terminating,
    _controller,
    _daemon_set,
    _safe_to_evict,
    _terminal,
    _on_completion,
    _replicated,
    _system,
    _not_safe_to_evict,
    _local_storage,
    _disruption_budget,
)
"""In Cluster Autoscaler's order, which matters.

A pod said to be safe is never asked for its volumes.
"""
