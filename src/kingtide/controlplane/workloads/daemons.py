"""On which nodes a DaemonSet runs a pod.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations
(v1.36).
"""

from __future__ import annotations

from kingtide.controlplane.scheduling.fits import affinity_matches
from kingtide.kube.nodes import Node
from kingtide.kube.taints import NOT_READY, UNREACHABLE, UNSCHEDULABLE, Toleration, untolerated
from kingtide.kube.workloads import DaemonSet

ADDED_TOLERATIONS: tuple[Toleration, ...] = (
    Toleration(key=NOT_READY, operator="Exists", effect="NoExecute"),
    Toleration(key=UNREACHABLE, operator="Exists", effect="NoExecute"),
    Toleration(key="node.kubernetes.io/disk-pressure", operator="Exists", effect="NoSchedule"),
    Toleration(key="node.kubernetes.io/memory-pressure", operator="Exists", effect="NoSchedule"),
    Toleration(key="node.kubernetes.io/pid-pressure", operator="Exists", effect="NoSchedule"),
    Toleration(key=UNSCHEDULABLE, operator="Exists", effect="NoSchedule"),
)
# Real DaemonSets without a toleration of their own wait until the node is Ready. What this answers
# is whether the node is one of theirs: its room is taken, sooner or later.
_NODE_COMING_UP = Toleration(key=NOT_READY, operator="Exists", effect="NoSchedule")


def runs_on(daemon_set: DaemonSet, node: Node) -> bool:
    """Return whether a DaemonSet wants a pod on a node, which may be a mere template.

    A node that is not ready yet counts as the ready one that it is about to be.
    """
    spec = daemon_set.template.spec
    tolerations = (*spec.tolerations, *ADDED_TOLERATIONS, _NODE_COMING_UP)
    if untolerated(node.taints, tolerations) is not None:
        return False
    return affinity_matches(spec, node)
