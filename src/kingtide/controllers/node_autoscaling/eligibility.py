"""Whether a node may be looked at as one to give back, and why not.

Source:
https://github.com/kubernetes-sigs/cluster-autoscaler/blob/33c3f97b/pkg/core/scaledown/eligibility/eligibility.go
and pkg/simulator/utilization/info.go of the same commit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from kingtide.control.drain import is_daemon_set_pod, is_long_terminating
from kingtide.control.removal_taint import is_being_deleted
from kingtide.controllers.node_autoscaling.template_tags import GroupOptions
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod, pod_requests
from kingtide.kube.resources import NO_RESOURCES, Resources

SCALE_DOWN_DISABLED = "cluster-autoscaler.kubernetes.io/scale-down-disabled"
DELETION_CANDIDATE = "DeletionCandidateOfClusterAutoscaler"

GPU_RESOURCE = "nvidia.com/gpu"

IneligibilityCode = Literal[
    "CurrentlyBeingDeleted",
    "ScaleDownDisabledAnnotation",
    "NotAutoscaled",
    "ScaleDownUnreadyDisabled",
    "NotUnderutilized",
]


def ineligibility(
    node: Node,
    *,
    is_autoscaled: bool,
    utilization: float,
    options: GroupOptions,
    unready_enabled: bool,
    now_ms: int,
) -> IneligibilityCode | None:
    """Return why a node is no candidate for removal, None when it is one."""
    if is_being_deleted(node, now_ms):
        return "CurrentlyBeingDeleted"
    if node.annotations.get(SCALE_DOWN_DISABLED) == "true":
        return "ScaleDownDisabledAnnotation"
    if not is_autoscaled:
        return "NotAutoscaled"
    if not unready_enabled and not node.is_ready:
        return "ScaleDownUnreadyDisabled"
    if utilization > threshold_for(node, options):
        return "NotUnderutilized"
    return None


def threshold_for(node: Node, options: GroupOptions) -> float:
    """Return the utilisation up to which a node is a candidate."""
    if gpus_of(node.allocatable):
        return options.gpu_utilization_threshold
    return options.utilization_threshold


def node_utilization(
    allocatable: Resources, pods: Iterable[Pod], *, ignore_daemon_sets: bool, now_ms: int
) -> float:
    """Return the larger share of CPU and memory requested; of GPUs alone where there are some.

    Ignored DaemonSet pods are taken off both sides; pods that should long be gone are left out.
    An IEEE double, as in the real component. A node that offers nothing counts as unused, so that
    it can be removed.
    """
    requested = NO_RESOURCES
    daemons = NO_RESOURCES
    for pod in pods:
        if ignore_daemon_sets and is_daemon_set_pod(pod):
            daemons = daemons + pod_requests(pod.spec)
        elif not pod.is_terminal and not is_long_terminating(pod, now_ms):
            requested = requested + pod_requests(pod.spec)
    return utilization_of(requested, allocatable, daemons)


def utilization_of(
    requested: Resources, allocatable: Resources, daemons: Resources = NO_RESOURCES
) -> float:
    """Return the utilisation from sums; `daemons` are taken off what is allocatable."""
    if gpus_of(allocatable):
        return _share(gpus_of(requested), gpus_of(allocatable) - gpus_of(daemons))
    return larger_share(
        requested.cpu_millicores,
        allocatable.cpu_millicores - daemons.cpu_millicores,
        requested.memory_bytes,
        allocatable.memory_bytes - daemons.memory_bytes,
    )


def larger_share(cpu: int, cpu_allocatable: int, memory: int, memory_allocatable: int) -> float:
    """Return the larger of two shares, 0 for a node that offers neither CPU nor memory."""
    if cpu_allocatable == 0 and memory_allocatable == 0:
        return 0.0
    return max(_share(cpu, cpu_allocatable), _share(memory, memory_allocatable))


def gpus_of(amounts: Resources) -> int:
    """Return the number of GPUs among the extended resources."""
    return dict(amounts.extended).get(GPU_RESOURCE, 0) if amounts.extended else 0


def _share(part: int, whole: int) -> float:
    if whole == 0:
        return math.inf if part else 0.0
    return part / whole
