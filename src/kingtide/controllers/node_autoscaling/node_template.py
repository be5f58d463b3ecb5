"""What a group's next node will look like: the node that pods are tried on before it exists.

Source of the choice between a real node and tags: cluster-autoscaler's
MixedTemplateNodeInfoProvider (https://github.com/kubernetes-sigs/cluster-autoscaler, 33c3f97b).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kingtide.aws.autoscaling import AutoScalingGroup
from kingtide.aws.instance_types import UnknownInstanceType, instance_type
from kingtide.control.group_labels import labels_of
from kingtide.control.interruption_taint import INTERRUPTED, TERMINATION_HANDLER_TAINTS
from kingtide.control.removal_taint import TO_BE_DELETED
from kingtide.controllers.node_autoscaling.eligibility import DELETION_CANDIDATE
from kingtide.controllers.node_autoscaling.template_tags import resources_of, taints_of
from kingtide.controlplane.node_resources import allocatable
from kingtide.controlplane.scheduling.fits import affinity_matches
from kingtide.kube.nodes import (
    ARCH_LABEL,
    HOSTNAME_LABEL,
    INSTANCE_TYPE_LABEL,
    REGION_LABEL,
    ZONE_LABEL,
    Node,
)
from kingtide.kube.pods import Condition, pod_requests
from kingtide.kube.quantities import parse_bytes, parse_cpu_millicores, parse_quantity
from kingtide.kube.resources import NO_RESOURCES, Resources
from kingtide.kube.taints import Taint, Toleration, untolerated
from kingtide.kube.workloads import DaemonSet

OS_LABEL = "kubernetes.io/os"

STARTUP_TAINT_PREFIXES = (
    "startup-taint.cluster-autoscaler.kubernetes.io/",
    "ignore-taint.cluster-autoscaler.kubernetes.io/",
)
"""Taints that go away once a node has started; `ignore-taint` is the older name."""

TRANSIENT_TAINT_PREFIXES = (
    "node.kubernetes.io/",
    "node.cloudprovider.kubernetes.io/",
    "status-taint.cluster-autoscaler.kubernetes.io/",
    *STARTUP_TAINT_PREFIXES,
)
"""Taints that tell a node's present state; a new node will not keep them."""

_OF_LEAVING_NODES = (
    TO_BE_DELETED,
    DELETION_CANDIDATE,
    INTERRUPTED,
    *TERMINATION_HANDLER_TAINTS.values(),
)
"""Taints of nodes that are on their way out: the group's next node is not."""

DAEMON_TOLERATIONS = tuple(
    Toleration(key=f"node.kubernetes.io/{state}", operator="Exists")
    for state in (
        "not-ready",
        "unreachable",
        "disk-pressure",
        "memory-pressure",
        "pid-pressure",
        "unschedulable",
    )
)
"""What the DaemonSet controller adds to its pods.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/ (v1.36).
"""


class NodeTemplate(msgspec.Struct, frozen=True):
    """A group's next node; `free` is what it offers after its DaemonSet pods, `pods` included."""

    node: Node
    daemons: Resources
    free: Resources


def build_template(
    group: AutoScalingGroup,
    sample: Node | None,
    daemon_sets: Iterable[DaemonSet],
    transient_taints: tuple[str, ...],
) -> NodeTemplate | None:
    """Return the template of a group's next node, None when nothing tells its size.

    A Ready node of the group tells labels and taints, and sizes if it is of the group's first
    type; otherwise the first type's figures and the group's tags do. The first type is to be the
    one with the least memory, for a pod that fits it fits all others.
    """
    amounts = _amounts(group, sample)
    if amounts is None:
        return None
    tags = group.tags
    if sample is None:
        labels, taints = _labels(group), taints_of(tags)
    else:
        labels = {key: it for key, it in sample.labels.items() if key != HOSTNAME_LABEL}
        taints = tuple(it for it in sample.taints if not is_transient(it, transient_taints))
    node = Node(
        name=f"template-of-{group.name}",
        uid="",
        labels=labels,
        capacity=amounts,
        allocatable=amounts,
        created_ms=0,
        ready=Condition("True", since_ms=0),
        taints=tuple(it for it in taints if not is_transient(it, transient_taints)),
    )
    daemons = daemon_requests(node, daemon_sets)
    return NodeTemplate(node=node, daemons=daemons, free=amounts - daemons)


def is_transient(taint: Taint, transient_taints: tuple[str, ...]) -> bool:
    """Return whether a taint belongs to a node's present state, not to its group."""
    if taint.key in transient_taints or taint.key in _OF_LEAVING_NODES:
        return True
    return taint.key.startswith(TRANSIENT_TAINT_PREFIXES)


def daemon_requests(node: Node, daemon_sets: Iterable[DaemonSet]) -> Resources:
    """Return what the DaemonSets that would run on a node request there, `pods` their number."""
    taken = NO_RESOURCES
    for daemon_set in daemon_sets:
        spec = daemon_set.template.spec
        if untolerated(node.taints, (*spec.tolerations, *DAEMON_TOLERATIONS)) is not None:
            continue
        if affinity_matches(spec, node):
            taken = taken + msgspec.structs.replace(pod_requests(spec), pods=1)
    return taken


def _amounts(group: AutoScalingGroup, sample: Node | None) -> Resources | None:
    first = group.instance_types[0] if group.instance_types else ""
    if sample is not None and sample.labels.get(INSTANCE_TYPE_LABEL, first) == first:
        return sample.allocatable
    try:
        amounts = allocatable(first)
    except UnknownInstanceType:
        # A type without figures: some other type of the group is the best that is known.
        return None if sample is None else sample.allocatable
    return _overridden(amounts, resources_of(group.tags)) if sample is None else amounts


def _overridden(amounts: Resources, tagged: Mapping[str, str]) -> Resources:
    """Return the amounts with those that tags give instead."""
    extended = dict(amounts.extended)
    changes: dict[str, int] = {}
    for name, text in tagged.items():
        match name:
            case "cpu":
                changes["cpu_millicores"] = parse_cpu_millicores(text)
            case "memory":
                changes["memory_bytes"] = parse_bytes(text)
            case "ephemeral-storage":
                changes["ephemeral_storage_bytes"] = parse_bytes(text)
            case "pods":
                changes["pods"] = int(parse_quantity(text))
            case _:
                extended[name] = int(parse_quantity(text))
    return msgspec.structs.replace(amounts, extended=tuple(sorted(extended.items())), **changes)


def _labels(group: AutoScalingGroup) -> dict[str, str]:
    """Return the labels of a node of a group that has none, as kubelet and the tags will set them.

    Only the first zone and the first type are known beforehand, as in Cluster Autoscaler.
    """
    labels = {OS_LABEL: "linux"}
    if group.zones:
        labels[ZONE_LABEL] = group.zones[0]
        labels[REGION_LABEL] = group.zones[0].rstrip("abcdefghijklmnopqrstuvwxyz")
    if group.instance_types:
        labels[INSTANCE_TYPE_LABEL] = group.instance_types[0]
        try:
            labels[ARCH_LABEL] = instance_type(group.instance_types[0]).arch
        except UnknownInstanceType:
            labels[ARCH_LABEL] = "amd64"
    labels.update(labels_of(group.tags))
    return labels
