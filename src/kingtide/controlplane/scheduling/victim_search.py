"""The search for the node and the victims of a preemption.

Two ways with one result. Where only resources stand against the pod, sums by priority tell on which
nodes it would fit and how little the victims could cost there; nodes are looked at best bound
first, until no bound is better than what was found. Everything else is looked at node by node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from kingtide.controlplane.scheduling.budgets import Budgets
from kingtide.controlplane.scheduling.evictable import Evictable, PriorityLevel
from kingtide.controlplane.scheduling.filters import Filters
from kingtide.controlplane.scheduling.node_columns import (
    ALLOCATABLE,
    REQUESTED,
    BoolArray,
    IntArray,
)
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.nominations import Nominations
from kingtide.controlplane.scheduling.placed_pod import PlacedPod
from kingtide.controlplane.scheduling.preemption import (
    PRIORITY_SHIFT,
    Candidate,
    Harm,
    candidate_on,
    potential_victims,
)
from kingtide.controlplane.scheduling.refusal import Refusal
from kingtide.controlplane.scheduling.scores import ShapeAmounts
from kingtide.controlplane.scheduling.shape import PodShape

PodsByNode = Mapping[str, Mapping[str, PlacedPod]]

_UNLIMITED = 1 << 62
"""What is free of a resource that the pod does not ask for: no victim is needed for it."""


class VictimSearch:
    """One search for one pod: the table, who is where, who is nominated, budgets and the time."""

    def __init__(
        self,
        uid: str,
        shape: PodShape,
        table: NodeTable,
        pods: PodsByNode,
        nominations: Nominations,
        budgets: Budgets,
        now_ms: int,
    ) -> None:
        self._uid = uid
        self._shape = shape
        self._table = table
        self._pods = pods
        self._nominations = nominations
        self._budgets = budgets
        self._now_ms = now_ms
        self.looked_at = 0
        """How many nodes were looked at closely: what the search cost."""
        self._best: Candidate | None = None
        self._best_rank: tuple[Harm, int] | None = None

    def outcomes(self) -> dict[int, Candidate | Refusal | None]:
        """Return what preemption finds on each row, in node order.

        A refusal is why evicting everybody of lower priority is not enough; None stands for nodes
        where evicting cannot help at all.
        """
        filters = Filters(self._shape, self._table)
        return {row: self._outcome(filters, row) for row in self._table.rows()}

    def node_by_node(self) -> Candidate | None:
        """Return the best candidate of all nodes, None when there is none; the first of equals."""
        for outcome in self.outcomes().values():
            if isinstance(outcome, Candidate):
                self._consider(outcome)
        return self._best

    def by_bound(self, evictable: Evictable, allowed: BoolArray) -> Candidate | None:
        """Return the same for a pod that only resources stand against.

        `allowed` tells which rows the pod may ever run on. Rows are taken by the lowest priority
        whose eviction, with all below, makes enough room: no candidate there has a lower highest
        victim.
        """
        required = ShapeAmounts(self._shape).required
        free = self._free()
        missing = required - free
        rest = allowed & (missing > 0).any(axis=0)
        for place, level in enumerate(lower := evictable.below(self._shape.priority)):
            if self._best_rank is not None and self._best_rank[0] < (0, level.priority, 0, 0, 0):
                break
            free += level.amounts
            fits = (free >= required).all(axis=0)
            fits &= rest
            rows = np.flatnonzero(fits)
            if rows.size:
                rest &= ~fits
                self._search_rows(rows, missing.take(rows, axis=1), lower[: place + 1])
        return self._best

    def _outcome(self, filters: Filters, row: int) -> Candidate | Refusal | None:
        self.looked_at += 1
        load = filters.load(row)
        nominated = self._nominations.reserved(self._shape, row, self._uid)
        refusal = filters.refusal_with(load, nominated)
        if refusal is not None and not refusal.is_resolvable:
            return None
        potential = self._potential(load.node.name)
        return candidate_on(row, load, filters, nominated, potential, self._budgets)

    def _search_rows(
        self, rows: IntArray, missing: IntArray, levels: Sequence[PriorityLevel]
    ) -> None:
        """Look at rows where the highest of these levels must give, the most promising first."""
        top = levels[-1]
        starts = np.minimum(top.latest_start.take(rows), self._now_ms)
        fewest = np.ones(len(rows), dtype=np.int64)
        for line in range(2):
            largest = max(level.largest[line] for level in levels)
            if largest:
                np.maximum(fewest, -(-missing[line] // largest), out=fewest)
        least = levels[0].priority + PRIORITY_SHIFT
        sums = (fewest - 1) * least + (top.priority + PRIORITY_SHIFT)
        precedence = self._table.precedence.take(rows)
        for i in _by_promise(fewest, starts, precedence):
            bound = (0, top.priority, int(sums[i]), int(fewest[i]), -int(starts[i]))
            if self._best_rank is not None and (bound, -int(precedence[i])) > self._best_rank:
                return  # and every row to come promises less
            candidate = self._resource_candidate(int(rows[i]))
            if candidate is not None:
                self._consider(candidate)

    def _consider(self, candidate: Candidate) -> None:
        precedence: int = self._table.precedence_cells[candidate.row]
        rank = (candidate.harm(self._now_ms), -precedence)
        if self._best_rank is None or rank < self._best_rank:
            self._best, self._best_rank = candidate, rank

    def _resource_candidate(self, row: int) -> Candidate | None:
        """Return the candidate on a row where evicting all lower priorities gives enough room."""
        self.looked_at += 1
        potential = self._potential(self._table.name_at(row))
        cpu, memory, storage, pods = self._free_without(row, potential)
        violating, peaceful = self._budgets.split(potential)
        evicted: dict[str, None] = {}
        for pod in (*violating, *peaceful):
            other = pod.shape
            other_storage = other.requests.ephemeral_storage_bytes
            if (
                pods
                and other.cpu_millicores <= cpu
                and other.memory_bytes <= memory
                and other_storage <= storage
            ):
                pods -= 1
                cpu -= other.cpu_millicores
                memory -= other.memory_bytes
                storage -= other_storage
            else:
                evicted[pod.uid] = None
        victims = [pod for pod in potential if pod.uid in evicted]
        violations = sum([pod.uid in evicted for pod in violating])
        return Candidate(row, victims, violations) if victims else None

    def _potential(self, node_name: str) -> list[PlacedPod]:
        pods = self._pods.get(node_name, {}).values()
        return potential_victims(pods, self._shape.priority, self._now_ms)

    def _free(self) -> IntArray:
        """Return what every row has free, room for nominated pods left aside."""
        table = self._table
        free: IntArray = table.matrix[ALLOCATABLE] - table.matrix[REQUESTED]
        for node_name in self._nominations.node_names():
            row = table.row_of(node_name)
            if row is not None:
                for other in self._nominations.reserved(self._shape, row, self._uid):
                    free[:, row] -= _amounts(other)
        return free

    def _free_without(self, row: int, potential: Sequence[PlacedPod]) -> tuple[int, int, int, int]:
        """Return what is left on a row with the pod and without its potential victims."""
        table, wanted = self._table, self._shape.requests
        used = table.requested(row)
        for other in self._nominations.reserved(self._shape, row, self._uid):
            used = used + other.requests
        cpu = table.cpu_allocatable_cells[row] - used.cpu_millicores - wanted.cpu_millicores
        memory = table.memory_allocatable_cells[row] - used.memory_bytes - wanted.memory_bytes
        storage = (
            table.storage_allocatable_cells[row]
            - used.ephemeral_storage_bytes
            - wanted.ephemeral_storage_bytes
        )
        pods = table.pods_allocatable_cells[row] - used.pods - 1
        for pod in potential:
            shape = pod.shape
            cpu += shape.cpu_millicores
            memory += shape.memory_bytes
            storage += shape.requests.ephemeral_storage_bytes
            pods += 1
        return (
            cpu if wanted.cpu_millicores else _UNLIMITED,
            memory if wanted.memory_bytes else _UNLIMITED,
            storage if wanted.ephemeral_storage_bytes else _UNLIMITED,
            pods,
        )


def _amounts(shape: PodShape) -> list[int]:
    requests = shape.requests
    return [requests.cpu_millicores, requests.memory_bytes, requests.ephemeral_storage_bytes, 1]


def _by_promise(fewest: IntArray, starts: IntArray, precedence: IntArray) -> Iterator[int]:
    """Yield positions: fewest victims first, then the latest start, then the node list's order."""
    # Most searches end with the first one, long before sorting all would have paid.
    chosen = (fewest == fewest.min()).nonzero()[0]
    chosen = chosen[starts[chosen] == starts[chosen].max()]
    first = int(chosen[precedence[chosen].argmax()])
    yield first
    for position in np.lexsort((-precedence, -starts, fewest)).tolist():
        if position != first:
            yield position
