"""What pods that mind other pods may do: host ports, hard spreading, (anti-)affinity.

Most pods mind nothing but resources, and only those that do pay for this. The filters are the
scheduler's own; this keeps them current through what a pass plays through: pods placed, pods
leaving, nodes that do not exist yet.
"""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.pod_affinity import AffinityFilter
from kingtide.controlplane.scheduling.pod_rules import AffinityRule
from kingtide.controlplane.scheduling.ports import conflict
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.spread import SpreadFilter
from kingtide.kube.nodes import HOSTNAME_LABEL, Node
from kingtide.kube.pods import HostPort


class Company:
    """Pods as the table has them and as `note` says; made for one pass and thrown away.

    `arriving` are the shapes that may be placed in this pass, whose anti-affinity others meet.
    """

    def __init__(self, table: NodeTable, arriving: Iterable[PodShape] = ()) -> None:
        self._table = table
        self._anti_affinities: dict[AffinityRule, None] = dict(table.census.anti_affinities)
        for shape in arriving:
            self._anti_affinities.update(dict.fromkeys(shape.rules.anti_affinity))
        self._minding: dict[int, bool] = {}
        self._rules: dict[int, _Rules] = {}
        self._notes: list[tuple[Node, PodShape, int]] = []
        self._gone: dict[str, Node] = {}
        self._ports: dict[str, dict[HostPort, int]] = {}

    def minds(self, shape: PodShape) -> bool:
        """Return whether other pods have a say in where pods of a shape go."""
        known = self._minding.get(shape.index)
        if known is None:
            rules = shape.rules
            known = bool(
                rules.host_ports or rules.hard_spread or rules.affinity or rules.anti_affinity
            ) or any(shape.is_selected_by(rule.pods) for rule in self._anti_affinities)
            self._minding[shape.index] = known
        return known

    def allows(self, shape: PodShape, node: Node) -> bool:
        """Return whether other pods leave a place for one more pod on a node, real or not."""
        wanted = shape.rules.host_ports
        if wanted and conflict(wanted, self._held_ports(node)):
            return False
        rules = self._rules.get(shape.index)
        if rules is None:
            rules = self._rules[shape.index] = self._new_rules(shape)
        return rules.spread.refusal(node) is None and rules.affinity.refusal(node) is None

    def note(self, node: Node, shape: PodShape, count: int) -> None:
        """Count pods as placed on a node, or, negative, as gone from it."""
        self._notes.append((node, shape, count))
        self._change(node, shape, count)

    def mark(self) -> int:
        """Return a point to which `undo_to` can go back."""
        return len(self._notes)

    def undo_to(self, mark: int) -> None:
        """Take back everything noted since a point."""
        while len(self._notes) > mark:
            node, shape, count = self._notes.pop()
            self._change(node, shape, -count)

    def leave_out(self, node: Node) -> None:
        """Judge as if a node were not there: its host name is no domain to be filled any more."""
        self._gone[node.name] = node
        for rules in self._rules.values():
            rules.spread.leave_out(node)

    def bring_back(self, node: Node) -> None:
        """Undo `leave_out`."""
        self._gone.pop(node.name, None)
        for rules in self._rules.values():
            rules.spread.bring_back(node)

    def _change(self, node: Node, shape: PodShape, count: int) -> None:
        for rules in self._rules.values():
            rules.spread.change(node, shape, count)
            rules.affinity.change(node, shape, count)
        for port in shape.rules.host_ports:
            held = self._ports.setdefault(node.name, {})
            held[port] = held.get(port, 0) + count

    def _new_rules(self, shape: PodShape) -> _Rules:
        rules = _Rules(shape, self._table)
        for node, other, count in self._notes:
            rules.spread.change(node, other, count)
            rules.affinity.change(node, other, count)
        for node in self._gone.values():
            rules.spread.leave_out(node)
        return rules

    def _held_ports(self, node: Node) -> list[HostPort]:
        held: dict[HostPort, int] = {}
        row = self._table.row_of(node.name)
        if row is not None:
            for shape, count in self._table.shapes_at(row):
                for port in shape.rules.host_ports:
                    held[port] = held.get(port, 0) + count
        for port, count in self._ports.get(node.name, {}).items():
            held[port] = held.get(port, 0) + count
        return [port for port, count in held.items() if count > 0]


class _Spread(SpreadFilter):
    """Spreading that can leave a node out: the only one of its host name."""

    def __init__(self, shape: PodShape, table: NodeTable) -> None:
        super().__init__(shape, table)
        self._left_out: dict[str, list[int | None]] = {}

    def leave_out(self, node: Node) -> None:
        if node.name not in self._left_out:
            self._left_out[node.name] = [
                counts.pop(node.labels.get(HOSTNAME_LABEL, ""), None)
                if rule.topology_key == HOSTNAME_LABEL
                else None
                for rule, counts in zip(self._rules, self._counts, strict=True)
            ]

    def bring_back(self, node: Node) -> None:
        for count, counts in zip(self._left_out.pop(node.name, ()), self._counts, strict=False):
            if count is not None:
                counts[node.labels[HOSTNAME_LABEL]] = count


class _Rules:
    """The rules of one shape about other pods."""

    def __init__(self, shape: PodShape, table: NodeTable) -> None:
        self.spread = _Spread(shape, table)
        self.affinity = AffinityFilter(shape, table)
