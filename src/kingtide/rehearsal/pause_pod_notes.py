"""What follows where pause pods are too small, or of too low a priority, to keep room free."""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.fleet.expansion import dedicated_taint
from kingtide.fleet.models.amounts import Amounts
from kingtide.fleet.pause_pods import PAUSE_PRIORITY_CLASS
from kingtide.kube.taints import Toleration, untolerated
from kingtide.rehearsal.building.overprovisioning import pause_pod
from kingtide.rehearsal.building.policies import node_autoscaling_policy, overprovisioning_policy
from kingtide.rehearsal.scenario.application_model import Application
from kingtide.rehearsal.scenario.read import Scenario

_MEBIBYTE = 1 << 20


def pause_pod_notes(scenario: Scenario) -> Iterator[str]:
    """Return what a reader must know of the cluster's pause pods; nothing where they do their work.

    Nothing either where the scenario takes them away.
    """
    if not scenario.cluster.spec.overprovisioning:
        return
    if overprovisioning_policy(scenario, {}) is None:
        return
    yield from _too_low(scenario)
    yield from _too_small(scenario)


def _too_low(scenario: Scenario) -> Iterator[str]:
    policy = node_autoscaling_policy(scenario)
    priority = scenario.cluster.spec.priority_classes[PAUSE_PRIORITY_CLASS]
    if policy is None or priority >= policy.expendable_pods_priority_cutoff:
        return
    cutoff = policy.expendable_pods_priority_cutoff
    yield (
        f"Pause pods have priority {priority}, below the {cutoff} under which node autoscaling"
        " takes pods for expendable: a pause pod that waits brings no node, so evicted room does"
        f" not come back; write `{PAUSE_PRIORITY_CLASS}: {cutoff}` in priorityClasses, or a lower"
        " expendablePodsPriorityCutoff."
    )


def _too_small(scenario: Scenario) -> Iterator[str]:
    for group in scenario.cluster.spec.overprovisioning:
        pod = pause_pod(scenario, group)
        larger = [
            (name, cpu, memory)
            for name, application in scenario.spec.applications.items()
            if _may_run_on(application, group, scenario)
            for cpu, memory in [_largest(application)]
            if cpu > pod.cpu_millicores or memory > pod.memory_bytes
        ]
        if not larger:
            continue
        names = ", ".join(name for name, _, _ in larger)
        cpu = max(pod.cpu_millicores, *(cpu for _, cpu, _ in larger))
        memory = max(pod.memory_bytes, *(memory for _, _, memory in larger))
        own = _told(pod.cpu_millicores, pod.memory_bytes)
        yield (
            f"Pause pods of {group} request {own}, less than pods of {names}: evicting one need not"
            f" make room for one of those; write `pod: {{{_told(cpu, memory)}}}`."
        )


def _largest(application: Application) -> tuple[int, int]:
    """Return the most millicores and bytes that a pod requests, in any release of the scenario."""
    amounts: list[Amounts] = [application.requests]
    amounts += [it.requests for it in application.rollouts if it.requests is not None]
    return max(it.cpu for it in amounts), max(it.memory for it in amounts)


def _may_run_on(application: Application, group: str, scenario: Scenario) -> bool:
    if application.node_group is not None:
        return application.node_group == group
    if not scenario.cluster.spec.node_groups[group].dedicated:
        return True
    tolerations = tuple(
        Toleration(key=it.key, operator=it.operator, value=it.value, effect=it.effect)
        for it in application.tolerations
    )
    return untolerated((dedicated_taint(group),), tolerations) is None


def _told(cpu_millicores: int, memory_bytes: int) -> str:
    """Return amounts as they are written; memory rounded up to whole mebibytes."""
    return f"cpu: {cpu_millicores}m, memory: {-(-memory_bytes // _MEBIBYTE)}Mi"
