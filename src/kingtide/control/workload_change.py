"""Whether a workload still is as an action expects, and what its annotations become.

The one rule of every write on a workload. Who performs it, in the twin or through an API, reads
the object as it is, asks here, and writes the field and the annotations in one go.
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.control.action import PatchScale
from kingtide.control.outcome import Answer
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
    WorkloadAction,
    changed_object,
)
from kingtide.kube.scalables import Scalable

KEDA_PAUSED_REPLICAS = "autoscaling.keda.sh/paused-replicas"
"""KEDA's annotation. Source:
https://keda.sh/docs/2.17/concepts/scaling-deployments/#pausing-autoscaling."""


NO_SUCH_DEPLOYMENT = Answer("failed", "404", "no such Deployment")


def missing(action: WorkloadAction) -> Answer:
    """Return the answer where a cluster does not have the object, or its kind."""
    return Answer("failed", "404", f"there is no {changed_object(action)}")


def not_writable(it: Scalable, action: WorkloadAction) -> Answer | None:
    """Return why an action is not done on the object of its name, None where it is."""
    if it.uid != action.uid:
        return Answer("precondition_failed", "404", "another object has its name by now")
    now_other = late(it, action)
    return Answer("precondition_failed", "409", now_other) if now_other else None


def not_scalable(replicas: int, action: PatchScale) -> Answer | None:
    """Return why a Deployment of so many replicas is not scaled, None where it is."""
    if replicas == action.expected_replicas:
        return None
    return Answer("precondition_failed", "409", f"it has {replicas} replicas now")


def late(it: Scalable, action: WorkloadAction) -> str:
    """Return what is no longer as the action expects, empty when all is.

    `it` is an object of the kind that the action changes.
    """
    match action:
        case ScaleWorkload():
            is_late = it.size != action.expected_replicas
            return f"it has {it.size} replicas now" if is_late else ""
        case SetSuspend():
            is_late = bool(it.suspended) != action.expected_suspend
            return "it was suspended or resumed" if is_late else ""
        case SetMinReplicas():
            is_late = it.size != action.expected_min_replicas
            return f"its minReplicas is {it.size} now" if is_late else ""
        case SetMinRunners():
            is_late = it.size != action.expected_min_runners
            return f"its minRunners is {it.size} now" if is_late else ""
        case SetNodeSelector():
            value = dict(it.node_selector).get(action.label)
            is_late = value != action.expected_value
            return f"its selector of {action.label} is {value} now" if is_late else ""
        case SetDisruptionBudget():
            amount = it.min_available if action.field == "minAvailable" else it.max_unavailable
            is_late = amount != action.expected_amount
            return f"its {action.field} is {amount} now" if is_late else ""
        case PauseScaledObject():
            paused = it.annotations.get(KEDA_PAUSED_REPLICAS)
            is_late = paused != action.expected_paused_replicas
            return f"it is paused at {paused} now" if is_late else ""
        case AnnotateWorkload():
            is_late = any(it.annotations.get(key) != value for key, value in action.expected)
            return "its annotations are others now" if is_late else ""


def annotated(annotations: Mapping[str, str], changes: Annotations) -> Mapping[str, str]:
    """Return annotations with an action's changes."""
    if not changes:
        return annotations
    merged = dict(annotations)
    for key, value in changes:
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = value
    return merged
