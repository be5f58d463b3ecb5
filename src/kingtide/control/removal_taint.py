"""The taint of a node that is being given back, which node_autoscaling puts and others heed."""

from __future__ import annotations

from kingtide.kube.nodes import Node
from kingtide.kube.taints import Taint

TO_BE_DELETED = "ToBeDeletedByClusterAutoscaler"
"""Its value is the Unix time in seconds. Cluster Autoscaler's own key, so that the two respect each
other's removals while one replaces the other.
"""

DELETION_MAX_MS = 300_000
"""A removal taint older than this is a leftover (MaxCloudProviderNodeDeletionTime)."""


def removal_taint(node: Node) -> Taint | None:
    """Return the taint of a node under removal, None when it is not."""
    for taint in node.taints:
        if taint.key == TO_BE_DELETED:
            return taint
    return None


def removal_since_ms(taint: Taint) -> int:
    """Return the moment a removal began, 0 when the taint's value tells none."""
    return int(taint.value) * 1000 if taint.value.isdecimal() and len(taint.value) < 15 else 0


def is_being_deleted(node: Node, now_ms: int) -> bool:
    """Return whether somebody is removing a node, going by a taint that is not a leftover."""
    taint = removal_taint(node)
    return taint is not None and now_ms - removal_since_ms(taint) < DELETION_MAX_MS
