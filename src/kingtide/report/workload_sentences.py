"""What a controller asked for on a workload, as sentences."""

from __future__ import annotations

from kingtide.control.counted import counted
from kingtide.control.workload_actions import (
    AnnotateWorkload,
    PauseScaledObject,
    ScaleWorkload,
    SetDisruptionBudget,
    SetMinReplicas,
    SetMinRunners,
    SetNodeSelector,
    SetSuspend,
    WorkloadAction,
)


def asked_of_workload(action: WorkloadAction) -> str:
    """Return what was asked, as `asked Deployment shop/web for 0 replicas instead of 3`."""
    name = f"{action.namespace}/{action.name}"
    match action:
        case ScaleWorkload(kind=kind, replicas=to, expected_replicas=before):
            return f"asked {kind} {name} for {counted(to, 'replica')} instead of {before:,}"
        case SetSuspend(kind=kind, suspend=True):
            return f"asked to suspend {kind} {name}"
        case SetSuspend(kind=kind):
            return f"asked to let {kind} {name} go on"
        case SetMinReplicas(min_replicas=to, expected_min_replicas=before):
            was = "none" if before is None else f"{before:,}"
            return f"asked HPA {name} for at least {counted(to, 'replica')} instead of {was}"
        case SetMinRunners(min_runners=to):
            return f"asked AutoscalingRunnerSet {name} for at least {counted(to, 'runner')}"
        case SetNodeSelector(label=label, value=None):
            return f"asked DaemonSet {name} to select nodes without {label}"
        case SetNodeSelector(label=label, value=value):
            return f"asked DaemonSet {name} to select nodes with {label}={value}"
        case SetDisruptionBudget(field=field, amount=to, expected_amount=before):
            return f"asked PodDisruptionBudget {name} for {field} {to} instead of {before}"
        case PauseScaledObject(paused_replicas=None):
            return f"asked ScaledObject {name} to scale again"
        case PauseScaledObject(paused_replicas=paused):
            return f"asked ScaledObject {name} to pause at {paused} replicas"
        case AnnotateWorkload(kind=kind, annotations=notes):
            gone = ", ".join(key for key, value in notes if value is None)
            said = ", ".join(f"{key}={value}" for key, value in notes if value is not None)
            parts = [f"without {gone}"] * bool(gone) + [f"with {said}"] * bool(said)
            return f"asked for {kind} {name} {' and '.join(parts)}"
