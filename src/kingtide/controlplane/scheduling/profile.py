"""The default profile from scratch: every filter, every score, for one pod on all nodes.

`placement` gives the same answers incrementally; this is what it is measured against, and what
explains a choice plugin by plugin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kingtide.controlplane.scheduling.filters import Filters
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.nominations import Nominations
from kingtide.controlplane.scheduling.pod_affinity import affinity_scores
from kingtide.controlplane.scheduling.preferences import (
    affinity_points,
    affinity_score,
    avoidable_taints,
    image_score,
    taint_score,
)
from kingtide.controlplane.scheduling.refusal import Refusal
from kingtide.controlplane.scheduling.sampling import NodeSampling
from kingtide.controlplane.scheduling.scores import (
    balanced_allocation,
    is_best_effort,
    least_allocated,
)
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.spread import spread_scores

WEIGHTS = {
    "TaintToleration": 3,
    "NodeAffinity": 2,
    "PodTopologySpread": 2,
    "InterPodAffinity": 2,
    "NodeResourcesFit": 1,
    "NodeResourcesBalancedAllocation": 1,
    "ImageLocality": 1,
}
"""Source: pkg/scheduler/apis/config/v1/default_plugins.go (v1.36)."""


def refusals(
    table: NodeTable, shape: PodShape, nominations: Nominations | None = None
) -> dict[int, Refusal | None]:
    """Return each row's refusal, None where the pod fits, in the order of the node list."""
    filters = Filters(shape, table)
    return {
        row: filters.refusal_with(
            filters.load(row), () if nominations is None else nominations.reserved(shape, row)
        )
        for row in table.rows()
    }


def feasible_rows(
    table: NodeTable, shape: PodShape, nominations: Nominations | None = None
) -> list[int]:
    """Return the rows that can host a pod, first of the node list first."""
    return [row for row, refusal in refusals(table, shape, nominations).items() if refusal is None]


def plugin_scores(
    table: NodeTable, shape: PodShape, rows: Sequence[int]
) -> dict[int, Mapping[str, int]]:
    """Return each feasible row's weighted score by plugin; one with nothing to say is absent."""
    found: dict[str, Mapping[int, int] | None] = {
        "TaintToleration": _taint_scores(table, shape, rows),
        "NodeAffinity": _node_affinity_scores(table, shape, rows),
        "PodTopologySpread": spread_scores(shape, table, rows),
        "InterPodAffinity": affinity_scores(shape, table, rows),
        "NodeResourcesFit": {row: least_allocated(shape, table, row) for row in rows},
        "NodeResourcesBalancedAllocation": None
        if is_best_effort(shape)
        else {row: balanced_allocation(shape, table, row) for row in rows},
        "ImageLocality": {
            row: image_score(shape, table.node_at(row), table.image_holders, len(table))
            for row in rows
        },
    }
    return {
        row: {name: WEIGHTS[name] * s[row] for name, s in found.items() if s is not None}
        for row in rows
    }


def pick(
    table: NodeTable,
    shape: PodShape,
    nominations: Nominations | None = None,
    sampling: NodeSampling | None = None,
) -> int:
    """Return the row of the node that gets the pod, -1 when none can host it.

    `sampling` None looks at all nodes.
    """
    rows = feasible_rows(table, shape, nominations)
    if sampling is not None and sampling.is_cutting(len(table)):
        is_feasible = np.zeros(table.capacity, dtype=np.bool_)
        is_feasible[rows] = True
        order = np.array(table.rows(), dtype=np.int64)
        rows = sampling.sample(order, is_feasible).tolist()
    if len(rows) <= 1:
        return rows[0] if rows else -1
    scores = plugin_scores(table, shape, rows)
    # max keeps the first of equals: the tie-break of kube-scheduler.
    return max(rows, key=lambda row: sum(scores[row].values()))


def _taint_scores(table: NodeTable, shape: PodShape, rows: Sequence[int]) -> Mapping[int, int]:
    counts = {row: avoidable_taints(shape, table.node_at(row)) for row in rows}
    most = max(counts.values(), default=0)
    return {row: taint_score(count, most) for row, count in counts.items()}


def _node_affinity_scores(
    table: NodeTable, shape: PodShape, rows: Sequence[int]
) -> Mapping[int, int] | None:
    if not shape.spec.preferred_node_affinity:
        return None
    points = {row: affinity_points(shape, table.node_at(row)) for row in rows}
    most = max(points.values(), default=0)
    return {row: affinity_score(found, most) for row, found in points.items()}
