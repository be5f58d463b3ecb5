"""Pause pods: a Deployment, a ladder and a policy for each group of nodes with room to keep."""

from __future__ import annotations

import msgspec

from kingtide.fleet.models.overprovisioning import Overprovisioning
from kingtide.fleet.pause_configuration import pause_configuration
from kingtide.fleet.pause_pods import PAUSE_NAMESPACE, PAUSE_PRIORITY_CLASS, pause_name
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.kube.pods import PodTemplate, pod_requests
from kingtide.kube.resources import Resources
from kingtide.kube.taints import untolerated
from kingtide.kube.workloads import ConfigMap
from kingtide.rehearsal.building.pods import pause_template
from kingtide.rehearsal.building.policies import overprovisioning_policy
from kingtide.rehearsal.scenario.read import Scenario
from kingtide.roster.settings import of_pause_pods
from kingtide.twin.definition import Application


class PausePods(msgspec.Struct, frozen=True):
    """What keeps room free on one group of nodes."""

    application: Application
    config_map: ConfigMap
    policy: OverprovisioningPolicy


def pause_pods(scenario: Scenario, applications: tuple[Application, ...]) -> tuple[PausePods, ...]:
    """Return the pause pods of every group; none when the scenario takes them away."""
    found: list[PausePods] = []
    cluster = scenario.cluster.spec
    for group, written in cluster.overprovisioning.items():
        name = pause_name(group)
        policy = overprovisioning_policy(scenario, of_pause_pods(group))
        if policy is None:
            continue
        size = _size(written, group, scenario, applications)
        priority = cluster.priority_classes[PAUSE_PRIORITY_CLASS]
        template = pause_template(name, group, size, priority, PAUSE_PRIORITY_CLASS, cluster)
        application = Application(
            namespace=PAUSE_NAMESPACE,
            name=name,
            priority_class=PAUSE_PRIORITY_CLASS,
            template=template,
            # The controller brings them within its first poll, which is part of the warm-up.
            replicas=0,
        )
        found.append(
            PausePods(
                application, ConfigMap(PAUSE_NAMESPACE, name, pause_configuration(written)), policy
            )
        )
    return tuple(found)


def _size(
    written: Overprovisioning,
    group: str,
    scenario: Scenario,
    applications: tuple[Application, ...],
) -> Resources:
    """Return a pause pod's requests; unless written, those of the group's largest pod."""
    if written.pod is not None:
        return Resources(cpu_millicores=written.pod.cpu, memory_bytes=written.pod.memory)
    largest = Resources()
    for application in applications:
        if _may_run_on(application.template, group, scenario):
            largest = largest.at_least(pod_requests(application.template.spec))
    return largest


def _may_run_on(template: PodTemplate, group: str, scenario: Scenario) -> bool:
    labels = next(g.labels for g in scenario.groups if g.serves == group)
    taints = next(g.taints for g in scenario.groups if g.serves == group)
    selected = all(
        labels.get(key) == value for key, value in template.spec.node_selector if key in labels
    )
    return selected and untolerated(taints, template.spec.tolerations) is None
