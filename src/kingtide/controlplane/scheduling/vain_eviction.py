"""What a search for victims that found none says about every node, counted by reason.

Two ways with one result: for a pod that only resources stand against, and from what a search node
by node found.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kingtide.controlplane.scheduling.diagnosis import counted
from kingtide.controlplane.scheduling.evictable import Evictable
from kingtide.controlplane.scheduling.failure import NO_VICTIMS, NOT_HELPFUL
from kingtide.controlplane.scheduling.node_columns import (
    ALLOCATABLE,
    FREE,
    PODS_LINE,
    BoolArray,
    IntArray,
)
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.nominations import Nominations
from kingtide.controlplane.scheduling.preemption import Candidate
from kingtide.controlplane.scheduling.refusal import Refusal
from kingtide.controlplane.scheduling.scores import SHORTAGE_REASONS, ShapeAmounts
from kingtide.controlplane.scheduling.shape import PodShape


def vain_eviction(
    shape: PodShape,
    table: NodeTable,
    evictable: Evictable,
    nominations: Nominations,
    allowed: BoolArray,
) -> dict[str, int]:
    """Return how many nodes a preemption is vain on, by reason; `allowed` are rows for the pod.

    Not helpful is eviction where the pod may not run, or asks for more than the whole node has. On
    other nodes there is nobody of lower priority, or something is lacking even without them.
    """
    required = ShapeAmounts(shape).required
    allocatable: IntArray = table.matrix[ALLOCATABLE]
    too_large = allocatable < required
    too_large[PODS_LINE] = False  # a lack of places for pods counts as one that eviction may end
    helpful = allowed & ~too_large.any(axis=0)
    evicted = np.zeros_like(allocatable)
    for level in evictable.below(shape.priority):
        evicted += level.amounts
    free = table.matrix[FREE] + evicted
    reserved = nominations.reserved_sums(shape)
    if reserved is not None:
        free -= reserved
    has_victims = helpful & (evicted[PODS_LINE] > 0)
    lacking = (free < required) & has_victims
    helpful_count = int(np.count_nonzero(helpful))
    counts = {
        NOT_HELPFUL: len(table) - helpful_count,
        NO_VICTIMS: helpful_count - int(np.count_nonzero(has_victims)),
    }
    for reason, line in zip(SHORTAGE_REASONS, lacking, strict=True):
        counts[reason] = int(np.count_nonzero(line))
    return {reason: count for reason, count in counts.items() if count}


def vain_outcomes(outcomes: Iterable[Candidate | Refusal | None]) -> dict[str, int]:
    """Return the same from what was found on every node; see `VictimSearch.outcomes`."""
    return counted(
        reason
        for outcome in outcomes
        if not isinstance(outcome, Candidate)
        for reason in ((NOT_HELPFUL,) if outcome is None else outcome.reasons)
    )
