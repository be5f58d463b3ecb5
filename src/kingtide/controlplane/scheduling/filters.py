"""All filters of the default profile on one shape: the order, and what a node is refused for.

Source: pkg/scheduler/apis/config/v1/default_plugins.go (v1.36).
"""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.controlplane.scheduling.fits import exceeds, resource_refusals, static_refusal
from kingtide.controlplane.scheduling.node_load import NodeLoad
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.pod_affinity import AffinityFilter
from kingtide.controlplane.scheduling.ports import PORTS_TAKEN, conflict
from kingtide.controlplane.scheduling.refusal import Refusal
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.spread import SpreadFilter

_PORTS_TAKEN = Refusal((PORTS_TAKEN,))


class Filters:
    """Judges nodes for one shape, with pods as the table has them and as `add`, `remove` say."""

    def __init__(self, shape: PodShape, table: NodeTable) -> None:
        self._shape = shape
        self._table = table
        self._spread = SpreadFilter(shape, table)
        self._affinity = AffinityFilter(shape, table)

    def load(self, row: int) -> NodeLoad:
        """Return a node as the table has it."""
        return NodeLoad(self._table, row)

    def add(self, load: NodeLoad, other: PodShape) -> None:
        """Judge as if a pod were added to a node."""
        load.add(other)
        self._spread.change(load.node, other, 1)
        self._affinity.change(load.node, other, 1)

    def remove(self, load: NodeLoad, other: PodShape) -> None:
        """Judge as if a pod were taken from a node."""
        load.remove(other)
        self._spread.change(load.node, other, -1)
        self._affinity.change(load.node, other, -1)

    def refusal(self, load: NodeLoad) -> Refusal | None:
        """Return why a node refuses the pod, None if it takes it."""
        shape, node = self._shape, load.node
        static = static_refusal(shape, node)
        if static is not None:
            return Refusal((static,), is_resolvable=False)
        ports = shape.rules.host_ports
        if ports and conflict(ports, load.ports):
            return _PORTS_TAKEN
        lacking = resource_refusals(shape, node.allocatable, load.requested)
        if lacking:
            return Refusal(lacking, is_resolvable=not exceeds(shape, node.allocatable))
        return self._spread.refusal(node) or self._affinity.refusal(node)

    def refusal_with(self, load: NodeLoad, nominated: Sequence[PodShape]) -> Refusal | None:
        """Return why a node refuses the pod when it must leave room for nominated pods.

        The pod must fit both with them and without them: nobody knows whether they will come.
        """
        if nominated:
            for other in nominated:
                self.add(load, other)
            refusal = self.refusal(load)
            for other in nominated:
                self.remove(load, other)
            if refusal is not None:
                return refusal
        return self.refusal(load)
