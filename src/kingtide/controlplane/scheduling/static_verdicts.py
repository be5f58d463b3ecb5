"""What depends only on a node's name, labels, taints and cordon, asked once per kind of pod."""

from __future__ import annotations

import numpy as np

from kingtide.controlplane.scheduling.fits import static_refusal
from kingtide.controlplane.scheduling.node_columns import BoolArray
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.shape import PodShape

_MAX_KINDS = 1_024
"""Bound of kept columns: fleets have a few dozen kinds; the oldest half is dropped beyond."""


class StaticVerdict:
    """One kind of pod against every node: may it ever run there, and if not, why."""

    def __init__(self, shape: PodShape) -> None:
        self._shape = shape
        self._seen = -1
        self._reason_at: dict[int, str] = {}
        self.refuses_some = False
        """Whether some node refuses the kind."""
        self.allowed: BoolArray = np.zeros(0, dtype=np.bool_)

    def refresh(self, table: NodeTable) -> None:
        """Take over what changed in the table."""
        if self._seen == table.static_tick:
            return
        changed = table.static_changes_since(self._seen)
        self._seen = table.static_tick
        if len(self.allowed) < table.capacity:
            missing = table.capacity - len(self.allowed)
            self.allowed = np.concatenate([self.allowed, np.zeros(missing, dtype=np.bool_)])
        for row in map(int, changed):
            self._reason_at.pop(row, None)
            self.allowed[row] = False
            if table.occupied[row]:
                reason = static_refusal(self._shape, table.node_at(row))
                if reason is None:
                    self.allowed[row] = True
                else:
                    self._reason_at[row] = reason
        self.refuses_some = bool(self._reason_at)

    def allowed_at(self, row: int) -> bool:
        """Return whether one node may ever host the kind."""
        # Rows without a node have no room either, so nobody asks about them.
        return row not in self._reason_at

    def reasons(self) -> dict[str, int]:
        """Return how many nodes refuse for which reason."""
        counts: dict[str, int] = {}
        for reason in self._reason_at.values():
            counts[reason] = counts.get(reason, 0) + 1
        return counts


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
