"""Pod templates of applications, DaemonSets and pause pods."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.fleet.expansion import dedicated_toleration
from kingtide.fleet.models.amounts import Amounts
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.models.daemon_set import DaemonSet
from kingtide.fleet.pause_pods import PAUSE_IMAGE
from kingtide.kube.nodes import GROUP_LABEL
from kingtide.kube.pods import Container, PodSpec, PodTemplate
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Toleration
from kingtide.rehearsal.scenario.application_model import Application

APP_LABEL = "app"
"""The label by which a workload selects its pods."""

SYSTEM_NODE_CRITICAL = "system-node-critical"
SYSTEM_NODE_CRITICAL_PRIORITY = 2_000_001_000
"""What DaemonSets that a node cannot do without run at.

Source:
https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/
(v1.36).
"""


def application_template(
    name: str, application: Application, cluster: ClusterSpec, priorities: Mapping[str, int]
) -> PodTemplate:
    """Return what an application's pods are made from."""
    tolerations = tuple(
        Toleration(key=t.key, operator=t.operator, value=t.value, effect=t.effect)
        for t in application.tolerations
    )
    selector, group_tolerations = _placement(application.node_group, cluster)
    container = Container(
        name=name,
        image=name,
        requests=_resources(application.requests),
        limits=None if application.limits is None else _resources(application.limits),
    )
    spec = PodSpec(
        containers=(container,),
        priority=priorities[application.priority_class],
        priority_class_name=application.priority_class,
        tolerations=(*tolerations, *group_tolerations),
        node_selector=(*selector, *application.node_selector.items()),
        termination_grace_period_seconds=application.termination_grace_period,
        restart_policy="Always" if application.job is None else "Never",
    )
    return PodTemplate(labels={APP_LABEL: name, **application.labels}, spec=spec)


def daemon_template(name: str, daemon_set: DaemonSet) -> PodTemplate:
    """Return what a DaemonSet's pods are made from; they tolerate every taint."""
    group = daemon_set.node_group
    container = Container(
        name=name,
        image=name,
        requests=_resources(daemon_set.requests),
        limits=None if daemon_set.limits is None else _resources(daemon_set.limits),
    )
    spec = PodSpec(
        containers=(container,),
        priority=SYSTEM_NODE_CRITICAL_PRIORITY,
        priority_class_name=SYSTEM_NODE_CRITICAL,
        tolerations=(Toleration(operator="Exists"),),
        node_selector=() if group is None else ((GROUP_LABEL, group),),
    )
    return PodTemplate(labels={APP_LABEL: name}, spec=spec)


def pause_template(
    name: str, group: str, size: Resources, priority: int, class_name: str, cluster: ClusterSpec
) -> PodTemplate:
    """Return what a group's pause pods are made from: they do nothing and end at once."""
    selector, tolerations = _placement(group, cluster)
    spec = PodSpec(
        containers=(Container(name="pause", image=PAUSE_IMAGE, requests=size),),
        priority=priority,
        priority_class_name=class_name,
        tolerations=tolerations,
        node_selector=selector,
        termination_grace_period_seconds=0,
    )
    return PodTemplate(labels={APP_LABEL: name}, spec=spec)


def _placement(
    group: str | None, cluster: ClusterSpec
) -> tuple[tuple[tuple[str, str], ...], tuple[Toleration, ...]]:
    """Return the node selector and tolerations that bring a pod onto a group's nodes."""
    if group is None:
        return (), ()
    dedicated = cluster.node_groups[group].dedicated
    return ((GROUP_LABEL, group),), (dedicated_toleration(group),) if dedicated else ()


def _resources(amounts: Amounts) -> Resources:
    return Resources(cpu_millicores=amounts.cpu, memory_bytes=amounts.memory)
