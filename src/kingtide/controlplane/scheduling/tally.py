"""Running counts of the pods that a rule speaks about, by node and by domain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.topology import NO_DOMAIN, Topology
from kingtide.kube.nodes import Node


class RowReader(Protocol):
    """Someone who looks again at rows whose count, or whose domain's, changed."""

    def mark(self, row: int) -> None:
        """Look at a row again."""


class Tally:
    """How many pods on each row a question is about; follows the census."""

    def __init__(self, weight_of: Callable[[PodShape], int], *, living_only: bool) -> None:
        self.counts: list[int] = []
        self.totals: list[DomainTotals] = []
        self.readers: list[RowReader] = []
        self._weight_of = weight_of
        self._living_only = living_only

    @property
    def living_only(self) -> bool:
        """Whether terminating pods do not count."""
        return self._living_only

    def weight_of(self, shape: PodShape) -> int:
        """Return how much one pod of a shape counts."""
        return self._weight_of(shape)

    def grow(self, capacity: int) -> None:
        """Make room for rows up to a capacity."""
        self.counts.extend([0] * (capacity - len(self.counts)))
        for totals in self.totals:
            totals.grow(capacity)

    def change(self, row: int, amount: int) -> None:
        """Take over that a row's count changed."""
        self.counts[row] += amount
        for totals in self.totals:
            totals.change(row, amount)
        for reader in self.readers:
            reader.mark(row)

    def value_at(self, row: int) -> int:
        """Return the count of one row."""
        return self.counts[row]

    def counts_by_row(self) -> Sequence[int]:
        """Return the count of every row."""
        return self.counts


class DomainTotals:
    """A tally summed over the domains of a topology, over the nodes that `counts_node` admits.

    `values[domain]` is the sum, 0 for `NO_DOMAIN` (the last value); a domain without admitted nodes
    is none. `readers` look again at all rows of a domain whose sum changed.
    """

    def __init__(
        self, tally: Tally, topology: Topology, counts_node: Callable[[Node], bool] | None
    ) -> None:
        self.topology = topology
        self.values: list[int] = [0]
        self.total = 0
        self.readers: list[RowReader] = []
        self._nodes: list[int] = []
        self._levels: dict[int, int] | None = None
        self._domain_at: list[int] = [NO_DOMAIN] * len(tally.counts)
        self._tally = tally
        self._counts_node = counts_node
        self._seen = 0
        tally.totals.append(self)

    @property
    def domain_count(self) -> int:
        """The number of domains with an admitted node."""
        return sum(self._by_value().values())

    @property
    def lowest(self) -> int:
        """The smallest sum of any domain, 0 where there is none."""
        return min(self._by_value(), default=0)

    def grow(self, capacity: int) -> None:
        """Make room for rows up to a capacity."""
        self._domain_at.extend([NO_DOMAIN] * (capacity - len(self._domain_at)))

    def value_at(self, row: int) -> int:
        """Return the sum of the domain that a row's node lies in, 0 outside of any."""
        return self.values[self.topology.domain_of[row]]

    def counts_by_row(self) -> Sequence[int]:
        """Return `value_at` of every row."""
        values = self.values
        return [values[domain] for domain in self.topology.domain_of]

    def change(self, row: int, amount: int) -> None:
        """Take over that the tally's count of a row changed."""
        domain = self._domain_at[row]
        if domain == NO_DOMAIN:
            return
        if self._levels is None and not self.readers:
            self.values[domain] += amount  # most rules ask for nothing else
            self.total += amount
        else:
            self._add(domain, amount, 0)

    def refresh(self, table: NodeTable) -> None:
        """Take over the nodes that came, went or changed."""
        if self._seen == table.static_tick:
            return
        first, changed = self._seen == 0, table.static_changes_since(self._seen)
        self._seen = table.static_tick
        self.topology.refresh(table)
        missing = len(self.topology.rows_in) - len(self._nodes)
        self._nodes.extend([0] * missing)
        self.values.extend([0] * missing)  # in place: readers hold the list
        if first:
            self._build(table)
            return
        for row in map(int, changed):
            old, new = self._domain_at[row], NO_DOMAIN
            if table.occupied[row] and (
                self._counts_node is None or self._counts_node(table.node_at(row))
            ):
                new = self.topology.domain_of[row]
            if new != old:
                count = self._tally.counts[row]
                self._domain_at[row] = new
                if old != NO_DOMAIN:
                    self._add(old, -count, -1)
                if new != NO_DOMAIN:
                    self._add(new, count, 1)

    def _build(self, table: NodeTable) -> None:
        """Sum up all rows, while no reader has looked yet."""
        topology, counts = self.topology, self._tally.counts
        admits = self._counts_node
        if admits is None:
            self._domain_at[:] = topology.domain_of
            self._nodes[:] = map(len, topology.rows_in)
        else:
            for row, domain in enumerate(topology.domain_of):
                if domain != NO_DOMAIN and admits(table.node_at(row)):
                    self._domain_at[row] = domain
                    self._nodes[domain] += 1
        for domain, count in zip(self._domain_at, counts, strict=True):
            if count and domain != NO_DOMAIN:
                self.values[domain] += count
        self.total += sum(self.values)

    def _by_value(self) -> dict[int, int]:
        """Return how many domains have which sum; kept current once somebody asked."""
        levels = self._levels
        if levels is None:
            levels = self._levels = {}
            for value, nodes in zip(self.values, self._nodes, strict=False):  # values has one more
                if nodes:
                    levels[value] = levels.get(value, 0) + 1
        return levels

    def _add(self, domain: int, amount: int, nodes: int) -> None:
        old = self.values[domain]
        new = old + amount
        self.values[domain] = new
        self.total += amount
        levels = self._levels
        if levels is not None and self._nodes[domain]:
            left = levels[old] - 1
            if left:
                levels[old] = left
            else:
                del levels[old]
        self._nodes[domain] += nodes
        if levels is not None and self._nodes[domain]:
            levels[new] = levels.get(new, 0) + 1
        if amount:
            for reader in self.readers:
                for row in self.topology.rows_in[domain]:
                    reader.mark(row)
