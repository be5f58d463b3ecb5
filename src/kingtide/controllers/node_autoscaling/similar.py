"""Which groups' nodes are alike enough to share a scale-up.

Source:
https://github.com/kubernetes-sigs/cluster-autoscaler/blob/33c3f97b/pkg/processors/nodegroupset/compare_nodegroups.go
and aws_nodegroups.go beside it.
"""

from __future__ import annotations

from kingtide.controllers.node_autoscaling.node_template import NodeTemplate
from kingtide.kube.nodes import (
    HOSTNAME_LABEL,
    INSTANCE_TYPE_LABEL,
    REGION_LABEL,
    ZONE_LABEL,
)

IGNORED_LABELS = (
    HOSTNAME_LABEL,
    ZONE_LABEL,
    REGION_LABEL,
    INSTANCE_TYPE_LABEL,
    "kops.k8s.io/instancegroup",
    "alpha.eksctl.io/instance-id",
    "alpha.eksctl.io/nodegroup-name",
    "eks.amazonaws.com/nodegroup",
    "k8s.amazonaws.com/eniConfig",
    "topology.ebs.csi.aws.com/zone",
    "topology.k8s.aws/zone-id",
)
"""Labels that may differ. Unlike Cluster Autoscaler's list for AWS, `lifecycle` is not among them:
spot and on-demand are never alike."""

MEMORY_DIFFERENCE_PERMILLE = 15
"""Of capacity (--memory-difference-ratio 0.015): the same type differs a little by host."""
FREE_DIFFERENCE_PERMILLE = 50
"""Of what is free on an empty node (--max-free-difference-ratio 0.05)."""


def are_similar(a: NodeTemplate, b: NodeTemplate) -> bool:
    """Return whether two groups' next nodes are alike: same labels, taints and sizes."""
    if _labels(a) != _labels(b) or a.node.taints != b.node.taints:
        return False
    left, right = a.node.capacity, b.node.capacity
    if left.cpu_millicores != right.cpu_millicores or left.extended != right.extended:
        return False
    return _within(left.memory_bytes, right.memory_bytes, MEMORY_DIFFERENCE_PERMILLE) and all(
        _within(x, y, FREE_DIFFERENCE_PERMILLE)
        for x, y in (
            (a.free.cpu_millicores, b.free.cpu_millicores),
            (a.free.memory_bytes, b.free.memory_bytes),
        )
    )


def _labels(template: NodeTemplate) -> dict[str, str]:
    return {key: it for key, it in template.node.labels.items() if key not in IGNORED_LABELS}


def _within(x: int, y: int, permille: int) -> bool:
    return abs(x - y) * 1000 <= max(x, y) * permille
