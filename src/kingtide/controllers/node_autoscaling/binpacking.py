"""How many nodes of one kind a number of pods needs: first-fit decreasing, counted in runs.

Pods of one shape are alike and so are nodes that got the same pods, so the packing works on runs of
equal nodes: the result is that of placing pod by pod, the work does not grow with their number.
Source: https://github.com/kubernetes-sigs/cluster-autoscaler/blob/33c3f97b/pkg/estimator (the
binpacking estimator also sorts by size and tries the nodes it opened, oldest first).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kingtide.controllers.node_autoscaling.demand import Demand
from kingtide.kube.resources import Resources


class Run(msgspec.Struct, frozen=True, gc=False):
    """Equal nodes: how many, what each has left, whether any of them got a pod."""

    nodes: int
    free: Resources
    is_used: bool = False


class Packing(msgspec.Struct, frozen=True):
    """Where pods went: runs in their order, and how many pods of each demand found a place."""

    runs: tuple[Run, ...]
    placed: tuple[int, ...]

    @property
    def used_nodes(self) -> int:
        """Nodes that got a pod."""
        return sum(run.nodes for run in self.runs if run.is_used)


def by_size(demands: Iterable[Demand], free: Resources) -> list[tuple[int, Demand]]:
    """Return (place, demand) pairs, those first that take the largest share of an empty node."""
    cpu, memory = max(1, free.cpu_millicores), max(1, free.memory_bytes)

    def share(entry: tuple[int, Demand]) -> int:
        shape = entry[1].shape
        # cpu/allocatable + memory/allocatable without fractions: the same order, exactly.
        return shape.cpu_millicores * memory + shape.memory_bytes * cpu

    return sorted(enumerate(demands), key=share, reverse=True)


def pack(
    demands: Sequence[Demand],
    counts: Sequence[int],
    start: Sequence[Run],
    empty: Resources,
    max_new_nodes: int,
) -> Packing:
    """Place pods on the nodes of `start` and then on new ones.

    `counts` are the pods of each demand, `empty` is what a new node offers, of which at most
    `max_new_nodes` are opened. Only amounts are looked at: the demands must fit the kind of node.
    """
    runs = list(start)
    placed = [0] * len(demands)
    opened = 0
    for place, demand in by_size(demands, empty):
        left = counts[place]
        if left == 0:
            continue
        requests = demand.shape.requests
        runs, taken = _fill(runs, requests, left)
        left -= taken
        each = copies(empty, requests)
        if left and each:
            fresh = min(max_new_nodes - opened, -(-left // each))
            new_runs, taken_new = _fill([Run(fresh, empty)] if fresh > 0 else [], requests, left)
            runs.extend(new_runs)
            opened += max(0, fresh)
            taken += taken_new
        placed[place] = taken
    return Packing(tuple(runs), tuple(placed))


def copies(free: Resources, requests: Resources) -> int:
    """Return how many pods with these requests fit into what is free.

    What is not asked for is not looked at.
    """
    fits = free.pods
    pairs = (
        (free.cpu_millicores, requests.cpu_millicores),
        (free.memory_bytes, requests.memory_bytes),
        (free.ephemeral_storage_bytes, requests.ephemeral_storage_bytes),
    )
    for offered, asked in pairs:
        if asked:
            fits = min(fits, offered // asked)
    if requests.extended:
        offers = dict(free.extended)
        for name, asked in requests.extended:
            if asked:
                fits = min(fits, offers.get(name, 0) // asked)
    return max(0, fits)


def less(free: Resources, requests: Resources, pods: int) -> Resources:
    """Return what is left of a node after so many pods."""
    extended = free.extended
    if requests.extended:
        asked = dict(requests.extended)
        extended = tuple((name, it - pods * asked.get(name, 0)) for name, it in free.extended)
    return Resources(
        cpu_millicores=free.cpu_millicores - pods * requests.cpu_millicores,
        memory_bytes=free.memory_bytes - pods * requests.memory_bytes,
        ephemeral_storage_bytes=(
            free.ephemeral_storage_bytes - pods * requests.ephemeral_storage_bytes
        ),
        pods=free.pods - pods,
        extended=extended,
    )


def _fill(runs: Sequence[Run], requests: Resources, pods: int) -> tuple[list[Run], int]:
    """Return the runs after placing pods first-fit, and how many found a place."""
    result: list[Run] = []
    left = pods
    cpu, memory = requests.cpu_millicores, requests.memory_bytes
    for run in runs:
        free = run.free
        # The usual case, told cheaply.
        is_out = 0 <= free.cpu_millicores < cpu or 0 <= free.memory_bytes < memory
        each = copies(free, requests) if left and not is_out else 0
        if each == 0:
            result.append(run)
            continue
        full = min(run.nodes, left // each)
        left -= full * each
        if full:
            result.append(Run(full, less(run.free, requests, each), is_used=True))
        rest = run.nodes - full
        if rest and left:
            result.append(Run(1, less(run.free, requests, left), is_used=True))
            left = 0
            rest -= 1
        if rest:
            result.append(Run(rest, run.free, run.is_used))
    return result, pods - left
