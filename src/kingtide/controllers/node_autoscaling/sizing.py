"""How many nodes each group gains or gives up.

Source:
https://github.com/kubernetes-sigs/cluster-autoscaler/blob/33c3f97b/pkg/processors/nodegroupset/balancing_processor.go
and pkg/core/scaledown/unneeded/nodes.go of the same commit.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import msgspec


class SizedGroup(msgspec.Struct, frozen=True, gc=False):
    """A group with the size it wants now and the largest it may have."""

    name: str
    size: int
    max_size: int


def balance(groups: Sequence[SizedGroup], add: int) -> dict[str, int]:
    """Return the new sizes after adding nodes one by one to the smallest group below its maximum.

    Only groups whose size changes are in the result; more nodes than there is room for are left
    out. Among equals the earlier group of the sequence comes first.
    """
    smallest = [(it.size, index) for index, it in enumerate(groups) if it.size < it.max_size]
    heapq.heapify(smallest)
    sizes: dict[str, int] = {}
    for _ in range(add):
        if not smallest:
            break
        size, index = heapq.heappop(smallest)
        group = groups[index]
        sizes[group.name] = size + 1
        if size + 1 < group.max_size:
            heapq.heappush(smallest, (size + 1, index))
    return sizes


class Removal(msgspec.Struct, frozen=True, gc=False):
    """How many nodes of a group may go: empty ones and ones that have to be drained."""

    empty: int
    drain: int


def removal_budget(
    empty: int, drain: int, min_size: int, target_size: int, deletions_in_progress: int
) -> Removal:
    """Return how many of the removable nodes may go without falling below the minimum.

    Empty ones go first.
    """
    room = max(0, target_size - min_size - deletions_in_progress)
    empty_allowed = min(empty, room)
    return Removal(empty=empty_allowed, drain=min(drain, room - empty_allowed))
