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
    BALANCE_BASE,
    CHANGED_BY_POD,
    DIVISOR,
    FREE,
    MISBALANCE,
    NUMERATOR,
    PRECEDENCE,
    BoolArray,
    FloatArray,
    IntArray,
)
from kingtide.controlplane.scheduling.node_order import PRECEDENCE_BITS
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.shape import PodShape

REFUSED = -(1 << 62)
"""The key of a node that cannot host the pod: no sum of scores brings it above zero."""

NOT_ASKED = -(1 << 60)
"""What stands for the request of a resource that a pod does not ask for: any node has that much."""


def least_allocated(shape: PodShape, table: NodeTable, row: int) -> int:
    """Return the mean percentage of CPU and memory that stays free with the pod, 0 to 100.

    Used amounts count the defaults of containers that request nothing. What a node does not offer
    is left out.
    """
    score, weights = 0, 0
    cpu, memory = table.cpu_allocatable_cells[row], table.memory_allocatable_cells[row]
    if cpu > 0:
        left = table.cpu_spare_percent_cells[row] - 100 * shape.nonzero_cpu_millicores
        score = left // cpu if left > 0 else 0
        weights = 1
    if memory > 0:
        left = table.memory_spare_percent_cells[row] - 100 * shape.nonzero_memory_bytes
        if left > 0:
            score += left // memory
        weights += 1
    return score // weights if weights else 0


def balanced_allocation(shape: PodShape, table: NodeTable, row: int) -> int:
    """Return how much the pod evens out a node's CPU and memory, 0 to 100.

    75 is no change; a shape without requests gets 0 everywhere.
    """
    if not (shape.cpu_millicores or shape.memory_bytes):
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


def resource_score(shape: PodShape, table: NodeTable, row: int) -> int:
    """Return the sum of the two resource scores of one node."""
    return least_allocated(shape, table, row) + balanced_allocation(shape, table, row)


def is_best_effort(shape: PodShape) -> bool:
    """Return whether a shape requests neither CPU nor memory; it is then not scored for balance."""
    return shape.cpu_millicores == 0 and shape.memory_bytes == 0


class ShapeAmounts:
    """A shape's amounts as columns that broadcast over nodes.

    `required` is what must be free; `change` is added to the lines that a pod changes: what it
    takes from the free amounts (nothing counts as lacking of what it does not ask for), adds to the
    requested ones and takes from the spare ones.
    """

    __slots__ = ("balanced", "change", "may_exceed", "required")

    def __init__(self, shape: PodShape) -> None:
        cpu, memory = shape.cpu_millicores, shape.memory_bytes
        storage = shape.requests.ephemeral_storage_bytes
        column = [
            -(storage or NOT_ASKED),
            -1,
            -(cpu or NOT_ASKED),
            -(memory or NOT_ASKED),
            cpu,
            memory,
            -100 * shape.nonzero_cpu_millicores,
            -100 * shape.nonzero_memory_bytes,
        ]
        self.change: IntArray = np.array(column, dtype=np.int64).reshape(8, 1)
        self.required: IntArray = -self.change[FREE]
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
    free = block[FREE]
    if reserved is not None:
        free = free - reserved
    short: BoolArray = free < amounts.required
    return short


def resource_keys(
    amounts: ShapeAmounts, block: IntArray, reserved: IntArray | None = None
) -> IntArray:
    """Return score and precedence of each node of a block as one sortable key.

    `REFUSED` where the pod has no room, or none but what is `reserved` for nominated pods. `block`
    holds the lines of `NodeTable.matrix` for the nodes asked about.
    """
    left = block[CHANGED_BY_POD] + amounts.change
    if reserved is not None:
        left[FREE] -= reserved
    # A sum of bits is negative where one of the amounts is.
    lacking = np.bitwise_or.reduce(left[FREE], axis=0)
    spare = left[6:8]
    np.maximum(spare, 0, out=spare)
    fractions = left[NUMERATOR] / block[DIVISOR]
    if amounts.balanced:
        key = _least_and_balanced(fractions, block[MISBALANCE], may_exceed=amounts.may_exceed)
    else:
        percent = fractions[2:].astype(np.int64)
        key = percent[0]
        key += percent[1]
        key >>= 1
    key <<= PRECEDENCE_BITS
    key |= block[PRECEDENCE]
    np.putmask(key, lacking < 0, REFUSED)
    return key


def _least_and_balanced(
    fractions: FloatArray, misbalance: IntArray, *, may_exceed: bool
) -> IntArray:
    """Return both scores added up; `fractions` (half requested, spare percent) is used up.

    Half a fraction is as exact as the fraction, so that their difference is what
    `balance_percent` halves.
    """
    half, balance = fractions[0], fractions[1]
    if may_exceed:
        np.minimum(fractions[:2], 0.5, out=fractions[:2])
    np.subtract(half, balance, out=balance)
    np.abs(balance, out=balance)
    np.subtract(1.0, balance, out=balance)
    balance *= 100.0
    points = fractions[1:].astype(np.int64)
    points[0] += misbalance
    points[1] += points[2]
    both = points[:2]
    both >>= 1
    key: IntArray = both[0]
    key += both[1]
    return key
