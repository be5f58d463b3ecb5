"""Pods that wait for their victims to go: their room on a node is kept from lower priorities."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kingtide.controlplane.scheduling.amounts import NO_AMOUNTS, Amounts
from kingtide.controlplane.scheduling.node_columns import IntArray
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.reserved_room import ReservedRoom
from kingtide.controlplane.scheduling.shape import PodShape


class Nomination(msgspec.Struct, gc=False):
    """A pod and the node where it waits for room; `row` is -1 while the node is not known."""

    uid: str
    shape: PodShape
    node_name: str
    row: int


class Nominations:
    """Who is nominated where; the table is told of nodes that change by it."""

    def __init__(self, table: NodeTable) -> None:
        self._table = table
        self._by_uid: dict[str, Nomination] = {}
        self._by_node: dict[str, dict[str, Nomination]] = {}
        self._room = ReservedRoom()
        self._keeping_away = 0
        self.count = 0
        """The number of nominated pods."""

    @property
    def keep_others_away(self) -> bool:
        """Whether some nominated pod has a required anti-affinity."""
        return self._keeping_away > 0

    def add(self, uid: str, shape: PodShape, node_name: str) -> None:
        """Nominate a pod to a node, and to no other."""
        self.clear(uid)
        nomination = Nomination(uid, shape, node_name, -1)
        self._by_uid[uid] = nomination
        self._keeping_away += bool(shape.rules.anti_affinity)
        self.count = len(self._by_uid)
        self._by_node.setdefault(node_name, {})[uid] = nomination
        row = self._table.row_of(node_name)
        if row is not None:
            self._reserve(nomination, row)

    def clear(self, uid: str) -> None:
        """Give up a pod's nomination; an unknown uid is ignored."""
        nomination = self._by_uid.pop(uid, None)
        if nomination is None:
            return
        self._keeping_away -= bool(nomination.shape.rules.anti_affinity)
        self.count = len(self._by_uid)
        there = self._by_node[nomination.node_name]
        del there[uid]
        if not there:
            del self._by_node[nomination.node_name]
        self._release(nomination)

    def node_came(self, node_name: str, row: int) -> None:
        """Take over the row of a node that pods may have been nominated to before."""
        for nomination in self._by_node.get(node_name, {}).values():
            self._reserve(nomination, row)

    def node_goes(self, node_name: str) -> None:
        """Take over that a node is about to lose its row; its nominations stay."""
        for nomination in self._by_node.get(node_name, {}).values():
            self._release(nomination)

    def node_of(self, uid: str) -> str | None:
        """Return the node a pod is nominated to, None when it is not."""
        nomination = self._by_uid.get(uid)
        return None if nomination is None else nomination.node_name

    def row_of(self, uid: str) -> int:
        """Return the row of the node a pod is nominated to, -1 when there is none."""
        nomination = self._by_uid.get(uid)
        return -1 if nomination is None else nomination.row

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

    def reserved_amounts(self, shape: PodShape, row: int, uid: str = "") -> Amounts:
        """Return the sum of what `reserved` pods ask for."""
        if not self._by_uid:
            return NO_AMOUNTS
        storage, pods, cpu, memory = self._room.at(row, shape.priority)
        own = self._by_uid.get(uid) if uid else None
        if own is not None and own.row == row and own.shape.priority >= shape.priority:
            mine = own.shape.requests
            cpu -= mine.cpu_millicores
            memory -= mine.memory_bytes
            storage -= mine.ephemeral_storage_bytes
            pods -= 1
        return storage, pods, cpu, memory

    def reserved_sums(self, shape: PodShape) -> IntArray | None:
        """Return `reserved_amounts` of every row, None where nothing is to be left free at all."""
        return self._room.sums(shape.priority, self._table.capacity) if self._by_uid else None

    def _reserve(self, nomination: Nomination, row: int) -> None:
        nomination.row = row
        self._room.count(row, nomination.shape, 1, self._table.capacity)
        self._table.touch(row)

    def _release(self, nomination: Nomination) -> None:
        if nomination.row >= 0:
            self._room.count(nomination.row, nomination.shape, -1, self._table.capacity)
            self._table.touch(nomination.row)
            nomination.row = -1
