"""Pause pods: a Deployment, a ladder and a policy for each group of nodes with room to keep."""

from __future__ import annotations

import msgspec

from kingtide.controlplane.node_resources import allocatable
from kingtide.fleet.daemon_overhead import daemon_overhead
from kingtide.fleet.pause_configuration import pause_configuration
from kingtide.fleet.pause_pods import (
    PAUSE_NAMESPACE,
    PAUSE_PRIORITY_CLASS,
    pause_name,
    unwritten_pause_pod,
)
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.kube.resources import Resources
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


def pause_pods(scenario: Scenario) -> tuple[PausePods, ...]:
    """Return the pause pods of every group; none when the scenario takes them away."""
    found: list[PausePods] = []
    cluster = scenario.cluster.spec
    for group, written in cluster.overprovisioning.items():
        name = pause_name(group)
        policy = overprovisioning_policy(scenario, of_pause_pods(group))
        if policy is None:
            continue
        size = pause_pod(scenario, group)
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


def pause_pod(scenario: Scenario, group: str) -> Resources:
    """Return what a group's pause pods request, as the fleet compiles."""
    written = scenario.cluster.spec.overprovisioning[group].pod
    if written is not None:
        return Resources(cpu_millicores=written.cpu, memory_bytes=written.memory)
    offered = [
        allocatable(it.group.instance_types[0]) for it in scenario.groups if it.serves == group
    ]
    if not offered:
        return Resources()  # nowhere to run
    return unwritten_pause_pod(offered, daemon_overhead(scenario.cluster.spec, group))
