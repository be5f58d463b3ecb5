"""Overprovisioning: a Deployment of pause pods for each group, and the ladder that sizes it.

Kingtide's overprovisioning controller reads the ConfigMap of the Deployment's name; so can
cluster-proportional-autoscaler, whose format it has.
"""

from __future__ import annotations

from kingtide.compile.document import Body, Document
from kingtide.compile.kubernetes.config_map import config_map
from kingtide.compile.kubernetes.metadata import metadata
from kingtide.compile.kubernetes.placement import placement
from kingtide.compile.subject import Subject
from kingtide.controlplane.node_resources import allocatable
from kingtide.fleet.daemon_overhead import daemon_overhead
from kingtide.fleet.pause_configuration import pause_configuration
from kingtide.fleet.pause_pods import (
    PAUSE_IMAGE,
    PAUSE_NAMESPACE,
    PAUSE_PRIORITY_CLASS,
    pause_name,
    unwritten_pause_pod,
)
from kingtide.kube.nodes import GROUP_LABEL
from kingtide.kube.quantities import format_bytes, format_cpu
from kingtide.kube.resources import Resources

NAME_LABEL = "app.kubernetes.io/name"


def pause_config_maps(subject: Subject) -> tuple[Document, ...]:
    """Return every group's ladder."""
    return tuple(
        config_map(
            pause_name(group), PAUSE_NAMESPACE, pause_configuration(written), {GROUP_LABEL: group}
        )
        for group, written in subject.spec.overprovisioning.items()
    )


def pause_deployments(subject: Subject) -> tuple[Document, ...]:
    """Return every group's Deployment of pause pods, without a size, which is the controller's."""
    return tuple(_deployment(subject, group) for group in subject.spec.overprovisioning)


def pause_pod(subject: Subject, group: str) -> Resources:
    """Return what a group's pause pods request."""
    written = subject.spec.overprovisioning[group].pod
    if written is not None:
        return Resources(cpu_millicores=written.cpu, memory_bytes=written.memory)
    offered = [
        allocatable(it.group.instance_types[0]) for it in subject.groups if it.serves == group
    ]
    if not offered:
        path = ("nodeGroups", group)
        subject.note(path, "has no sizes for pause pods to run on", "add `sizes:` to its spot")
        return Resources()
    return unwritten_pause_pod(offered, daemon_overhead(subject.spec, group))


def _deployment(subject: Subject, group: str) -> Document:
    name = pause_name(group)
    selected = {NAME_LABEL: name}
    return Document(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata(name, PAUSE_NAMESPACE, labels={**selected, GROUP_LABEL: group}),
            "spec": {
                # Pods are replaced in their own room: more of them would cause nodes.
                "strategy": {
                    "rollingUpdate": {"maxSurge": 0, "maxUnavailable": "25%"},
                    "type": "RollingUpdate",
                },
                "selector": {"matchLabels": {**selected}},
                "template": {
                    "metadata": {"labels": {**selected, GROUP_LABEL: group}},
                    "spec": _pod_spec(subject, group),
                },
            },
        }
    )


def _pod_spec(subject: Subject, group: str) -> Body:
    size = pause_pod(subject, group)
    resources: Body = {
        "cpu": format_cpu(size.cpu_millicores),
        "memory": format_bytes(size.memory_bytes),
    }
    return {
        "automountServiceAccountToken": False,
        "containers": [
            {
                "image": PAUSE_IMAGE,
                "name": "pause",
                "resources": {"limits": {**resources}, "requests": {**resources}},
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "readOnlyRootFilesystem": True,
                },
            }
        ],
        "enableServiceLinks": False,
        **placement(subject, group),
        "priorityClassName": PAUSE_PRIORITY_CLASS,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65535,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        # They hold nothing; who takes their room shall not wait.
        "terminationGracePeriodSeconds": 0,
    }
