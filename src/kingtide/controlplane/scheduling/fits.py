"""Whether a pod may run on a node: the filters, with the reasons in the scheduler's own words.

Source of the order and of the texts: pkg/scheduler/framework/plugins of kubernetes v1.36.
"""

from __future__ import annotations

from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.kube.labels import term_matches
from kingtide.kube.nodes import Node
from kingtide.kube.pods import PodSpec
from kingtide.kube.resources import Resources
from kingtide.kube.taints import UNSCHEDULABLE, Taint, tolerates, untolerated

UNSCHEDULABLE_NODE = "node(s) were unschedulable"
OTHER_NODES_ONLY = "node(s) didn't satisfy plugin(s) [NodeAffinity]"
"""What nodes are told that a pod bound to named nodes (matchFields) does not even look at."""
UNTOLERATED_TAINT = "node(s) had untolerated taint(s)"
AFFINITY_MISMATCH = "node(s) didn't match Pod's node affinity/selector"
TOO_MANY_PODS = "Too many pods"
INSUFFICIENT_CPU = "Insufficient cpu"
INSUFFICIENT_MEMORY = "Insufficient memory"
INSUFFICIENT_EPHEMERAL_STORAGE = "Insufficient ephemeral-storage"

_CORDON = Taint(key=UNSCHEDULABLE, effect="NoSchedule")


def static_refusal(shape: PodShape, node: Node) -> str | None:
    """Return why a node as it is can never host a pod of this shape, None if it can.

    Looks at cordons, taints, node selector, required node affinity, never at resources. The first
    refusal in the order of kube-scheduler's default profile is returned.
    """
    spec = shape.spec
    pinned = shape.rules.pinned_nodes
    if pinned is not None and node.name not in pinned:
        return OTHER_NODES_ONLY
    if node.unschedulable and not any(tolerates(t, _CORDON) for t in spec.tolerations):
        return UNSCHEDULABLE_NODE
    if node.taints and untolerated(node.taints, spec.tolerations) is not None:
        return UNTOLERATED_TAINT
    if not affinity_matches(spec, node):
        return AFFINITY_MISMATCH
    return None


def affinity_matches(spec: PodSpec, node: Node) -> bool:
    """Return whether a node satisfies the node selector and one of the required affinity terms."""
    labels = node.labels
    for key, value in spec.node_selector:
        if labels.get(key) != value:
            return False
    terms = spec.required_node_affinity
    return not terms or any(term_matches(term, labels, node.name) for term in terms)


def resource_refusals(
    shape: PodShape, allocatable: Resources, requested: Resources
) -> tuple[str, ...]:
    """Return every resource that a node lacks for a pod of this shape, empty if it fits.

    `requested` is the sum over the node's pods, its `pods` their number. What the pod does not ask
    for is not checked.
    """
    wanted = shape.requests
    reasons: list[str] = []
    if requested.pods + 1 > allocatable.pods:
        reasons.append(TOO_MANY_PODS)
    if wanted.cpu_millicores > max(0, allocatable.cpu_millicores - requested.cpu_millicores):
        reasons.append(INSUFFICIENT_CPU)
    if wanted.memory_bytes > max(0, allocatable.memory_bytes - requested.memory_bytes):
        reasons.append(INSUFFICIENT_MEMORY)
    storage_left = allocatable.ephemeral_storage_bytes - requested.ephemeral_storage_bytes
    if wanted.ephemeral_storage_bytes > max(0, storage_left):
        reasons.append(INSUFFICIENT_EPHEMERAL_STORAGE)
    if wanted.extended:
        offered, used = dict(allocatable.extended), dict(requested.extended)
        for name, amount in wanted.extended:
            if amount > max(0, offered.get(name, 0) - used.get(name, 0)):
                reasons.append(f"Insufficient {name}")
    return tuple(reasons)


def exceeds(shape: PodShape, allocatable: Resources) -> bool:
    """Return whether a pod asks for more than a whole node has; no preemption helps then."""
    wanted = shape.requests
    if (
        wanted.cpu_millicores > allocatable.cpu_millicores
        or wanted.memory_bytes > allocatable.memory_bytes
        or wanted.ephemeral_storage_bytes > allocatable.ephemeral_storage_bytes
    ):
        return True
    offered = dict(allocatable.extended)
    return any(amount > offered.get(name, 0) for name, amount in wanted.extended)
