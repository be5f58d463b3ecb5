"""Packing pods that mind other pods: node by node, pod by pod, each asked for its company.

The others follow in runs of equal nodes (`binpacking`), on what these leave.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kingtide.control.company import Company
from kingtide.controllers.node_autoscaling.binpacking import (
    Packing,
    Run,
    by_size,
    copies,
    less,
    pack,
)
from kingtide.controllers.node_autoscaling.demand import Demand
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.kube.nodes import Node
from kingtide.kube.resources import Resources


def minding(demands: Sequence[Demand], counts: Sequence[int], company: Company) -> list[int]:
    """Return the places of the demands with pods to place that mind other pods."""
    return [
        place
        for place, demand in enumerate(demands)
        if counts[place] and company.minds(demand.shape)
    ]


def pack_carefully(
    demands: Sequence[Demand],
    counts: Sequence[int],
    there: Sequence[Node],
    to_come: Iterator[Node],
    empty: Resources,
    max_new_nodes: int,
    company: Company,
) -> Packing:
    """Place pods on nodes that are (`there`, empty so far) or will be, as `pack` does.

    What is placed is noted in the company.
    """
    places = minding(demands, counts, company)
    shelf = _Shelf(there, to_come, empty, max_new_nodes, company)
    placed = [0] * len(demands)
    for place, demand in by_size(demands, empty):
        if place in places:
            placed[place] = shelf.put(demand.shape, counts[place])
    rest = [0 if place in places else count for place, count in enumerate(counts)]
    runs, left = shelf.runs(len(there))
    packing = pack(demands, rest, runs, empty, left)
    return Packing(packing.runs, tuple(a + b for a, b in zip(placed, packing.placed, strict=True)))


class _Shelf:
    """Nodes opened one after the other as pods need them."""

    def __init__(
        self,
        there: Sequence[Node],
        to_come: Iterator[Node],
        empty: Resources,
        max_new_nodes: int,
        company: Company,
    ) -> None:
        self._nodes = list(there)
        self._free = [empty] * len(self._nodes)
        self._used = [False] * len(self._nodes)
        self._to_come = to_come
        self._empty = empty
        self._closed = max_new_nodes
        self._company = company

    def put(self, shape: PodShape, pods: int) -> int:
        """Place pods of one shape and return how many found a place."""
        left = pods
        while left:
            before = left
            for index in range(len(self._nodes)):
                if left and self._takes(index, shape):
                    self._place(index, shape)
                    left -= 1
            if left and left == before and not self._opened_for(shape):
                break
        return pods - left

    def runs(self, given: int) -> tuple[list[Run], int]:
        """Return the nodes as runs, and how many more may be opened.

        A new node without pods counts as used if one after it is: the one after comes only with it.
        """
        last = max((i for i, used in enumerate(self._used) if used), default=-1)
        kept = range(max(given, last + 1))
        runs = [Run(1, self._free[i], self._used[i] or given <= i <= last) for i in kept]
        return runs, self._closed + len(self._nodes) - len(runs)

    def _takes(self, index: int, shape: PodShape) -> bool:
        return copies(self._free[index], shape.requests) > 0 and self._company.allows(
            shape, self._nodes[index]
        )

    def _place(self, index: int, shape: PodShape) -> None:
        self._free[index] = less(self._free[index], shape.requests, 1)
        self._used[index] = True
        self._company.note(self._nodes[index], shape, 1)

    def _opened_for(self, shape: PodShape) -> bool:
        """Open the next nodes up to one that takes the pod: others may be in the wrong zone."""
        if copies(self._empty, shape.requests) == 0:
            return False
        zones: dict[str, None] = {}
        while self._closed:
            node = next(self._to_come)
            self._nodes.append(node)
            self._free.append(self._empty)
            self._used.append(False)
            self._closed -= 1
            if self._company.allows(shape, node):
                return True
            if node.zone in zones or not node.zone:
                break
            zones[node.zone] = None
        return False
