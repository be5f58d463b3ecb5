"""What an action writes on: the node it disturbs, and the field that has one owner."""

from __future__ import annotations

from kingtide.control.action import (
    Action,
    AddTaint,
    EvictPod,
    PatchScale,
    SetDesiredCapacity,
    TerminateInstance,
)
from kingtide.control.node_actions import (
    ClaimDisruption,
    Cordon,
    DeletePod,
    SetNodeLabel,
    Uncordon,
)
from kingtide.control.snapshot import ClusterView
from kingtide.control.workload_actions import (
    PauseScaledObject,
    ScaleWorkload,
    SetDisruptionBudget,
    SetMinReplicas,
    SetMinRunners,
    SetNodeSelector,
    SetSuspend,
    changed_object,
)

Field = tuple[str, str]
"""What an object is called, and which of its fields."""


def emptied_node(action: Action, cluster: ClusterView) -> str | None:
    """Return the node that an action takes pods or the machine from, None for none."""
    match action:
        case EvictPod() | DeletePod():
            pod = cluster.pod(action.uid)
            return pod.node_name or None if pod is not None else None
        case TerminateInstance():
            return action.node or None
        case _:
            return None


def marked_node(action: Action) -> str | None:
    """Return the node on which an action says something about its being emptied, None for none.

    Taking marks of one's own away is nobody else's business; letting pods on again is.
    """
    match action:
        case ClaimDisruption() | Cordon() | Uncordon() | AddTaint() | SetNodeLabel():
            return action.node
        case _:
            return None


def disturbed_node(action: Action, cluster: ClusterView) -> str | None:
    """Return the node that an action empties or marks, None for none."""
    emptied = emptied_node(action, cluster)
    return marked_node(action) if emptied is None else emptied


def written_field(action: Action) -> Field | None:
    """Return the field that only one controller may write in a pass, None where nobody minds."""
    match action:
        case SetDesiredCapacity():
            return f"AutoScalingGroup/{action.group}", "desiredCapacity"
        case PatchScale():
            return f"Deployment/{action.namespace}/{action.name}", "replicas"
        case ScaleWorkload():
            return changed_object(action), "replicas"
        case SetMinReplicas() | SetMinRunners():
            return changed_object(action), "minimum"
        case SetSuspend() | PauseScaledObject():
            return changed_object(action), "suspended"
        case SetNodeSelector():
            return changed_object(action), "nodeSelector"
        case SetDisruptionBudget():
            return changed_object(action), "budget"
        case _:
            return None
