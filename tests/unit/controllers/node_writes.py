"""What the API server makes of a controller's writes to a node."""

from __future__ import annotations

import msgspec

from kingtide.control.action import Action, AddTaint, RemoveTaint
from kingtide.control.claims import (
    CAPACITY_CLAIM,
    DISRUPTION_CLAIM,
    may_write_capacity,
    may_write_disruption,
    write_claim,
)
from kingtide.control.node_actions import (
    ClaimCapacity,
    ClaimDisruption,
    Cordon,
    ReleaseCapacity,
    ReleaseDisruption,
    SetNodeLabel,
    Uncordon,
)
from kingtide.kube.nodes import Node


def written(node: Node, action: Action) -> Node | None:
    """Return the node after an action on it, None where its precondition does not hold."""
    labels, annotations, taints = dict(node.labels), dict(node.annotations), node.taints
    unschedulable = node.unschedulable
    match action:
        case AddTaint():
            taints = (*(it for it in taints if it.key != action.taint.key), action.taint)
        case RemoveTaint():
            taints = tuple(it for it in taints if it.key != action.key)
        case Cordon() | Uncordon():
            unschedulable = isinstance(action, Cordon)
        case SetNodeLabel():
            labels.pop(action.key, None)
            labels |= {} if action.value is None else {action.key: action.value}
        case ClaimDisruption():
            if not may_write_disruption(annotations, action.claim, action.displaces):
                return None
            annotations[DISRUPTION_CLAIM] = write_claim(action.claim)
        case ClaimCapacity():
            if not may_write_capacity(annotations, action.claim):
                return None
            annotations[CAPACITY_CLAIM] = write_claim(action.claim)
        case ReleaseDisruption():
            annotations.pop(DISRUPTION_CLAIM, None)
        case ReleaseCapacity():
            annotations.pop(CAPACITY_CLAIM, None)
        case _:
            raise AssertionError(f"nobody performs {action}")
    return msgspec.structs.replace(
        node,
        labels=labels,
        annotations=annotations,
        taints=taints,
        unschedulable=unschedulable,
    )
