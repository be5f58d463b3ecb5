"""How many nodes there are by lifecycle and readiness, kept at every change of a node."""

from __future__ import annotations

from typing import Literal

from kingtide.kube.nodes import Node
from kingtide.twin.cluster.store import Store

Kind = Literal["spot", "on_demand", "not_ready"]


class NodeCounts:
    """Counts of the nodes in a store; `spot` and `on_demand` are those that are Ready."""

    def __init__(self, store: Store) -> None:
        self.spot = 0
        self.on_demand = 0
        self.not_ready = 0
        for node in store.nodes.values():
            self._count(_kind(node), 1)
        store.on_nodes(self._on_node)

    def _on_node(self, old: Node | None, new: Node | None) -> None:
        if old is not None:
            self._count(_kind(old), -1)
        if new is not None:
            self._count(_kind(new), 1)

    def _count(self, kind: Kind, by: int) -> None:
        match kind:
            case "spot":
                self.spot += by
            case "on_demand":
                self.on_demand += by
            case "not_ready":
                self.not_ready += by


def _kind(node: Node) -> Kind:
    if not node.is_ready:
        return "not_ready"
    return "spot" if node.is_spot else "on_demand"
