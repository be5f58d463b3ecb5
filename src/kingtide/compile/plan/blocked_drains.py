"""Which budgets would refuse every eviction of a drain, by the eviction API's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kingtide.compile.document import Document
from kingtide.compile.plan.drained import Workload, budgets, workloads
from kingtide.compile.plan.instance_group import InstanceGroup
from kingtide.controlplane.disruption.census import census
from kingtide.controlplane.disruption.eviction import EvictionRefused, may_evict
from kingtide.controlplane.disruption.expectation import ControllerScale, NoScale
from kingtide.controlplane.disruption.matching import matching_budgets
from kingtide.controlplane.disruption.status import synced
from kingtide.kube.int_or_percent import NotAnAmount
from kingtide.kube.pods import Condition, OwnerReference, Pod, PodSpec
from kingtide.kube.workloads import PodDisruptionBudget


class RefusedEvictions(msgspec.Struct, frozen=True):
    """A workload of whose pods none may be evicted though all are healthy, and the API's answer.

    `budgets` are those that are about its pods: one that allows nothing, or more than one.
    """

    workload: Workload
    budgets: tuple[PodDisruptionBudget, ...]
    answer: str


class BlockedDrain(msgspec.Struct, frozen=True):
    """A workload of whose pods none may be evicted though all are healthy, and the API's answer.

    `groups` are InstanceGroups to be drained that its pods may run on.
    """

    workload: str
    replicas: int
    budget: str
    answer: str
    groups: tuple[str, ...]


def blocked_drains(
    manifests: Sequence[Document], drained: Iterable[InstanceGroup]
) -> tuple[BlockedDrain, ...]:
    """Return the workloads that keep nodes of these groups from being drained.

    Every pod is taken to be Ready and every workload to have its least replicas: the state in which
    a cluster is most easily blocked.
    """
    groups = tuple(drained)
    blocked = []
    for it in refused_evictions(manifests):
        names = tuple(group.name for group in groups if it.workload.may_run_on(group))
        if names:
            told = ", ".join(budget.name for budget in it.budgets)
            shown, replicas = it.workload.shown, it.workload.replicas
            blocked.append(BlockedDrain(shown, replicas, told, it.answer, names))
    return tuple(blocked)


def refused_evictions(manifests: Sequence[Document]) -> tuple[RefusedEvictions, ...]:
    """Return the workloads of whose pods the eviction API lets none go, wherever they run.

    Every pod is taken to be Ready and every workload to have its least replicas.
    """
    found = workloads(manifests)
    pods = {it.shown: _pods(it) for it in found}
    everything = [pod for ready in pods.values() for pod in ready]
    scales = {it.shown: it.replicas for it in found}
    current = [_synced(it, everything, scales) for it in budgets(manifests)]
    refused = []
    for workload in found:
        if workload.replicas:
            pod = pods[workload.shown][0]
            verdict = may_evict(pod, current, 0)
            if isinstance(verdict, EvictionRefused):
                about = matching_budgets(pod, current)
                refused.append(RefusedEvictions(workload, about, verdict.text))
    return tuple(refused)


def _pods(workload: Workload) -> list[Pod]:
    owner = OwnerReference(workload.kind, workload.name, uid=workload.shown)
    return [
        Pod(
            namespace=workload.namespace,
            name=f"{workload.name}-{number}",
            uid=f"{workload.shown}-{number}",
            spec=PodSpec(containers=()),
            labels=workload.labels,
            created_ms=0,
            owner=owner,
            phase="Running",
            ready=Condition("True", 0),
        )
        for number in range(workload.replicas)
    ]


def _synced(
    budget: PodDisruptionBudget, pods: Sequence[Pod], scales: dict[str, int]
) -> PodDisruptionBudget:
    def scale_of(_namespace: str, owner: OwnerReference) -> ControllerScale | NoScale | None:
        return ControllerScale(owner.uid, scales[owner.uid])

    covered = [pod for pod in pods if matching_budgets(pod, (budget,))]
    try:
        return synced(budget, census(covered), scale_of, 0).budget
    except NotAnAmount:
        return budget  # the API would refuse the manifest; as it stands nothing is allowed
