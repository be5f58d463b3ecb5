"""What a node is to a kind of pod by itself, whatever runs there."""

from __future__ import annotations

import msgspec
import numpy as np

from kingtide.controlplane.scheduling.node_columns import IntArray
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.pod_rules import PodRules
from kingtide.controlplane.scheduling.preferences import (
    affinity_points,
    avoidable_taints,
    image_score,
)
from kingtide.controlplane.scheduling.shape import PodShape

_MAX_COLUMNS = 1_024
"""Bound of kept columns: fleets have a few dozen; the oldest half is dropped beyond."""


class Merits(msgspec.Struct, frozen=True, gc=False):
    """A node's standing by its labels, taints and images.

    `is_spread` is False for nodes that the soft spread constraints leave out; `has_keys` tells for
    each of those whether the node has its label; `lacks_required_key` is True where a hard spread
    constraint or a required affinity finds no label, so that the pod cannot go there.
    """

    taints: int = 0
    points: int = 0
    image: int = 0
    is_spread: bool = True
    has_keys: tuple[bool, ...] = ()
    lacks_required_key: bool = False


class MeritColumn:
    """The merits of every node for one kind of pod; equal merits share a number."""

    def __init__(self, shape: PodShape) -> None:
        self.number_at: list[int] = []
        self.merits: list[Merits] = []
        self._array: IntArray = np.zeros(0, dtype=np.int64)
        self._array_seen = -1
        self._shape = shape
        self._numbers: dict[Merits, int] = {}
        self._seen = 0
        rules = shape.rules
        self._soft_keys = tuple(rule.topology_key for rule in rules.soft_spread)
        self._required_keys = _required_keys(rules)

    def numbers(self) -> IntArray:
        """Return `number_at` as an array, made once for all who ask between two changes."""
        if self._array_seen != self._seen:
            self._array_seen = self._seen
            self._array = np.array(self.number_at, dtype=np.int64)
        return self._array

    def refresh(self, table: NodeTable) -> None:
        """Take over the nodes that came, went or changed."""
        if self._seen == table.static_tick:
            return
        first, changed = self._seen == 0, table.static_changes_since(self._seen)
        self._seen = table.static_tick
        self.number_at.extend([0] * (table.capacity - len(self.number_at)))
        # An image's score depends on how many of all nodes have it.
        for row in table.rows() if first or reads_images(self._shape, table) else map(int, changed):
            if table.occupied[row]:
                merits = self._merits(table, row)
                number = self._numbers.get(merits)
                if number is None:
                    number = self._numbers[merits] = len(self.merits)
                    self.merits.append(merits)
                self.number_at[row] = number

    def _merits(self, table: NodeTable, row: int) -> Merits:
        shape, node = self._shape, table.node_at(row)
        labels = node.labels
        has_keys = tuple([key in labels for key in self._soft_keys])
        return Merits(
            taints=avoidable_taints(shape, node) if node.taints else 0,
            points=affinity_points(shape, node) if shape.spec.preferred_node_affinity else 0,
            image=image_score(shape, node, table.image_holders, len(table)) if node.images else 0,
            is_spread=not shape.rules.needs_all_keys or all(has_keys),
            has_keys=has_keys,
            lacks_required_key=any(key not in labels for key in self._required_keys),
        )


class MeritColumns:
    """The merit columns of all kinds of pods; kinds that ask the same share one."""

    def __init__(self) -> None:
        self._by_question: dict[tuple[object, ...], MeritColumn] = {}

    def of(self, shape: PodShape) -> MeritColumn:
        """Return the merits of nodes for a shape; call `refresh` before reading them."""
        spec, rules = shape.spec, shape.rules
        question = (
            spec.tolerations,
            spec.preferred_node_affinity,
            rules.images,
            rules.needs_all_keys,
            tuple(rule.topology_key for rule in rules.soft_spread),
            _required_keys(rules),
        )
        column = self._by_question.get(question)
        if column is None:
            if len(self._by_question) >= _MAX_COLUMNS:
                for old in list(self._by_question)[: _MAX_COLUMNS // 2]:
                    del self._by_question[old]
            column = self._by_question[question] = MeritColumn(shape)
        return column


def _required_keys(rules: PodRules) -> tuple[str, ...]:
    hard = tuple(rule.topology_key for rule in rules.hard_spread)
    return hard + tuple(rule.topology_key for rule in rules.affinity)


def reads_images(shape: PodShape, table: NodeTable) -> bool:
    """Return whether some node has one of the shape's images."""
    holders = table.image_holders
    return bool(holders) and any(image in holders for image in shape.rules.images)
