"""One node with what is counted on it, changeable: the ground that filters judge."""

from __future__ import annotations

from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.kube.pods import HostPort


class NodeLoad:
    """A node, the sum of its pods' requests and the host ports they hold.

    `add` and `remove` play through what would be, for preemption and nominated pods.
    """

    __slots__ = ("node", "ports", "requested")

    def __init__(self, table: NodeTable, row: int) -> None:
        self.node = table.node_at(row)
        self.requested = table.requested(row)
        self.ports: list[HostPort] = [
            port for shape, count in table.shapes_at(row) for port in shape.rules.host_ports * count
        ]

    def add(self, shape: PodShape) -> None:
        """Count a pod as if it ran here."""
        self.requested = self.requested + shape.requests
        self.ports += shape.rules.host_ports

    def remove(self, shape: PodShape) -> None:
        """Count a pod as if it were gone."""
        self.requested = self.requested - shape.requests
        for port in shape.rules.host_ports:
            self.ports.remove(port)
