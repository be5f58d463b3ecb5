"""The bounds of those who searched for victims last; shapes that ask the same share them."""

from __future__ import annotations

from kingtide.controlplane.scheduling.evictable import Evictable
from kingtide.controlplane.scheduling.harm_bounds import HarmBounds
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.nominations import Nominations
from kingtide.controlplane.scheduling.shape import PodShape

_MAX_BOUNDS = 128
"""Bound of kept questions, 4 MB for 1,000 nodes: more do not search within one storm."""
_MAX_SHAPES = 4_096
"""Bound of shapes whose question is remembered."""


class KeptBounds:
    """Harm bounds by what they depend on: amounts, priority, and which nodes are allowed."""

    def __init__(self, table: NodeTable, evictable: Evictable, nominations: Nominations) -> None:
        self._table = table
        self._evictable = evictable
        self._nominations = nominations
        self._by_question: dict[tuple[object, ...], HarmBounds] = {}
        self._by_shape: dict[int, HarmBounds] = {}

    def of(self, shape: PodShape) -> HarmBounds:
        """Return the bounds for a shape; call `refresh` before reading them."""
        bounds = self._by_shape.get(shape.index)
        if bounds is None:
            if len(self._by_shape) >= _MAX_SHAPES:
                self._by_shape.clear()
            bounds = self._by_shape[shape.index] = self._asked(shape)
        return bounds

    def _asked(self, shape: PodShape) -> HarmBounds:
        spec = shape.spec
        where = (spec.node_selector, spec.required_node_affinity, spec.tolerations)
        question = (shape.requests, shape.priority, where)
        bounds = self._by_question.get(question)
        if bounds is None:
            if len(self._by_question) >= _MAX_BOUNDS:
                self._by_question.clear()
                self._by_shape.clear()
            bounds = HarmBounds(shape, self._table, self._evictable, self._nominations)
            self._by_question[question] = bounds
        return bounds
