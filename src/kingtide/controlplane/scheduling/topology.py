"""Which value of a label each node has: the domains of zones, hosts, racks."""

from __future__ import annotations

import numpy as np

from kingtide.controlplane.scheduling.node_columns import IntArray
from kingtide.controlplane.scheduling.node_table import NodeTable

NO_DOMAIN = -1


class Topology:
    """The domains of one label, numbered; numbers of domains that lost their last node are reused.

    `domain_of[row]` is `NO_DOMAIN` where there is no node or no such label. With `blank_counts`, a
    missing label is the domain of the empty value, as system default spreading sees it.
    """

    def __init__(self, key: str, *, blank_counts: bool = False) -> None:
        self.key = key
        self.domain_of: list[int] = []
        self.rows_in: list[dict[int, None]] = []
        self.blank_counts = blank_counts
        self._array: IntArray = np.zeros(0, dtype=np.int64)
        self._array_seen = -1
        self._by_value: dict[str, int] = {}
        self._values: list[str] = []
        self._free: list[int] = []
        self._seen = 0

    @property
    def domain_count(self) -> int:
        """The number of domains with a node."""
        return len(self._by_value)

    def domains(self) -> IntArray:
        """Return `domain_of` as an array, made once for all who ask between two changes."""
        if self._array_seen != self._seen:
            self._array_seen = self._seen
            self._array = np.array(self.domain_of, dtype=np.int64)
        return self._array

    def refresh(self, table: NodeTable) -> None:
        """Take over the nodes that came, went or changed labels."""
        if self._seen == table.static_tick:
            return
        changed = table.static_changes_since(self._seen)
        self._seen = table.static_tick
        self.domain_of.extend([NO_DOMAIN] * (table.capacity - len(self.domain_of)))
        for row in map(int, changed):
            value = table.node_at(row).labels.get(self.key) if table.occupied[row] else None
            if value is None and self.blank_counts and table.occupied[row]:
                value = ""
            self._move(row, value)

    def _move(self, row: int, value: str | None) -> None:
        old = self.domain_of[row]
        if old != NO_DOMAIN:
            if self._values[old] == value:
                return
            del self.rows_in[old][row]
            if not self.rows_in[old]:
                del self._by_value[self._values[old]]
                self._free.append(old)
        new = NO_DOMAIN if value is None else self._domain(value)
        self.domain_of[row] = new
        if new != NO_DOMAIN:
            self.rows_in[new][row] = None

    def _domain(self, value: str) -> int:
        domain = self._by_value.get(value)
        if domain is None:
            if self._free:
                domain = self._free.pop()
                self._values[domain] = value
            else:
                domain = len(self._values)
                self._values.append(value)
                self.rows_in.append({})
            self._by_value[value] = domain
        return domain
