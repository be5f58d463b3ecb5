"""The questions that kinds of pods ask of their surroundings, each counted once for all who ask."""

from __future__ import annotations

from collections.abc import Callable

from kingtide.controlplane.scheduling.fits import affinity_matches
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.pod_rules import (
    AffinityRule,
    SpreadRule,
    WeightedAffinityRule,
)
from kingtide.controlplane.scheduling.pod_selector import PodSelector
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.tally import DomainTotals, Tally
from kingtide.controlplane.scheduling.topology import Topology
from kingtide.kube.nodes import Node
from kingtide.kube.taints import untolerated

_Weight = Callable[[PodShape], int]


class Tallies:
    """Makes and shares topologies, tallies and totals for one table."""

    def __init__(self, table: NodeTable) -> None:
        self.table = table
        self._topologies: dict[tuple[str, bool], Topology] = {}
        self._tallies: dict[tuple[object, ...], Tally] = {}
        self._totals: dict[tuple[object, ...], DomainTotals] = {}

    def __len__(self) -> int:
        return len(self._totals)

    def clear(self) -> None:
        """Forget every question; who still asks must ask anew."""
        self.table.census.forget_followers()
        self._topologies.clear()
        self._tallies.clear()
        self._totals.clear()

    def topology(self, key: str, *, blank_counts: bool = False) -> Topology:
        """Return the domains of a label."""
        topology = self._topologies.get((key, blank_counts))
        if topology is None:
            topology = Topology(key, blank_counts=blank_counts)
            self._topologies[key, blank_counts] = topology
        return topology

    def spread(
        self, rule: SpreadRule, shape: PodShape, keys: tuple[str, ...], *, blank_counts: bool
    ) -> DomainTotals:
        """Return the living pods that a constraint counts, on the nodes that it counts.

        `keys` are the labels without which a node does not count.
        """
        spec = shape.spec
        affinity = (spec.node_selector, spec.required_node_affinity)
        has_affinity = rule.honors_affinity and any(affinity)
        scope = (
            keys,
            affinity if has_affinity else None,
            spec.tolerations if rule.honors_taints else None,
        )

        counts_all = not keys and not has_affinity and not rule.honors_taints

        def counts_node(node: Node) -> bool:
            if any(key not in node.labels for key in keys):
                return False
            if has_affinity and not affinity_matches(spec, node):
                return False
            return not rule.honors_taints or untolerated(node.taints, spec.tolerations) is None

        topology = self.topology(rule.topology_key, blank_counts=blank_counts)
        question = ("living", rule.pods)
        tally = self.living(rule.pods)
        return self._sum(question, tally, topology, scope, None if counts_all else counts_node)

    def living(self, pods: PodSelector) -> Tally:
        """Return the living pods that a selector selects, by node."""
        return self._tally(("living", pods), _selected(pods), living_only=True)

    def near(self, rules: tuple[AffinityRule, ...]) -> list[DomainTotals]:
        """Return the pods that satisfy all affinity rules, by each rule's topology."""

        def weight(shape: PodShape) -> int:
            return int(all(shape.is_selected_by(rule.pods) for rule in rules))

        question = ("near", tuple(rule.pods for rule in rules))
        tally = self._tally(question, weight)
        return [self._sum(question, tally, self.topology(rule.topology_key)) for rule in rules]

    def selected(self, rule: AffinityRule) -> DomainTotals:
        """Return the pods that one rule selects, by its topology."""
        question = ("selected", rule.pods)
        tally = self._tally(question, _selected(rule.pods))
        return self._sum(question, tally, self.topology(rule.topology_key))

    def keeping_away(self, rule: AffinityRule) -> DomainTotals:
        """Return the pods that have one required anti-affinity, by its topology."""
        question = ("keeping away", rule)

        def weight(shape: PodShape) -> int:
            return shape.rules.anti_affinity.count(rule)

        return self._sum(question, self._tally(question, weight), self.topology(rule.topology_key))

    def attracting(self, preference: WeightedAffinityRule) -> DomainTotals:
        """Return the pods that have one preference, by its topology."""
        question = ("attracting", preference)

        def weight(shape: PodShape) -> int:
            return shape.rules.attraction.count(preference)

        topology = self.topology(preference.rule.topology_key)
        return self._sum(question, self._tally(question, weight), topology)

    def _tally(
        self, question: tuple[object, ...], weight: _Weight, *, living_only: bool = False
    ) -> Tally:
        tally = self._tallies.get(question)
        if tally is None:
            tally = self._tallies[question] = Tally(weight, living_only=living_only)
            self.table.census.follow(tally)
        return tally

    def _sum(
        self,
        question: tuple[object, ...],
        tally: Tally,
        topology: Topology,
        scope: tuple[object, ...] = (),
        counts_node: Callable[[Node], bool] | None = None,
    ) -> DomainTotals:
        key = (question, topology.key, topology.blank_counts, scope)
        totals = self._totals.get(key)
        if totals is None:
            totals = self._totals[key] = DomainTotals(tally, topology, counts_node)
        totals.refresh(self.table)
        return totals


def _selected(pods: PodSelector) -> _Weight:
    return lambda shape: int(shape.is_selected_by(pods))
