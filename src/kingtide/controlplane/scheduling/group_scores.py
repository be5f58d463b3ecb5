"""What a group of alike nodes is worth to a kind of pod: all scores but resources, and refusals."""

from __future__ import annotations

from collections.abc import Sequence
from operator import add
from typing import Protocol

from kingtide.controlplane.scheduling import pod_affinity, spread
from kingtide.controlplane.scheduling.merits import Merits
from kingtide.controlplane.scheduling.node_order import PRECEDENCE_BITS
from kingtide.controlplane.scheduling.preferences import affinity_score, taint_score
from kingtide.controlplane.scheduling.profile import WEIGHTS
from kingtide.controlplane.scheduling.scores import REFUSED
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.surroundings import Reading, Surroundings

_TAINTS = WEIGHTS["TaintToleration"]
_AFFINITY = WEIGHTS["NodeAffinity"]
_SPREAD = WEIGHTS["PodTopologySpread"]
_PODS = WEIGHTS["InterPodAffinity"]
_IMAGES = WEIGHTS["ImageLocality"]


class NodeGroup(Protocol):
    """The facts that alike nodes share."""

    @property
    def merits(self) -> Merits:
        """What the nodes are by themselves."""

    @property
    def domains(self) -> tuple[int, ...]:
        """The nodes' domain in each topology that rules read."""

    @property
    def counts(self) -> tuple[int, ...]:
        """The nodes' number from each source that rules read."""


class GroupScorer:
    """Scores groups the way the plugins score nodes: normalised over the feasible ones."""

    def __init__(self, shape: PodShape, surroundings: Surroundings) -> None:
        self._shape = shape
        self._surroundings = surroundings
        rules = shape.rules
        self._rules = rules.soft_spread
        self._own = [int(shape.is_selected_by(rule.pods)) for rule in rules.hard_spread]
        self._is_own_company = all(shape.is_selected_by(rule.pods) for rule in rules.affinity)
        self._preferences = surroundings.preferred + surroundings.attracted
        self._leaves_nodes_out = False
        self._leaves_keys_out = False
        self._has_merits = False

    def meet(self, merits: Merits) -> None:
        """Learn what groups there are, so that what no node has is not asked again and again."""
        self._leaves_nodes_out = self._leaves_nodes_out or not merits.is_spread
        self._leaves_keys_out = self._leaves_keys_out or not all(merits.has_keys)
        self._has_merits = self._has_merits or bool(merits.taints or merits.points or merits.image)

    def scores(self, groups: Sequence[NodeGroup], feasible: Sequence[int]) -> list[int] | None:
        """Return what each group adds to its nodes' keys, None where it makes no difference.

        `feasible` is the number of nodes of each group with room for the pod; groups without any
        get 0, groups that may not be used `REFUSED`.
        """
        points = [0] * len(groups)
        live = [index for index, count in enumerate(feasible) if count]
        admitted = self._admitted(groups, live) if self._surroundings.is_hard else live
        if len(admitted) != len(live):
            for index in live:
                points[index] = REFUSED
            for index in admitted:
                points[index] = 0
        elif len(live) < 2:
            return None
        if len(admitted) > 1:
            if self._has_merits:
                self._score_merits(groups, admitted, points)
            if self._surroundings.soft_spread:
                self._score_spread(groups, admitted, feasible, points)
            if self._preferences:
                self._score_pods(groups, admitted, points)
            for index in admitted:
                points[index] <<= PRECEDENCE_BITS
        return points

    def _admitted(self, groups: Sequence[NodeGroup], live: Sequence[int]) -> list[int]:
        """Return the groups that no other pod forbids."""
        seen = self._surroundings
        limits = [
            (reading, rule.max_skew - own + reading.lowest(rule.min_domains))
            for rule, own, reading in zip(
                self._shape.rules.hard_spread, self._own, seen.hard_spread, strict=True
            )
        ]
        limits += [(reading, 0) for reading in (*seen.away, *seen.kept_away)]
        near: Sequence[Reading] = seen.near
        if self._is_own_company and not any(reading.total for reading in near):
            near = ()  # the first of a group that wants its own company may go anywhere
        admitted: list[int] = []
        for index in live:
            group = groups[index]
            domains, counts = group.domains, group.counts
            if (
                not group.merits.lacks_required_key
                and all(reading.value(domains, counts) <= limit for reading, limit in limits)
                and all(reading.value(domains, counts) > 0 for reading in near)
            ):
                admitted.append(index)
        return admitted

    def _score_merits(
        self, groups: Sequence[NodeGroup], admitted: Sequence[int], points: list[int]
    ) -> None:
        merits = [groups[index].merits for index in admitted]
        most_taints = max(merit.taints for merit in merits)
        most_points = max(merit.points for merit in merits)
        for index, merit in zip(admitted, merits, strict=True):
            points[index] += (
                _TAINTS * taint_score(merit.taints, most_taints)
                + _AFFINITY * affinity_score(merit.points, most_points)
                + _IMAGES * merit.image
            )

    def _score_spread(
        self,
        groups: Sequence[NodeGroup],
        admitted: Sequence[int],
        feasible: Sequence[int],
        points: list[int],
    ) -> None:
        if self._leaves_nodes_out:
            admitted = [index for index in admitted if groups[index].merits.is_spread]
            if not admitted:
                return
        chosen = [groups[index] for index in admitted]
        scores: list[float] = []
        # Rule by rule, so that every group's score is summed in the order of the rules, as doubles.
        readings = self._surroundings.soft_spread
        for number, (rule, reading) in enumerate(zip(self._rules, readings, strict=True)):
            place, slack = reading.place, rule.max_skew - 1
            if reading.by_domain:
                domains = [group.domains[place] for group in chosen]
                weight = spread.domain_weight(len({*domains}))
                values = reading.domain_values
                terms = [values[domain] * weight + slack for domain in domains]
            else:
                weight = spread.domain_weight(sum([feasible[index] for index in admitted]))
                terms = [group.counts[place] * weight + slack for group in chosen]
            if self._leaves_keys_out:
                for place, group in enumerate(chosen):
                    if not group.merits.has_keys[number]:
                        terms[place] = 0.0
            scores = list(map(add, scores, terms)) if scores else terms
        raw = list(map(spread.rounded, scores))
        low, high = min(raw), max(raw)
        for index, value in zip(admitted, raw, strict=True):
            points[index] += _SPREAD * spread.normalized(value, low, high)

    def _score_pods(
        self, groups: Sequence[NodeGroup], admitted: Sequence[int], points: list[int]
    ) -> None:
        raw: list[int] = []
        for index in admitted:
            domains, counts = groups[index].domains, groups[index].counts
            raw.append(sum([w * r.value(domains, counts) for w, r in self._preferences]))
        low, high = min(raw), max(raw)
        for index, value in zip(admitted, raw, strict=True):
            points[index] += _PODS * pod_affinity.normalized(value, low, high)
