"""Topology spread: how evenly a pod's kin are to lie over zones, nodes and other topologies.

Written the way kube-scheduler computes it, from scratch for one pod; `placement` keeps the same
sums up to date instead. Source: pkg/scheduler/framework/plugins/podtopologyspread (v1.36).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from kingtide.controlplane.scheduling.fits import affinity_matches
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.pod_rules import SpreadRule
from kingtide.controlplane.scheduling.pod_selector import PodSelector
from kingtide.controlplane.scheduling.refusal import Refusal
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.kube.nodes import HOSTNAME_LABEL, Node
from kingtide.kube.taints import untolerated

SKEW_TOO_HIGH = "node(s) didn't match pod topology spread constraints"
KEY_MISSING = f"{SKEW_TOO_HIGH} (missing required label)"

UNEVEN = Refusal((SKEW_TOO_HIGH,))
WITHOUT_KEY = Refusal((KEY_MISSING,), is_resolvable=False)


class SpreadFilter:
    """The hard constraints of one shape, with pods as they lie and as `change` moves them."""

    def __init__(self, shape: PodShape, table: NodeTable) -> None:
        self._shape = shape
        self._rules = shape.rules.hard_spread
        self._own = [int(shape.is_selected_by(rule.pods)) for rule in self._rules]
        self._counts: list[dict[str, int]] = [{} for _ in self._rules]
        if not self._rules:
            return
        for row in table.rows():
            node = table.node_at(row)
            for rule, counts in zip(self._rules, self._counts, strict=True):
                if self._counts_node(rule, node):
                    value = node.labels[rule.topology_key]
                    found = living_pods(table, row, rule.pods)
                    counts[value] = counts.get(value, 0) + found

    def refusal(self, node: Node) -> Refusal | None:
        """Return why the pod may not go to a node, None if it may."""
        for rule, own, counts in zip(self._rules, self._own, self._counts, strict=True):
            value = node.labels.get(rule.topology_key)
            if value is None:
                return WITHOUT_KEY
            if counts.get(value, 0) + own - fewest(counts.values(), rule) > rule.max_skew:
                return UNEVEN
        return None

    def change(self, node: Node, other: PodShape, sign: int) -> None:
        """Count a pod as added to (1) or removed from (-1) a node.

        A terminating pod was not counted; taking it away counts all the same, as in kube-scheduler.
        """
        for rule, counts in zip(self._rules, self._counts, strict=True):
            if other.is_selected_by(rule.pods) and self._counts_node(rule, node):
                value = node.labels[rule.topology_key]
                counts[value] = counts.get(value, 0) + sign

    def _counts_node(self, rule: SpreadRule, node: Node) -> bool:
        has_keys = all(other.topology_key in node.labels for other in self._rules)
        return has_keys and is_domain(rule, self._shape, node)


def fewest(counts: Collection[int], rule: SpreadRule) -> int:
    """Return the count of the emptiest domain, 0 while there are fewer domains than wanted."""
    return 0 if len(counts) < rule.min_domains else min(counts, default=0)


def is_domain(rule: SpreadRule, shape: PodShape, node: Node) -> bool:
    """Return whether a constraint counts a node, by its two inclusion policies."""
    if rule.honors_affinity and not affinity_matches(shape.spec, node):
        return False
    return not rule.honors_taints or untolerated(node.taints, shape.spec.tolerations) is None


def living_pods(table: NodeTable, row: int, pods: PodSelector) -> int:
    """Return how many pods on a node a selector selects, terminating ones left out."""
    shapes = table.shapes
    return sum(
        count for index, count in table.living_at(row).items() if shapes[index].is_selected_by(pods)
    )


def spread_scores(shape: PodShape, table: NodeTable, rows: Sequence[int]) -> dict[int, int] | None:
    """Return each feasible row's score, 0 to 100, None where the shape has no soft constraint."""
    rules = shape.rules.soft_spread
    if not rules:
        return None
    scored = [row for row in rows if _has_all_keys(shape, table.node_at(row))]
    counts = _domain_counts(shape, table, scored)
    raw: dict[int, int] = {}
    for row in scored:
        labels = table.node_at(row).labels
        score = 0.0
        for rule, by_value in zip(rules, counts, strict=True):
            if rule.topology_key not in labels:
                continue
            if rule.topology_key == HOSTNAME_LABEL:
                found, size = living_pods(table, row, rule.pods), len(scored)
            else:
                found, size = by_value[labels[rule.topology_key]], len(by_value)
            score += found * domain_weight(size) + (rule.max_skew - 1)
        # Ties of rounding cannot be: a count times a logarithm is never half a number.
        raw[row] = round(score)
    score_of = dict(zip(raw, normalized(list(raw.values())), strict=True))
    return {row: score_of.get(row, 0) for row in rows}


def domain_weight(size: int) -> float:
    """Return how much a pod in one of `size` domains counts: more where there are many.

    The logarithm may differ in its last bit between C libraries; scores are whole numbers far away.
    """
    return math.log(size + 2)


def normalized(raw: Sequence[int], step: int = 1) -> list[int]:
    """Return raw counts as scores: 100 for the lowest where the lowest is 0; times `step`."""
    low, high = min(raw, default=0), max(raw, default=0)
    if high == 0:
        return [100 * step] * len(raw)
    both = low + high
    return [100 * (both - count) // high * step for count in raw]


def _has_all_keys(shape: PodShape, node: Node) -> bool:
    rules = shape.rules
    return not rules.needs_all_keys or all(
        rule.topology_key in node.labels for rule in rules.soft_spread
    )


def _domain_counts(
    shape: PodShape, table: NodeTable, scored: Sequence[int]
) -> list[Mapping[str, int]]:
    """Return per constraint the pods in each domain in which some feasible node lies.

    A missing label is the domain "" here: only the system defaults score such nodes at all.
    """
    rules = shape.rules.soft_spread
    counts: list[dict[str, int]] = [{} for _ in rules]
    for rule, by_value in zip(rules, counts, strict=True):
        if rule.topology_key != HOSTNAME_LABEL:
            for row in scored:
                by_value[table.node_at(row).labels.get(rule.topology_key, "")] = 0
    for row in table.rows():
        node = table.node_at(row)
        if not _has_all_keys(shape, node):
            continue
        for rule, by_value in zip(rules, counts, strict=True):
            value = node.labels.get(rule.topology_key, "")
            if value in by_value and is_domain(rule, shape, node):
                by_value[value] += living_pods(table, row, rule.pods)
    return list(counts)
