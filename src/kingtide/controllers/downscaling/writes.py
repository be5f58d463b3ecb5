"""The action that gives an object another size, and its marker, in one patch."""

from __future__ import annotations

from kingtide.control.action import Action
from kingtide.control.workload_actions import (
    AnnotateWorkload,
    Annotations,
    PauseScaledObject,
    ScaleWorkload,
    SetDisruptionBudget,
    SetMinReplicas,
    SetMinRunners,
    SetNodeSelector,
    SetSuspend,
)
from kingtide.controllers.downscaling import names
from kingtide.controllers.downscaling.size import Size
from kingtide.kube.scalables import Scalable

ACTIONS: tuple[type[Action], ...] = (
    ScaleWorkload,
    SetSuspend,
    SetMinReplicas,
    SetMinRunners,
    SetNodeSelector,
    SetDisruptionBudget,
    PauseScaledObject,
    AnnotateWorkload,
)


def make_smaller(it: Scalable, pods: int, marker: Size | None, reason: str) -> Action:
    """Return the write that brings an object to a number of pods.

    `marker` is what it is to be again; None keeps the marker that it has.
    """
    notes: Annotations = () if marker is None else ((names.ORIGINAL_REPLICAS, marker.amount),)
    if it.kind == "ScaledObject":
        paused = it.annotations.get(names.KEDA_PAUSED_REPLICAS)
        if paused is not None and marker is not None:
            notes = ((names.ORIGINAL_PAUSE_REPLICAS, paused), *notes)
    return _sized(it, str(pods), notes, reason)


def restore(it: Scalable, size: Size, reason: str) -> Action:
    """Return the write that makes an object what it was, without its marker."""
    notes: Annotations = ((names.ORIGINAL_REPLICAS, None),)
    if it.kind != "ScaledObject":
        return _sized(it, size.amount, notes, reason)
    pause = it.annotations.get(names.ORIGINAL_PAUSE_REPLICAS)
    if pause is not None:
        notes = ((names.ORIGINAL_PAUSE_REPLICAS, None), *notes)
    return PauseScaledObject(
        namespace=it.namespace,
        name=it.name,
        uid=it.uid,
        paused_replicas=pause,
        expected_paused_replicas=it.annotations.get(names.KEDA_PAUSED_REPLICAS),
        annotations=notes,
        reason=reason,
    )


def take_off_marker(it: Scalable, reason: str) -> AnnotateWorkload:
    """Return the write that removes an object's marker and leaves its size alone."""
    bears = [
        key
        for key in (names.ORIGINAL_PAUSE_REPLICAS, names.ORIGINAL_REPLICAS)
        if key in it.annotations
    ]
    return AnnotateWorkload(
        kind=it.kind,
        namespace=it.namespace,
        name=it.name,
        uid=it.uid,
        annotations=tuple((key, None) for key in bears),
        expected=tuple((key, it.annotations[key]) for key in bears),
        reason=reason,
    )


def _sized(it: Scalable, amount: str, notes: Annotations, reason: str) -> Action:
    namespace, name, uid = it.namespace, it.name, it.uid
    match it.kind:
        case "Deployment" | "StatefulSet" | "Rollout" | "Stack":
            return ScaleWorkload(
                kind=it.kind,
                namespace=namespace,
                name=name,
                uid=uid,
                replicas=int(amount),
                expected_replicas=1 if it.size is None else it.size,
                annotations=notes,
                reason=reason,
            )
        case "CronJob" | "Job":
            return SetSuspend(
                kind=it.kind,
                namespace=namespace,
                name=name,
                uid=uid,
                suspend=amount == "0",
                expected_suspend=bool(it.suspended),
                annotations=notes,
                reason=reason,
            )
        case "HorizontalPodAutoscaler":
            return SetMinReplicas(
                namespace=namespace,
                name=name,
                uid=uid,
                min_replicas=int(amount),
                expected_min_replicas=it.size,
                annotations=notes,
                reason=reason,
            )
        case _:
            return _sized_otherwise(it, amount, notes, reason)


def _sized_otherwise(it: Scalable, amount: str, notes: Annotations, reason: str) -> Action:
    namespace, name, uid = it.namespace, it.name, it.uid
    match it.kind:
        case "AutoscalingRunnerSet":
            return SetMinRunners(
                namespace=namespace,
                name=name,
                uid=uid,
                min_runners=int(amount),
                expected_min_runners=it.size,
                annotations=notes,
                reason=reason,
            )
        case "DaemonSet":
            parked = "true" if amount == "0" else None
            return SetNodeSelector(
                namespace=namespace,
                name=name,
                uid=uid,
                label=names.PARKED,
                value=parked,
                expected_value=dict(it.node_selector).get(names.PARKED),
                annotations=notes,
                reason=reason,
            )
        case "PodDisruptionBudget":
            has_minimum = it.min_available is not None
            return SetDisruptionBudget(
                namespace=namespace,
                name=name,
                uid=uid,
                field="minAvailable" if has_minimum else "maxUnavailable",
                amount=amount,
                expected_amount=(it.min_available if has_minimum else it.max_unavailable) or "",
                annotations=notes,
                reason=reason,
            )
        case _:
            return PauseScaledObject(
                namespace=namespace,
                name=name,
                uid=uid,
                paused_replicas=amount,
                expected_paused_replicas=it.annotations.get(names.KEDA_PAUSED_REPLICAS),
                annotations=notes,
                reason=reason,
            )
