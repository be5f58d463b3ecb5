"""What depends only on a node's labels, taints and cordon, evaluated once per kind of pod."""

from __future__ import annotations

import numpy as np

from kingtide.controlplane.scheduling.fits import static_refusal
from kingtide.controlplane.scheduling.node_table import BoolArray, IntArray, NodeTable
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.kube.nodes import Node
from kingtide.kube.taints import tolerates

_MAX_KINDS = 1_024
"""Bound of kept columns: fleets have a few dozen kinds; the oldest half is dropped beyond."""


class StaticVerdict:
    """One kind of pod against every node: may it run there, and how many taints advise against."""

    def __init__(self, shape: PodShape) -> None:
        self._shape = shape
        self._seen = 0
        self.allowed: BoolArray = np.zeros(0, dtype=np.bool_)
        self.avoidable_taints: IntArray = np.zeros(0, dtype=np.int64)
        self.refused_rows = 0
        self.tainted_rows = 0

    def refresh(self, table: NodeTable) -> bool:
        """Take over what changed in the table and return whether anything did."""
        if self._seen == table.static_tick:
            return False
        changed = table.static_changes_since(self._seen)
        self._seen = table.static_tick
        if len(self.allowed) < table.capacity:
            missing = table.capacity - len(self.allowed)
            self.allowed = np.concatenate([self.allowed, np.zeros(missing, dtype=np.bool_)])
            self.avoidable_taints = np.concatenate(
                [self.avoidable_taints, np.zeros(missing, dtype=np.int64)]
            )
        for row in changed.tolist():
            if table.occupied[row]:
                node = table.node_at(row)
                self.allowed[row] = static_refusal(self._shape, node) is None
                self.avoidable_taints[row] = avoidable_taint_count(self._shape, node)
            else:
                self.allowed[row] = False
                self.avoidable_taints[row] = 0
        self.refused_rows = int(np.count_nonzero(table.occupied & ~self.allowed))
        self.tainted_rows = int(np.count_nonzero(self.avoidable_taints))
        return True


class StaticVerdicts:
    """The verdicts of every kind of pod; kinds differ in selector, affinity or tolerations."""

    def __init__(self) -> None:
        self._by_kind: dict[tuple[object, ...], StaticVerdict] = {}

    def of(self, shape: PodShape) -> StaticVerdict:
        """Return the verdicts for a shape's kind; call `refresh` before reading them."""
        spec = shape.spec
        kind = (spec.node_selector, spec.required_node_affinity, spec.tolerations)
        verdict = self._by_kind.get(kind)
        if verdict is None:
            if len(self._by_kind) >= _MAX_KINDS:
                for old in list(self._by_kind)[: _MAX_KINDS // 2]:
                    del self._by_kind[old]
            verdict = self._by_kind[kind] = StaticVerdict(shape)
        return verdict


def avoidable_taint_count(shape: PodShape, node: Node) -> int:
    """Return the number of PreferNoSchedule taints of a node that a shape does not tolerate."""
    return sum(
        taint.effect == "PreferNoSchedule"
        and not any(tolerates(toleration, taint) for toleration in shape.spec.tolerations)
        for taint in node.taints
    )
