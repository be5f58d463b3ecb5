"""Which groups of alike nodes may host a pod, and what they are worth beside their resources."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from kingtide.controlplane.scheduling.alike_group import Group
from kingtide.controlplane.scheduling.contest import Contest
from kingtide.controlplane.scheduling.node_columns import IntArray
from kingtide.controlplane.scheduling.scores import REFUSED
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.surroundings import Reading, Surroundings

_KEPT_FIELDS = _KEPT_CONTESTS = 64
"""How many sets of competing groups are remembered; a few alternate while pods are placed."""


class Field(msgspec.Struct, gc=False):
    """The groups with room for a pod; `contest` None where other pods may still forbid some."""

    live: tuple[int, ...]
    contest: Contest | None = None


class GroupScorer:
    """Scores groups the way the plugins score nodes: normalised over the feasible ones."""

    def __init__(self, shape: PodShape, surroundings: Surroundings, groups: list[Group]) -> None:
        self._shape = shape
        self._groups = groups
        self._surroundings = surroundings
        rules = shape.rules
        self._own = [int(shape.is_selected_by(rule.pods)) for rule in rules.hard_spread]
        self._is_own_company = all(shape.is_selected_by(rule.pods) for rule in rules.affinity)
        self._fields: dict[tuple[int, ...], Field] = {}
        self._points: IntArray = np.zeros(0, dtype=np.int64)
        self._cells = self._points.data
        self._contests: dict[tuple[int, ...], Contest] = {}

    def field(self, feasible: Sequence[int]) -> Field:
        """Return the groups with a node with room, as long as they are the same.

        `feasible` is the number of nodes of each group with room for the pod.
        """
        live = tuple([index for index, count in enumerate(feasible) if count])
        field = self._fields.get(live)
        if field is None:
            if len(self._fields) >= _KEPT_FIELDS:
                self._fields.clear()
            field = self._fields[live] = Field(live)
            if len(live) > 1 and not self._surroundings.is_hard:
                field.contest = self._contest(live, self._groups)
        return field

    def scores(self, feasible: Sequence[int], field: Field | None = None) -> IntArray | None:
        """Return what each group adds to its nodes' keys, None where it makes no difference.

        `field` is what `field` returns for `feasible`, None to ask for it. Groups without room get
        any number below `REFUSED`'s reach, groups that may not be used `REFUSED`. The array is good
        until the next call.
        """
        if field is None:
            field = self.field(feasible)
        contest, admitted = field.contest, field.live
        if contest is None and self._surroundings.is_hard:
            admitted = tuple(self._admitted(self._groups, admitted))
            contest = self._contest(admitted, self._groups) if len(admitted) > 1 else None
        if len(self._points) < len(self._groups):
            self._points = np.zeros(2 * len(self._groups), dtype=np.int64)
            self._cells = self._points.data
        cells = self._cells
        if len(admitted) < len(field.live):
            for index in field.live:
                cells[index] = REFUSED
            for index in admitted:
                cells[index] = 0
        elif contest is None:
            return None
        if contest is not None:
            for index, points in zip(admitted, contest.points(feasible), strict=True):
                cells[index] = points
        return self._points

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
