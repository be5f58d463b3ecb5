"""Counting why every node refuses a pod."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.controlplane.scheduling.failure import FitFailure
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.nominations import Nominations
from kingtide.controlplane.scheduling.profile import refusals
from kingtide.controlplane.scheduling.shape import PodShape


def diagnosed(table: NodeTable, shape: PodShape, nominations: Nominations) -> FitFailure:
    """Return why each node refuses a pod, counted by reason, asked node by node."""
    found = refusals(table, shape, nominations).values()
    return FitFailure(
        node_count=len(table),
        reasons=counted(reason for refusal in found if refusal for reason in refusal.reasons),
    )


def counted(reasons: Iterable[str]) -> dict[str, int]:
    """Return how often each reason occurs, in the order of first occurrence."""
    counts: dict[str, int] = {}
    for reason in reasons:
        counts[reason] = counts.get(reason, 0) + 1
    return counts
