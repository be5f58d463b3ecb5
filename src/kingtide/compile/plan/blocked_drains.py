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
    found = workloads(manifests)
    pods = {it.shown: _pods(it) for it in found}
    everything = [pod for ready in pods.values() for pod in ready]
    scales = {it.shown: it.replicas for it in found}
    current = [_synced(it, everything, scales) for it in budgets(manifests)]
    blocked = []
    for workload in found:
        names = tuple(group.name for group in groups if workload.may_run_on(group))
        if names and workload.replicas:
            blocked += _blocked(workload, pods[workload.shown][0], current, names)
    return tuple(blocked)


def _blocked(
    workload: Workload, pod: Pod, current: Sequence[PodDisruptionBudget], groups: tuple[str, ...]
) -> list[BlockedDrain]:
    verdict = may_evict(pod, current, 0)
    if not isinstance(verdict, EvictionRefused):
        return []
    names = ", ".join(it.name for it in matching_budgets(pod, current))
    return [BlockedDrain(workload.shown, workload.replicas, names, verdict.text, groups)]


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
