"""Whom a pod of higher priority displaces on one node, and what hurts least.

Source: pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go and
pkg/scheduler/framework/preemption/preemption.go (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kingtide.controlplane.scheduling.budgets import Budgets
from kingtide.controlplane.scheduling.failure import NO_VICTIMS
from kingtide.controlplane.scheduling.filters import Filters
from kingtide.controlplane.scheduling.node_load import NodeLoad
from kingtide.controlplane.scheduling.placed_pod import UNSTARTED, PlacedPod
from kingtide.controlplane.scheduling.refusal import Refusal
from kingtide.controlplane.scheduling.shape import PodShape

PRIORITY_SHIFT = 1 << 31
"""Added to every priority before summing, so that many negative ones are not less harm than few."""

Harm = tuple[int, int, int, int, int]
"""What is compared between nodes, less is better: violated budgets, highest priority, sum of
priorities, number of victims, minus the earliest start among the victims of highest priority."""

NOBODY = Refusal((NO_VICTIMS,))


class Preemption(msgspec.Struct, frozen=True):
    """The node a pod is nominated to and the uids to be evicted there, highest priority first.

    Victims that are terminating already need no eviction. `outranked` are pods of lower priority
    that were nominated to the node and lose that.
    """

    node_name: str
    victims: tuple[str, ...]
    outranked: tuple[str, ...] = ()


class Candidate(msgspec.Struct):
    """A node on which a pod would fit without these victims, highest priority first."""

    row: int
    victims: list[PlacedPod]
    pdb_violations: int

    @property
    def earliest_start(self) -> int:
        """The earliest start among the victims of highest priority, `UNSTARTED` without any."""
        highest = self.victims[0].shape.priority
        return min(
            [
                UNSTARTED if pod.started_ms is None else pod.started_ms
                for pod in self.victims
                if pod.shape.priority == highest
            ]
        )

    def harm(self, now_ms: int) -> Harm:
        """Return what this node costs."""
        highest = self.victims[0].shape.priority
        total = sum([pod.shape.priority + PRIORITY_SHIFT for pod in self.victims])
        earliest = min(self.earliest_start, now_ms)
        return (self.pdb_violations, highest, total, len(self.victims), -earliest)


def potential_victims(pods: Iterable[PlacedPod], priority: int, now_ms: int) -> list[PlacedPod]:
    """Return the pods of lower priority, the most important first: priority, then running time."""
    lower = [pod for pod in pods if pod.shape.priority < priority]
    lower.sort(key=lambda pod: (-pod.shape.priority, pod.started_by(now_ms)))
    return lower


def candidate_on(
    row: int,
    load: NodeLoad,
    filters: Filters,
    nominated: Sequence[PodShape],
    potential: Sequence[PlacedPod],
    budgets: Budgets,
) -> Candidate | Refusal:
    """Return the fewest victims that make room on a node, or why even all of them do not.

    `potential` are the pods of lower priority there, in order of importance. All are removed, then
    as many as possible are spared: first those whose eviction violates a budget, more important
    ones first. `load` is left as it was.
    """
    if not potential:
        return NOBODY
    for pod in potential:
        filters.remove(load, pod.shape)
    refusal = filters.refusal_with(load, nominated)
    if refusal is not None:
        for pod in potential:
            filters.add(load, pod.shape)
        return refusal
    violating, peaceful = budgets.split(potential)
    spared: dict[str, None] = {}
    for pod in (*violating, *peaceful):
        filters.add(load, pod.shape)
        if filters.refusal_with(load, nominated) is None:
            spared[pod.uid] = None
        else:
            filters.remove(load, pod.shape)
    victims = [pod for pod in potential if pod.uid not in spared]
    for pod in victims:
        filters.add(load, pod.shape)
    violations = sum(pod.uid not in spared for pod in violating)
    return Candidate(row, victims, violations) if victims else NOBODY
