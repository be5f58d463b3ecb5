"""Which groups of alike nodes may host a pod, and what they are worth beside their resources."""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.controlplane.scheduling.alike_group import Group
from kingtide.controlplane.scheduling.contest import Contest
from kingtide.controlplane.scheduling.scores import REFUSED
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.surroundings import Reading, Surroundings

_KEPT_CONTESTS = 64
"""How many sets of competing groups are remembered; a few alternate while pods are placed."""


class GroupScorer:
    """Scores groups the way the plugins score nodes: normalised over the feasible ones."""

    def __init__(self, shape: PodShape, surroundings: Surroundings) -> None:
        self._shape = shape
        self._surroundings = surroundings
        rules = shape.rules
        self._own = [int(shape.is_selected_by(rule.pods)) for rule in rules.hard_spread]
        self._is_own_company = all(shape.is_selected_by(rule.pods) for rule in rules.affinity)
        self._contests: dict[tuple[int, ...], Contest] = {}

    def scores(self, groups: Sequence[Group], feasible: Sequence[int]) -> list[int] | None:
        """Return what each group adds to its nodes' keys, None where it makes no difference.

        `feasible` is the number of nodes of each group with room for the pod; groups without any
        get 0, groups that may not be used `REFUSED`.
        """
        live = [index for index, count in enumerate(feasible) if count]
        result = [0] * len(groups)
        admitted = live
        if self._surroundings.is_hard:
            admitted = self._admitted(groups, live)
            if len(admitted) < len(live):
                for index in live:
                    result[index] = REFUSED
                for index in admitted:
                    result[index] = 0
        if len(admitted) > 1:
            contest = self._contest(tuple(admitted), groups)
            for index, points in zip(admitted, contest.points(feasible), strict=True):
                result[index] = points
        elif len(admitted) == len(live):
            return None
        return result

    def _contest(self, indexes: tuple[int, ...], groups: Sequence[Group]) -> Contest:
        contest = self._contests.get(indexes)
        if contest is None:
            if len(self._contests) >= _KEPT_CONTESTS:
                self._contests.clear()
            contest = Contest(self._shape, self._surroundings, indexes, groups)
            self._contests[indexes] = contest
        return contest

    def _admitted(self, groups: Sequence[Group], live: Sequence[int]) -> list[int]:
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
