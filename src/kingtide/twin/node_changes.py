"""Writes of controllers on Nodes: the rule's answer, put into the store."""

from __future__ import annotations

from kingtide.control.node_change import NodeAction, node_change
from kingtide.control.outcome import DONE, Answer
from kingtide.twin.cluster.store import Store


class NodeChanges:
    """Patches Nodes; what is so already is done without a write."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def perform(self, action: NodeAction) -> Answer:
        """Do one action and return what the API answered."""
        node = self._store.nodes.get(action.node)
        change = node_change(node, action)
        if isinstance(change, Answer):
            return change
        if node is not None and change.fields:
            self._store.update_node(node, **change.fields)
        return DONE
