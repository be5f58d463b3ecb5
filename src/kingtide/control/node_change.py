"""What an action makes of a Node: the fields that change, or why it is not done.

The one rule of every write on a Node. Who performs it, in the twin or through an API, reads the
node as it is, asks here, and writes what is returned; nothing to write is done.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.control.action import AddTaint, RemoveTaint
from kingtide.control.claims import (
    CAPACITY_CLAIM,
    DISRUPTION_CLAIM,
    CapacityClaim,
    DisruptionClaim,
    capacity_claim,
    disruption_claim,
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
from kingtide.control.outcome import Answer
from kingtide.kube.nodes import Node
from kingtide.kube.taints import Taint

NodeAction = (
    AddTaint
    | RemoveTaint
    | Cordon
    | Uncordon
    | SetNodeLabel
    | ClaimDisruption
    | ReleaseDisruption
    | ClaimCapacity
    | ReleaseCapacity
)

CLAIMED = "Claimed"
"""The code of a claim that was not written, or not taken away: the node is somebody else's."""


NO_SUCH_NODE = Answer("precondition_failed", "404", "no such node")
"""There is none of the name, or another has it by now."""


class NodeChange(msgspec.Struct, frozen=True, gc=False):
    """The fields to write, whole; None leaves a field as it is."""

    taints: tuple[Taint, ...] | None = None
    unschedulable: bool | None = None
    labels: Mapping[str, str] | None = None
    annotations: Mapping[str, str] | None = None

    @property
    def fields(self) -> Mapping[str, object]:
        """The fields that change, by name; empty where all is so already."""
        return {name: it for name, it in msgspec.structs.asdict(self).items() if it is not None}


NOTHING = NodeChange()


def node_change(node: Node | None, action: NodeAction) -> NodeChange | Answer:
    """Return what an action writes on the node of its name, which may be gone (None).

    An answer instead is a precondition that fails.
    """
    if node is None or node.uid != action.node_uid:
        return NO_SUCH_NODE
    match action:
        case AddTaint():
            return _with_taint(node, action.taint)
        case RemoveTaint():
            unwanted = (action.key, action.effect)
            taints = tuple(it for it in node.taints if (it.key, it.effect) != unwanted)
            return NOTHING if taints == node.taints else NodeChange(taints=taints)
        case Cordon() | Uncordon():
            wanted = isinstance(action, Cordon)
            return NOTHING if node.unschedulable == wanted else NodeChange(unschedulable=wanted)
        case SetNodeLabel():
            labels = _with(node.labels, action.key, action.value)
            return NOTHING if labels == node.labels else NodeChange(labels=labels)
        case ClaimDisruption() | ClaimCapacity():
            return _claim(node, action)
        case ReleaseDisruption() | ReleaseCapacity():
            return _release(node, action)


def _with_taint(node: Node, taint: Taint) -> NodeChange:
    """A taint of the same key and effect gives way, as the API has no two of them."""
    if taint in node.taints:
        return NOTHING
    others = (it for it in node.taints if (it.key, it.effect) != (taint.key, taint.effect))
    return NodeChange(taints=(*others, taint))


def _claim(node: Node, action: ClaimDisruption | ClaimCapacity) -> NodeChange | Answer:
    annotations = node.annotations
    if isinstance(action, ClaimDisruption):
        key = DISRUPTION_CLAIM
        is_free = may_write_disruption(annotations, action.claim, action.displaces)
    else:
        key = CAPACITY_CLAIM
        is_free = may_write_capacity(annotations, action.claim)
    return _annotate(node, key, write_claim(action.claim)) if is_free else _claimed(node)


def _release(node: Node, action: ReleaseDisruption | ReleaseCapacity) -> NodeChange | Answer:
    held: DisruptionClaim | CapacityClaim | None
    if isinstance(action, ReleaseDisruption):
        key, held = DISRUPTION_CLAIM, disruption_claim(node.annotations)
    else:
        key, held = CAPACITY_CLAIM, capacity_claim(node.annotations)
    if held is None:
        return NOTHING
    return _annotate(node, key, None) if held.by == action.by else _claimed(node)


def _annotate(node: Node, key: str, value: str | None) -> NodeChange:
    annotations = _with(node.annotations, key, value)
    return NOTHING if annotations == node.annotations else NodeChange(annotations=annotations)


def _with(before: Mapping[str, str], key: str, value: str | None) -> Mapping[str, str]:
    after = {name: it for name, it in before.items() if name != key}
    if value is not None:
        after[key] = value
    return after


def _claimed(node: Node) -> Answer:
    message = f"{node.name} is claimed by another controller"
    return Answer("precondition_failed", CLAIMED, message)
