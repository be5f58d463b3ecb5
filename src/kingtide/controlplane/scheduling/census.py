"""Which shapes run where: how many pods of each shape every node row has.

Rules about other pods are counted from here. A `Tally` follows one such question as pods come and
go; which shapes count for it is asked once a shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from kingtide.controlplane.scheduling.pod_rules import AffinityRule, WeightedAffinityRule
from kingtide.controlplane.scheduling.shape import PodShape, ShapeTable


class Follower(Protocol):
    """Someone who counts pods by row."""

    def weight_of(self, shape: PodShape) -> int:
        """Return how much one pod of a shape counts, 0 where it does not matter.

        Equal for all shapes of one kind.
        """

    @property
    def living_only(self) -> bool:
        """Whether terminating pods do not count."""

    def change(self, row: int, amount: int) -> None:
        """Take over that a row's count changed."""

    def grow(self, capacity: int) -> None:
        """Make room for rows up to a capacity."""


class Census:
    """Pods by row and shape, living and terminating apart."""

    def __init__(self, shapes: ShapeTable) -> None:
        self._shapes = shapes
        self._living: list[dict[int, int]] = []
        self._terminating: list[dict[int, int]] = []
        self._followers: list[Follower] = []
        self._concerned: dict[int, list[tuple[Follower, int, bool]]] = {}  # by kind
        self._first_of_kind: dict[int, PodShape] = {}
        self.anti_affinities: dict[AffinityRule, None] = {}
        """Every required anti-affinity that some placed pod has, or had."""
        self.attractions: dict[WeightedAffinityRule, None] = {}
        """Every preference and required affinity that some placed pod has, or had."""
        self.rule_count = 0
        """How many of both there are."""

    def grow(self, capacity: int) -> None:
        """Make room for rows up to a capacity."""
        missing = capacity - len(self._living)
        self._living.extend({} for _ in range(missing))
        self._terminating.extend({} for _ in range(missing))
        for follower in self._followers:
            follower.grow(capacity)

    def living_at(self, row: int) -> Mapping[int, int]:
        """Return the number of pods that are not terminating, by shape index."""
        return self._living[row]

    def shapes_at(self, row: int) -> Iterator[tuple[PodShape, int]]:
        """Return the shapes on a row with their number of pods; one may come twice."""
        shapes = self._shapes
        for counts in (self._living[row], self._terminating[row]):
            for index, count in counts.items():
                yield shapes[index], count

    def add(self, row: int, shape: PodShape) -> None:
        """Count a pod."""
        index = shape.index
        counts = self._living[row]
        counts[index] = counts.get(index, 0) + 1
        concerned = self._concerned.get(shape.kind)
        if concerned is None:
            concerned = self._meet(shape)
        for follower, weight, _ in concerned:
            follower.change(row, weight)

    def take(self, row: int, shape: PodShape, *, terminating: bool) -> None:
        """Count a pod no longer."""
        counts = (self._terminating if terminating else self._living)[row]
        _decrease(counts, shape.index)
        for follower, weight, living_only in self._concerned[shape.kind]:
            if not (terminating and living_only):
                follower.change(row, -weight)

    def terminate(self, row: int, shape: PodShape) -> None:
        """Count a living pod as terminating."""
        index = shape.index
        _decrease(self._living[row], index)
        counts = self._terminating[row]
        counts[index] = counts.get(index, 0) + 1
        for follower, weight, living_only in self._concerned[shape.kind]:
            if living_only:
                follower.change(row, -weight)

    def clear(self, row: int) -> None:
        """Count nothing on a row any more."""
        for terminating, counts in ((False, self._living[row]), (True, self._terminating[row])):
            for index, count in list(counts.items()):
                for _ in range(count):
                    self.take(row, self._shapes[index], terminating=terminating)

    def follow(self, follower: Follower) -> None:
        """Tell a follower of every pod there is and will be."""
        self._followers.append(follower)
        follower.grow(len(self._living))
        weights: dict[int, int] = {}
        for kind, concerned in self._concerned.items():
            weight = _concern(concerned, follower, self._first_of_kind[kind])
            if weight:
                weights[kind] = weight
        if not weights:
            return
        shapes = self._shapes
        for row, counts in enumerate(self._living):
            for source in (counts,) if follower.living_only else (counts, self._terminating[row]):
                for index, count in source.items():
                    weight = weights.get(shapes[index].kind, 0)
                    if weight:
                        follower.change(row, weight * count)

    def forget_followers(self) -> None:
        """Tell nobody any more."""
        self._followers.clear()
        for concerned in self._concerned.values():
            concerned.clear()

    def _meet(self, shape: PodShape) -> list[tuple[Follower, int, bool]]:
        """Learn a kind of pod that is placed for the first time."""
        for rule in shape.rules.anti_affinity:
            self.anti_affinities[rule] = None
        for preference in shape.rules.attraction:
            self.attractions[preference] = None
        self.rule_count = len(self.anti_affinities) + len(self.attractions)
        concerned: list[tuple[Follower, int, bool]] = []
        for follower in self._followers:
            _concern(concerned, follower, shape)
        self._concerned[shape.kind] = concerned
        self._first_of_kind[shape.kind] = shape
        return concerned


def _concern(
    concerned: list[tuple[Follower, int, bool]], follower: Follower, shape: PodShape
) -> int:
    """Note what a pod of a kind counts for a follower, if anything, and return it."""
    weight = follower.weight_of(shape)
    if weight:
        concerned.append((follower, weight, follower.living_only))
    return weight


def _decrease(counts: dict[int, int], index: int) -> None:
    left = counts[index] - 1
    if left:
        counts[index] = left
    else:
        del counts[index]
