"""A contest: the groups of nodes that compete for a pod, laid out rule by rule.

The same groups compete again and again while pods of one kind are placed; what does not change
between two picks is computed once a contest.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import add

import msgspec

from kingtide.controlplane.scheduling import pod_affinity, spread
from kingtide.controlplane.scheduling.alike_group import Group
from kingtide.controlplane.scheduling.node_order import PRECEDENCE_BITS
from kingtide.controlplane.scheduling.preferences import affinity_score, taint_score
from kingtide.controlplane.scheduling.profile import WEIGHTS
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.surroundings import Reading, Surroundings

# What a point of each score adds to a key.
_TAINTS = WEIGHTS["TaintToleration"] << PRECEDENCE_BITS
_AFFINITY = WEIGHTS["NodeAffinity"] << PRECEDENCE_BITS
_SPREAD = WEIGHTS["PodTopologySpread"] << PRECEDENCE_BITS
_PODS = WEIGHTS["InterPodAffinity"] << PRECEDENCE_BITS
_IMAGES = WEIGHTS["ImageLocality"] << PRECEDENCE_BITS


class _Column(msgspec.Struct, gc=False):
    """One rule over the groups: their counts, or their domains with the domains' current totals."""

    numbers: list[int]
    totals: list[int] | None

    def read(self) -> list[int]:
        """Return the current number of every group."""
        totals = self.totals
        return self.numbers if totals is None else [totals[domain] for domain in self.numbers]


class _SpreadColumn(msgspec.Struct, gc=False):
    """A soft spread constraint; `weight` None is that of as many domains as there are nodes.

    Counts of single nodes stand in the groups: their `terms` change with that number, `size`, only.
    """

    numbers: list[int]
    totals: list[int] | None
    slack: int
    weight: float | None
    without_key: tuple[int, ...]
    size: int = -1
    terms: list[float] = []

    def by_node(self, size: int) -> list[float]:
        """Return every group's term where each of `size` nodes is a domain."""
        if self.size != size:
            self.size, self.terms = size, self.weighted(spread.domain_weight(size))
        return self.terms

    def weighted(self, weight: float) -> list[float]:
        """Return every group's term with a weight."""
        slack = self.slack
        terms = [number * weight + slack for number in _Column(self.numbers, self.totals).read()]
        for place in self.without_key:
            terms[place] = 0.0
        return terms


class Contest:
    """Scores some groups for one kind of pod, all scores but those for resources."""

    def __init__(
        self,
        shape: PodShape,
        surroundings: Surroundings,
        indexes: Sequence[int],
        groups: Sequence[Group],
    ) -> None:
        self.indexes = indexes
        chosen = [groups[index] for index in indexes]
        merits = _merit_points(chosen)
        lowest = min(merits, default=0)
        # What all have alike decides nothing.
        self._merits = [points - lowest for points in merits]
        self._places = [place for place, group in enumerate(chosen) if group.merits.is_spread]
        self._spread_indexes = [indexes[place] for place in self._places]
        in_spread = [chosen[place] for place in self._places]
        self._spread = [
            _spread_column(number, rule.max_skew - 1, reading, in_spread)
            for number, (rule, reading) in enumerate(
                zip(shape.rules.soft_spread, surroundings.soft_spread, strict=True)
            )
        ]
        preferences = surroundings.preferred + surroundings.attracted
        self._is_spread_alone = (
            not preferences and not any(self._merits) and len(self._places) == len(chosen)
        )
        self._preferences = [(weight, _column(reading, chosen)) for weight, reading in preferences]

    def points(self, feasible: Sequence[int]) -> list[int]:
        """Return what each group adds to its nodes' keys, beyond what all add alike.

        `feasible` is the number of nodes with room for the pod, by group.
        """
        points = self._merits
        if self._spread and self._places:
            found = self._spread_points(feasible)
            if self._is_spread_alone:
                return found
            points = list(points)
            for place, score in zip(self._places, found, strict=True):
                points[place] += score
        return self._with_pods(points) if self._preferences else points

    def _spread_points(self, feasible: Sequence[int]) -> list[int]:
        """Return what spreading adds for every group that takes part in it, in order."""
        scores: list[float] = []
        # Rule by rule, so that every group's score is summed in the order of the rules, as doubles.
        for it in self._spread:
            weight = it.weight
            if weight is None:
                size = sum([feasible[index] for index in self._spread_indexes])
                terms = it.terms if it.size == size else it.by_node(size)
            elif it.without_key or it.totals is None:
                terms = it.weighted(weight)
            else:
                slack, totals = it.slack, it.totals
                terms = [totals[domain] * weight + slack for domain in it.numbers]
            scores = list(map(add, scores, terms)) if scores else terms
        return spread.normalized(list(map(round, scores)), _SPREAD)

    def _with_pods(self, points: list[int]) -> list[int]:
        raw = [0] * len(points)
        for weight, column in self._preferences:
            raw = [
                score + weight * number for score, number in zip(raw, column.read(), strict=True)
            ]
        low, high = min(raw), max(raw)
        found = [_PODS * pod_affinity.normalized(score, low, high) for score in raw]
        return list(map(add, points, found))


def _column(reading: Reading, groups: Sequence[Group]) -> _Column:
    if not reading.by_domain:
        return _Column([group.counts[reading.place] for group in groups], None)
    # Nodes outside of any domain have number NO_DOMAIN, -1: the last total, which stays 0.
    domains = [group.domains[reading.place] for group in groups]
    return _Column(domains, reading.domain_values)


def _spread_column(
    number: int, slack: int, reading: Reading, groups: Sequence[Group]
) -> _SpreadColumn:
    column = _column(reading, groups)
    return _SpreadColumn(
        column.numbers,
        column.totals,
        slack,
        spread.domain_weight(len({*column.numbers})) if reading.by_domain else None,
        tuple(place for place, group in enumerate(groups) if not group.merits.has_keys[number]),
    )


def _merit_points(groups: Sequence[Group]) -> list[int]:
    """Return the scores for taints, labels and images, normalised over the groups."""
    merits = [group.merits for group in groups]
    most_taints = max([merit.taints for merit in merits], default=0)
    most_points = max([merit.points for merit in merits], default=0)
    return [
        _TAINTS * taint_score(merit.taints, most_taints)
        + _AFFINITY * affinity_score(merit.points, most_points)
        + _IMAGES * merit.image
        for merit in merits
    ]
