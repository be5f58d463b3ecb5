"""Whom a pod of higher priority displaces: kube-scheduler's search for a node and its victims.

Source: pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go and
pkg/scheduler/framework/preemption/preemption.go (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kingtide.controlplane.scheduling.fits import resource_refusals
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.kube.labels import selector_matches
from kingtide.kube.nodes import Node
from kingtide.kube.resources import Resources
from kingtide.kube.workloads import PodDisruptionBudget


class PlacedPod(msgspec.Struct, gc=False):
    """A pod on a node, as the scheduler's cache keeps it.

    `started_ms` is None until the kubelet has reported a start; `is_terminating` pods still hold
    their room.
    """

    uid: str
    shape: PodShape
    row: int
    started_ms: int | None = None
    is_terminating: bool = False


class Preemption(msgspec.Struct, frozen=True):
    """The node a pod is nominated to and the uids to be evicted there, highest priority first."""

    node_name: str
    victims: tuple[str, ...]


class Candidate(msgspec.Struct):
    """A node on which a pod would fit without these victims."""

    row: int
    victims: list[PlacedPod]
    pdb_violations: int


def candidate_on(
    shape: PodShape,
    node: Node,
    row: int,
    pods: Iterable[PlacedPod],
    others: Resources,
    budgets: Sequence[PodDisruptionBudget],
    now_ms: int,
) -> Candidate | None:
    """Return the fewest victims that make room on one node, None when even all are not enough.

    `pods` are the pods on the node; `others` is what nominated pods of equal or higher priority
    will take there. Every pod of lower priority is removed first, then as many as possible are
    spared: those whose eviction would violate a budget before the rest, higher priority first,
    earlier start first.
    """
    potential: list[PlacedPod] = []
    used = others
    for pod in pods:
        if pod.shape.priority < shape.priority:
            potential.append(pod)
        else:
            used = used + pod.shape.requests
    if not potential or resource_refusals(shape, node.allocatable, used):
        return None
    potential.sort(key=lambda pod: importance(pod, now_ms))
    violating, peaceful = split_by_budgets(potential, budgets)
    victims: list[PlacedPod] = []
    violations = 0
    for group, counts in ((violating, True), (peaceful, False)):
        for pod in group:
            with_pod = used + pod.shape.requests
            if resource_refusals(shape, node.allocatable, with_pod):
                victims.append(pod)
                violations += counts
            else:
                used = with_pod
    victims.sort(key=lambda pod: importance(pod, now_ms))
    return Candidate(row, victims, violations)


def importance(pod: PlacedPod, now_ms: int) -> tuple[int, int]:
    """Return the order in which victims are spared: higher priority, then longer running.

    A pod that has not started counts as started now.
    """
    started = now_ms if pod.started_ms is None else pod.started_ms
    return (-pod.shape.priority, started)


def split_by_budgets(
    pods: Sequence[PlacedPod], budgets: Sequence[PodDisruptionBudget]
) -> tuple[list[PlacedPod], list[PlacedPod]]:
    """Return the pods whose eviction would exceed a budget, and the others, in the given order."""
    left = [budget.disruptions_allowed for budget in budgets]
    violating: list[PlacedPod] = []
    peaceful: list[PlacedPod] = []
    for pod in pods:
        exceeded = False
        if pod.shape.labels:
            for i, budget in enumerate(budgets):
                if budget.namespace == pod.shape.namespace and selector_matches(
                    budget.selector, pod.shape.labels
                ):
                    left[i] -= 1
                    exceeded = exceeded or left[i] < 0
        (violating if exceeded else peaceful).append(pod)
    return violating, peaceful


def best_candidate(candidates: Sequence[Candidate], now_ms: int) -> Candidate:
    """Return the candidate that hurts least; among equals the first.

    Fewest violated budgets, then lowest highest priority, lowest sum of priorities, fewest victims,
    latest start of the highest-priority victims.
    """
    return min(candidates, key=lambda candidate: _harm(candidate, now_ms))


def _harm(candidate: Candidate, now_ms: int) -> tuple[int, int, int, int, int]:
    victims = candidate.victims
    if not victims:
        return (candidate.pdb_violations, -(1 << 63), 0, 0, 0)
    highest = victims[0].shape.priority
    # kube-scheduler shifts every priority by 2^31 so that many negative ones do not add up to less
    # harm.
    total = sum(pod.shape.priority + (1 << 31) for pod in victims)
    earliest = min(
        now_ms if pod.started_ms is None else pod.started_ms
        for pod in victims
        if pod.shape.priority == highest
    )
    return (candidate.pdb_violations, highest, total, len(victims), -earliest)
