"""Writes of controllers on Nodes: taints, labels, cordons and claims, with their preconditions."""

from __future__ import annotations

from collections.abc import Mapping

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
from kingtide.kube.nodes import Node
from kingtide.twin.cloud.answer import DONE, Answer
from kingtide.twin.cluster.store import Store

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


class NodeChanges:
    """Patches Nodes; what is so already is done without a write."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def perform(self, action: NodeAction) -> Answer:
        """Do one action and return what the API answered."""
        node = self._store.nodes.get(action.node)
        if node is None or node.uid != action.node_uid:
            return Answer("precondition_failed", "404", "no such node")
        match action:
            case AddTaint():
                wanted = (action.taint.key, action.taint.effect)
                others = tuple(t for t in node.taints if (t.key, t.effect) != wanted)
                self._store.update_node(node, taints=(*others, action.taint))
            case RemoveTaint():
                unwanted = (action.key, action.effect)
                taints = tuple(t for t in node.taints if (t.key, t.effect) != unwanted)
                if taints != node.taints:
                    self._store.update_node(node, taints=taints)
            case Cordon():
                self._cordon(node, unschedulable=True)
            case Uncordon():
                self._cordon(node, unschedulable=False)
            case SetNodeLabel():
                labels = _with(node.labels, action.key, action.value)
                if labels != node.labels:
                    self._store.update_node(node, labels=labels)
            case ClaimDisruption() | ClaimCapacity():
                return self._claim(node, action)
            case ReleaseDisruption() | ReleaseCapacity():
                return self._release(node, action)
        return DONE

    def _cordon(self, node: Node, *, unschedulable: bool) -> None:
        if node.unschedulable != unschedulable:
            self._store.update_node(node, unschedulable=unschedulable)

    def _claim(self, node: Node, action: ClaimDisruption | ClaimCapacity) -> Answer:
        claim, annotations = action.claim, node.annotations
        if isinstance(action, ClaimDisruption):
            key = DISRUPTION_CLAIM
            is_free = may_write_disruption(annotations, action.claim, action.displaces)
        else:
            key = CAPACITY_CLAIM
            is_free = may_write_capacity(annotations, action.claim)
        if not is_free:
            return _claimed(node)
        self._annotate(node, key, write_claim(claim))
        return DONE

    def _release(self, node: Node, action: ReleaseDisruption | ReleaseCapacity) -> Answer:
        held: DisruptionClaim | CapacityClaim | None
        if isinstance(action, ReleaseDisruption):
            key, held = DISRUPTION_CLAIM, disruption_claim(node.annotations)
        else:
            key, held = CAPACITY_CLAIM, capacity_claim(node.annotations)
        if held is None:
            return DONE
        if held.by != action.by:
            return _claimed(node)
        self._annotate(node, key, None)
        return DONE

    def _annotate(self, node: Node, key: str, value: str | None) -> None:
        annotations = _with(node.annotations, key, value)
        if annotations != node.annotations:
            self._store.update_node(node, annotations=annotations)


def _with(before: Mapping[str, str], key: str, value: str | None) -> Mapping[str, str]:
    after = {name: it for name, it in before.items() if name != key}
    if value is not None:
        after[key] = value
    return after


def _claimed(node: Node) -> Answer:
    return Answer("precondition_failed", "Claimed", f"{node.name} is claimed by another controller")
