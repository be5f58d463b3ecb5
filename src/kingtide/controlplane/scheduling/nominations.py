"""Pods that wait for their victims to go: their room on a node is kept from lower priorities."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.shape import PodShape


class Nomination(msgspec.Struct, frozen=True, gc=False):
    """A pod and the node where it waits for room."""

    uid: str
    shape: PodShape
    node_name: str


class Nominations:
    """Who is nominated where; the table is told of nodes that change by it."""

    def __init__(self, table: NodeTable) -> None:
        self._table = table
        self._by_uid: dict[str, Nomination] = {}
        self._by_node: dict[str, dict[str, Nomination]] = {}
        self.count = 0
        """The number of nominated pods."""

    @property
    def keep_others_away(self) -> bool:
        """Whether some nominated pod has a required anti-affinity."""
        return any(n.shape.rules.anti_affinity for n in self._by_uid.values())

    def add(self, uid: str, shape: PodShape, node_name: str) -> None:
        """Nominate a pod to a node, and to no other."""
        self.clear(uid)
        nomination = Nomination(uid, shape, node_name)
        self._by_uid[uid] = nomination
        self.count = len(self._by_uid)
        self._by_node.setdefault(node_name, {})[uid] = nomination
        self._touch(node_name)

    def clear(self, uid: str) -> None:
        """Give up a pod's nomination; an unknown uid is ignored."""
        nomination = self._by_uid.pop(uid, None)
        if nomination is None:
            return
        self.count = len(self._by_uid)
        there = self._by_node[nomination.node_name]
        del there[uid]
        if not there:
            del self._by_node[nomination.node_name]
        self._touch(nomination.node_name)

    def node_of(self, uid: str) -> str | None:
        """Return the node a pod is nominated to, None when it is not."""
        nomination = self._by_uid.get(uid)
        return None if nomination is None else nomination.node_name

    def node_names(self) -> Sequence[str]:
        """Return the nodes that some pod is nominated to."""
        return tuple(self._by_node)

    def rows(self) -> Sequence[int]:
        """Return the rows of the nodes that some pod is nominated to."""
        found = map(self._table.row_of, self._by_node)
        return [row for row in found if row is not None]

    def on(self, node_name: str) -> Sequence[Nomination]:
        """Return all nominations to a node, oldest first."""
        return tuple(self._by_node.get(node_name, {}).values())

    def reserved(self, shape: PodShape, row: int, uid: str = "") -> Sequence[PodShape]:
        """Return the nominated pods whose room on a row a shape must leave free.

        Those of equal or higher priority; never the pod `uid` itself.
        """
        if not self._by_uid:
            return ()
        there = self._by_node.get(self._table.name_at(row))
        if not there:
            return ()
        return [
            nomination.shape
            for nomination in there.values()
            if nomination.shape.priority >= shape.priority and nomination.uid != uid
        ]

    def _touch(self, node_name: str) -> None:
        row = self._table.row_of(node_name)
        if row is not None:
            self._table.touch(row)
