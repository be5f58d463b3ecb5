"""What a node is worth to a pod for its resources: LeastAllocated plus BalancedAllocation.

The scalar functions say what is computed; `resource_keys` computes the same for many nodes at once.
LeastAllocated divides integers in kube-scheduler; doubles give the same percentage here, because a
numerator below 2^53 and a divisor up to 2^46 keep every quotient further from an integer than a
double's rounding.
Source: pkg/scheduler/framework/plugins/noderesources/{least_allocated,balanced_allocation}.go
(v1.36).
"""

from __future__ import annotations

import numpy as np

from kingtide.controlplane.scheduling.balance import balance_percent
from kingtide.controlplane.scheduling.fits import (
    INSUFFICIENT_CPU,
    INSUFFICIENT_EPHEMERAL_STORAGE,
    INSUFFICIENT_MEMORY,
    TOO_MANY_PODS,
)
from kingtide.controlplane.scheduling.node_columns import (
    ALLOCATABLE,
    BALANCE_BASE,
    DIVISOR,
    MISBALANCE,
    NUMERATOR,
    PRECEDENCE,
    REQUESTED,
    BoolArray,
    IntArray,
)
from kingtide.controlplane.scheduling.node_order import PRECEDENCE_BITS
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.shape import PodShape

REFUSED = -(1 << 62)
"""The key of a node that cannot host the pod: no sum of scores brings it above zero."""

NOT_ASKED = -(1 << 60)
"""What stands for the request of a resource that a pod does not ask for: any node has that much."""


def least_allocated(
    shape: PodShape, cpu_allocatable: int, memory_allocatable: int, cpu_used: int, memory_used: int
) -> int:
    """Return the mean percentage of CPU and memory that stays free with the pod, 0 to 100.

    Used amounts count the defaults of containers that request nothing. What a node does not offer
    is left out.
    """
    score, weights = 0, 0
    if cpu_allocatable > 0:
        left = cpu_allocatable - cpu_used - shape.nonzero_cpu_millicores
        score += max(0, left) * 100 // cpu_allocatable
        weights += 1
    if memory_allocatable > 0:
        left = memory_allocatable - memory_used - shape.nonzero_memory_bytes
        score += max(0, left) * 100 // memory_allocatable
        weights += 1
    return score // weights if weights else 0


def balanced_allocation(shape: PodShape, table: NodeTable, row: int) -> int:
    """Return how much the pod evens out a node's CPU and memory, 0 to 100.

    75 is no change; a shape without requests gets 0 everywhere.
    """
    if is_best_effort(shape):
        return 0
    with_pod = balance_percent(
        table.cpu_requested_cells[row] + shape.cpu_millicores,
        table.cpu_allocatable_cells[row],
        table.memory_requested_cells[row] + shape.memory_bytes,
        table.memory_allocatable_cells[row],
    )
    balance = BALANCE_BASE - table.misbalance_cells[row]
    # Never negative, so Go's division and Python's agree.
    return 50 + (50 + with_pod - balance) // 2


def least_allocated_on(shape: PodShape, table: NodeTable, row: int) -> int:
    """Return `least_allocated` of one node."""
    return least_allocated(
        shape,
        table.cpu_allocatable_cells[row],
        table.memory_allocatable_cells[row],
        table.nonzero_cpu_cells[row],
        table.nonzero_memory_cells[row],
    )


def resource_score(shape: PodShape, table: NodeTable, row: int) -> int:
    """Return the sum of the two resource scores of one node."""
    return least_allocated_on(shape, table, row) + balanced_allocation(shape, table, row)


def is_best_effort(shape: PodShape) -> bool:
    """Return whether a shape requests neither CPU nor memory; it is then not scored for balance."""
    return shape.cpu_millicores == 0 and shape.memory_bytes == 0


class ShapeAmounts:
    """A shape's amounts as columns that broadcast over nodes."""

    __slots__ = ("added", "balanced", "may_exceed", "required")

    def __init__(self, shape: PodShape) -> None:
        wanted = shape.requests
        cpu, memory = shape.cpu_millicores, shape.memory_bytes
        columns: IntArray = np.array(
            [
                [wanted.ephemeral_storage_bytes or NOT_ASKED],
                [1],
                [cpu or NOT_ASKED],
                [memory or NOT_ASKED],
                [cpu],
                [memory],
                [-100 * shape.nonzero_cpu_millicores],
                [-100 * shape.nonzero_memory_bytes],
            ],
            dtype=np.int64,
        )
        self.required = columns[0:4]
        self.added = columns[4:8]
        self.balanced = not is_best_effort(shape)
        # Where a pod asks for both and fits, no more than all of either is requested.
        self.may_exceed = not (cpu and memory)


SHORTAGE_REASONS = (
    INSUFFICIENT_EPHEMERAL_STORAGE,
    TOO_MANY_PODS,
    INSUFFICIENT_CPU,
    INSUFFICIENT_MEMORY,
)
"""What a node lacks, by line of `shortages`."""


def shortages(
    amounts: ShapeAmounts, block: IntArray, reserved: IntArray | None = None
) -> BoolArray:
    """Return per resource and node of a block whether the node has too little left.

    `reserved` is what is to be left free for nominated pods.
    """
    free = block[ALLOCATABLE] - block[REQUESTED]
    if reserved is not None:
        free -= reserved
    short: BoolArray = free < amounts.required
    return short


def resource_keys(
    amounts: ShapeAmounts, block: IntArray, reserved: IntArray | None = None
) -> IntArray:
    """Return score and precedence of each node of a block as one sortable key.

    `REFUSED` where the pod has no room, or none but what is `reserved` for nominated pods. `block`
    holds the lines of `NodeTable.matrix` for the nodes asked about.
    """
    free = block[ALLOCATABLE] - block[REQUESTED]
    if reserved is not None:
        free -= reserved
    has_room = (free >= amounts.required).all(axis=0)
    # Requested CPU and memory with the pod, and a hundred times what it leaves of both.
    amount = block[NUMERATOR] + amounts.added
    np.maximum(amount, 0, out=amount)
    fractions = amount / block[DIVISOR]
    percent = fractions[2:].astype(np.int64)
    key: IntArray = percent[0]
    key += percent[1]
    key >>= 1
    if amounts.balanced:
        if amounts.may_exceed:
            np.minimum(fractions, 1.0, out=fractions)
        spread = fractions[0]
        spread -= fractions[1]
        np.abs(spread, out=spread)
        spread *= -0.5
        spread += 1.0
        spread *= 100.0
        change = spread.astype(np.int64)
        change += block[MISBALANCE]
        change >>= 1
        key += change
    key <<= PRECEDENCE_BITS
    key |= block[PRECEDENCE]
    keys: IntArray = np.where(has_room, key, REFUSED)
    return keys
