"""Inter-pod affinity: what pods ask of the company they keep, in both directions.

Written the way kube-scheduler computes it, from scratch for one pod.
Source: pkg/scheduler/framework/plugins/interpodaffinity (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.pod_rules import AffinityRule
from kingtide.controlplane.scheduling.refusal import Refusal
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.kube.nodes import Node

AFFINITY_UNMET = Refusal(("node(s) didn't match pod affinity rules",), is_resolvable=False)
ANTI_AFFINITY_UNMET = Refusal(("node(s) didn't match pod anti-affinity rules",))
OTHERS_ANTI_AFFINITY = Refusal(("node(s) didn't satisfy existing pods anti-affinity rules",))

Domain = tuple[str, str]
"""A node label and one of its values."""


class AffinityFilter:
    """The required affinities of one shape, and of placed pods towards it."""

    def __init__(self, shape: PodShape, table: NodeTable) -> None:
        self._shape = shape
        self._near: dict[Domain, int] = {}
        self._away: dict[Domain, int] = {}
        self._kept_away: dict[Domain, int] = {}
        rules = shape.rules
        # Most pods ask nothing of others, and few are asked about: then only those few are visited.
        asks = bool(rules.affinity or rules.anti_affinity)
        is_asked = any(shape.is_selected_by(rule.pods) for rule in table.census.anti_affinities)
        for row in table.rows() if asks or is_asked else ():
            node = table.node_at(row)
            for other, count in table.shapes_at(row):
                if asks or other.rules.anti_affinity:
                    self.change(node, other, count)

    def refusal(self, node: Node) -> Refusal | None:
        """Return why the pod may not go to a node, None if it may."""
        if not self._is_near(node):
            return AFFINITY_UNMET
        rules = self._shape.rules
        if any(self._away.get(d, 0) > 0 for d in _domains(rules.anti_affinity, node)):
            return ANTI_AFFINITY_UNMET
        if self._kept_away and any(self._kept_away.get(d, 0) > 0 for d in node.labels.items()):
            return OTHERS_ANTI_AFFINITY
        return None

    def change(self, node: Node, other: PodShape, count: int) -> None:
        """Count pods of a shape as added to (or, negative, removed from) a node."""
        rules = self._shape.rules
        if rules.affinity and all(other.is_selected_by(rule.pods) for rule in rules.affinity):
            for domain in _domains(rules.affinity, node):
                _add(self._near, domain, count)
        for rule in rules.anti_affinity:
            if other.is_selected_by(rule.pods):
                for domain in _domains((rule,), node):
                    _add(self._away, domain, count)
        for rule in other.rules.anti_affinity:
            if self._shape.is_selected_by(rule.pods):
                for domain in _domains((rule,), node):
                    _add(self._kept_away, domain, count)

    def _is_near(self, node: Node) -> bool:
        rules = self._shape.rules.affinity
        if any(rule.topology_key not in node.labels for rule in rules):
            return False
        if all(self._near.get(domain, 0) > 0 for domain in _domains(rules, node)):
            return True
        # The first of a group that wants its own company may go anywhere.
        return not self._near and all(self._shape.is_selected_by(rule.pods) for rule in rules)


def affinity_scores(
    shape: PodShape, table: NodeTable, rows: Sequence[int]
) -> dict[int, int] | None:
    """Return each feasible row's score, 0 to 100, None where nobody prefers anything."""
    points: dict[Domain, int] = {}
    preferred = shape.rules.preferred
    for row in table.rows() if preferred or table.census.attractions else ():
        labels = table.node_at(row).labels
        for other, count in table.shapes_at(row):
            for mine in preferred:
                key = mine.rule.topology_key
                if key in labels and other.is_selected_by(mine.rule.pods):
                    domain = (key, labels[key])
                    points[domain] = points.get(domain, 0) + mine.weight * count
            for theirs in other.rules.attraction:
                key = theirs.rule.topology_key
                if key in labels and shape.is_selected_by(theirs.rule.pods):
                    domain = (key, labels[key])
                    points[domain] = points.get(domain, 0) + theirs.weight * count
    if not points:
        return None
    raw = {
        row: sum(points.get(domain, 0) for domain in table.node_at(row).labels.items())
        for row in rows
    }
    low, high = min(raw.values(), default=0), max(raw.values(), default=0)
    return {row: normalized(score, low, high) for row, score in raw.items()}


def normalized(raw: int, low: int, high: int) -> int:
    """Return points as a score between the lowest (0) and the highest (100), 0 if all are equal."""
    return int(100.0 * ((raw - low) / (high - low))) if high > low else 0


def _domains(rules: Iterable[AffinityRule], node: Node) -> list[Domain]:
    labels = node.labels
    return [(r.topology_key, labels[r.topology_key]) for r in rules if r.topology_key in labels]


def _add(counts: dict[Domain, int], domain: Domain, count: int) -> None:
    total = counts.get(domain, 0) + count
    if total:
        counts[domain] = total
    else:
        counts.pop(domain, None)
