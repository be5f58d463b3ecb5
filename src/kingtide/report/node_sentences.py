"""What a controller asked for on a node, or of a pod that ends with its node, as sentences."""

from __future__ import annotations

from kingtide.control.counted import counted
from kingtide.control.node_actions import (
    ClaimCapacity,
    ClaimDisruption,
    Cordon,
    DeletePod,
    ReleaseCapacity,
    ReleaseDisruption,
    SetNodeLabel,
    Uncordon,
)

NodeAction = (
    Cordon
    | Uncordon
    | SetNodeLabel
    | ClaimDisruption
    | ReleaseDisruption
    | ClaimCapacity
    | ReleaseCapacity
    | DeletePod
)


def asked_of_node(action: NodeAction) -> str:
    """Return what was asked, as `asked to cordon ip-10-0-1-7`."""
    match action:
        case Cordon(node=node):
            return f"asked to cordon {node}"
        case Uncordon(node=node):
            return f"asked to uncordon {node}"
        case SetNodeLabel(node=node, key=key, value=None):
            return f"asked to take the label {key} off {node}"
        case SetNodeLabel(node=node, key=key, value=value):
            return f"asked to label {node} with {key}={value}"
        case ClaimDisruption():
            return _claimed(action)
        case ReleaseDisruption(node=node, by=by):
            return f"asked to end the claim of {by} to empty {node}"
        case ClaimCapacity(node=node, claim=claim):
            what = "spot capacity" if claim.lifecycle == "spot" else "capacity"
            return f"asked for {what} in place of {node}, for {claim.by}"
        case ReleaseCapacity(node=node, by=by):
            return f"asked to end the claim of {by} to capacity in place of {node}"
        case DeletePod(namespace=namespace, name=name, grace_seconds=grace):
            return (
                f"asked to delete {namespace}/{name} within {counted(grace, 'second')}, "
                "whatever its disruption budget says"
            )


def _claimed(action: ClaimDisruption) -> str:
    claim = action.claim
    attempt = f", attempt {claim.attempt}" if claim.attempt > 1 else ""
    later = " later" if claim.rests else ""
    instead = f" instead of {action.displaces}" if action.displaces else ""
    return (
        f"asked to leave the emptying of {action.node}{later} to {claim.by}{instead}"
        f" ({claim.reason}{attempt})"
    )
