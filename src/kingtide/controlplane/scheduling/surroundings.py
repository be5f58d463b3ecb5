"""What a kind of pod looks at around a node, and how each rule reads it from a group of nodes.

A rule about zones reads its domain's current total, so that a group keeps its name while totals
move. A rule about hosts, where every node is a domain of its own, reads the count that is part of
the group: groups would otherwise be as many as nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.tallies import Tallies
from kingtide.controlplane.scheduling.tally import DomainTotals, RowReader
from kingtide.controlplane.scheduling.topology import Topology
from kingtide.kube.nodes import HOSTNAME_LABEL

_FEW_DOMAINS = 32
"""Topologies up to this size count as zones; beyond, groups by count are fewer than by domain."""


class Source(Protocol):
    """A count by row that tells its readers of changes."""

    readers: list[RowReader]

    def value_at(self, row: int) -> int:
        """Return the count at a row."""

    def counts_by_row(self) -> Sequence[int]:
        """Return the counts at all rows."""


class Reading(msgspec.Struct, frozen=True):
    """Where a rule finds its number in a group: a domain's total, or one of the group's counts.

    `totals` is None for what is counted a node; `place` is the position in the group's domains or
    counts.
    """

    totals: DomainTotals | None
    by_domain: bool
    place: int

    def value(self, domains: tuple[int, ...], counts: tuple[int, ...]) -> int:
        """Return the number for a group with these domains and counts."""
        if not self.by_domain:
            return counts[self.place]
        assert self.totals is not None
        return self.totals.values[domains[self.place]]

    @property
    def domain_values(self) -> list[int]:
        """The number of every domain, by domain."""
        assert self.totals is not None
        return self.totals.values

    @property
    def total(self) -> int:
        """The number over all domains."""
        assert self.totals is not None
        return self.totals.total

    def lowest(self, min_domains: int) -> int:
        """Return the number of the emptiest domain, 0 while there are too few domains."""
        assert self.totals is not None
        return 0 if self.totals.domain_count < min_domains else self.totals.lowest


class Surroundings:
    """The readings of every rule of one kind of pod, in the order of the rules."""

    def __init__(self, shape: PodShape, tallies: Tallies) -> None:
        self.topologies: list[Topology] = []
        self.domain_lists: list[list[int]] = []
        self.sources: list[Source] = []
        self._totals: list[DomainTotals] = []
        rules = shape.rules
        hard_keys = tuple(rule.topology_key for rule in rules.hard_spread)
        soft_keys = tuple(rule.topology_key for rule in rules.soft_spread)
        self.hard_spread = [
            self._reading(tallies.spread(rule, shape, hard_keys, blank_counts=False))
            for rule in rules.hard_spread
        ]
        self.soft_spread: list[Reading] = []
        for rule in rules.soft_spread:
            if rule.topology_key == HOSTNAME_LABEL:
                self.soft_spread.append(self._counted(tallies.living(rule.pods), None))
            else:
                blank = not rules.needs_all_keys
                keys = soft_keys if rules.needs_all_keys else ()
                totals = tallies.spread(rule, shape, keys, blank_counts=blank)
                # The score needs the number of domains, so these are always told apart.
                self.soft_spread.append(self._in_domain(totals))
        self.near = [self._reading(totals) for totals in tallies.near(rules.affinity)]
        self.away = [self._reading(tallies.selected(rule)) for rule in rules.anti_affinity]
        self.preferred = [
            (mine.weight, self._reading(tallies.selected(mine.rule))) for mine in rules.preferred
        ]
        self.kept_away: list[Reading] = []
        self.attracted: list[tuple[int, Reading]] = []
        census = tallies.table.census
        for theirs in census.anti_affinities:
            if shape.is_selected_by(theirs.pods):
                self.kept_away.append(self._reading(tallies.keeping_away(theirs)))
        for liking in census.attractions:
            if shape.is_selected_by(liking.rule.pods):
                self.attracted.append((liking.weight, self._reading(tallies.attracting(liking))))

    @property
    def is_hard(self) -> bool:
        """Whether other pods may forbid a node to this kind."""
        return bool(self.hard_spread or self.near or self.away or self.kept_away)

    def refresh(self, table: NodeTable) -> None:
        """Take over the nodes that came, went or changed labels."""
        for topology in self.topologies:
            topology.refresh(table)
        for totals in self._totals:
            totals.refresh(table)

    def _reading(self, totals: DomainTotals) -> Reading:
        topology = totals.topology
        if topology.key != HOSTNAME_LABEL and topology.domain_count <= _FEW_DOMAINS:
            return self._in_domain(totals)
        return self._counted(totals, totals)

    def _in_domain(self, totals: DomainTotals) -> Reading:
        self._totals.append(totals)
        topology = totals.topology
        if topology not in self.topologies:
            self.topologies.append(topology)
            self.domain_lists.append(topology.domain_of)
        return Reading(totals, by_domain=True, place=self.topologies.index(topology))

    def _counted(self, source: Source, totals: DomainTotals | None) -> Reading:
        if totals is not None:
            self._totals.append(totals)
        if source not in self.sources:
            self.sources.append(source)
        return Reading(totals, by_domain=False, place=self.sources.index(source))
