"""The search for the node and the victims of a preemption.

Two ways with one result. Where only resources stand against the pod, `HarmBounds` tell on which
nodes it would fit and how little the victims could cost there; nodes are looked at best bound
first, until no bound is better than what was found. Everything else is looked at node by node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import sub

from kingtide.controlplane.scheduling.budgets import Budgets
from kingtide.controlplane.scheduling.filters import Filters
from kingtide.controlplane.scheduling.harm_bounds import HarmBounds
from kingtide.controlplane.scheduling.node_columns import BoolArray
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.nominations import Nominations
from kingtide.controlplane.scheduling.placed_pod import PlacedPod
from kingtide.controlplane.scheduling.preemption import (
    Candidate,
    Harm,
    candidate_on,
    potential_victims,
)
from kingtide.controlplane.scheduling.refusal import Refusal
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
        self.shape = shape
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
        filters = Filters(self.shape, self._table)
        return {row: self._outcome(filters, row) for row in self._table.rows()}

    def node_by_node(self) -> Candidate | None:
        """Return the best candidate of all nodes, None when there is none; the first of equals."""
        for outcome in self.outcomes().values():
            if isinstance(outcome, Candidate):
                self._consider(outcome)
        return self._best

    def by_bound(self, bounds: HarmBounds, allowed: BoolArray) -> Candidate | None:
        """Return the same for a pod that only resources stand against.

        `allowed` tells which rows the pod may ever run on. What is found stands in `bounds` for
        later searches.
        """
        bounds.refresh(allowed, self._budgets)
        own_row = self._nominations.row_of(self._uid)
        if own_row >= 0 and allowed[own_row]:
            # The room that is kept for the pod itself is free for it, and for nobody else.
            candidate = self._resource_candidate(own_row)
            if candidate is not None:
                self._consider(candidate)
        for row in bounds.by_promise(self._now_ms):
            if row == own_row:
                continue
            bound = rank = (bounds.harm_at(row, self._now_ms), -self._table.precedence_cells[row])
            if self._best_rank is not None and bound > self._best_rank:
                break
            candidate = self._resource_candidate(row)
            if candidate is None:
                raise RuntimeError(f"row {row}: evicting makes no room where sums say it does")
            rank = self._consider(candidate)
            if not bounds.is_exact[row] and self._is_lasting(row):
                bounds.learn(candidate)
            if rank == bound:
                break  # every row to come promises less
        return self._best

    def _outcome(self, filters: Filters, row: int) -> Candidate | Refusal | None:
        self.looked_at += 1
        load = filters.load(row)
        nominated = self._nominations.reserved(self.shape, row, self._uid)
        refusal = filters.refusal_with(load, nominated)
        if refusal is not None and not refusal.is_resolvable:
            return None
        potential = self._potential(load.node.name)
        return candidate_on(row, load, filters, nominated, potential, self._budgets)

    def _consider(self, candidate: Candidate) -> tuple[Harm, int]:
        precedence: int = self._table.precedence_cells[candidate.row]
        rank = (candidate.harm(self._now_ms), -precedence)
        if self._best_rank is None or rank < self._best_rank:
            self._best, self._best_rank = candidate, rank
        return rank

    def _resource_candidate(self, row: int) -> Candidate | None:
        """Return the candidate on a row where only resources are lacking.

        None where evicting does not make room, or is not needed.
        """
        self.looked_at += 1
        potential = self._potential(self._table.name_at(row))
        cpu, memory, storage, pods = left = self._free_without(row, potential)
        if min(left) < 0:
            return None
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

    def _is_lasting(self, row: int) -> bool:
        """Return whether what is found on a row holds until it changes.

        Pods that have not started count as starting now: where others did start just now, the order
        of their importance is another in a moment.
        """
        potential = self._potential(self._table.name_at(row))
        starts = [pod.started_ms for pod in potential if pod.started_ms is not None]
        return len(starts) == len(potential) or max(starts, default=-1) < self._now_ms

    def _potential(self, node_name: str) -> list[PlacedPod]:
        pods = self._pods.get(node_name, {}).values()
        return potential_victims(pods, self.shape.priority, self._now_ms)

    def _free_without(self, row: int, potential: Sequence[PlacedPod]) -> tuple[int, int, int, int]:
        """Return what is left on a row with the pod and without its potential victims."""
        wanted = self.shape.requests
        reserved = self._nominations.reserved_amounts(self.shape, row, self._uid)
        storage, pods, cpu, memory = map(sub, self._table.free_at(row), reserved)
        cpu -= wanted.cpu_millicores
        memory -= wanted.memory_bytes
        storage -= wanted.ephemeral_storage_bytes
        pods -= 1
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
