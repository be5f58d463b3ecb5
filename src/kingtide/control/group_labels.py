"""What a group's tags say of its nodes' labels, before there is a node.

Source:
https://github.com/kubernetes/autoscaler/blob/55c37cd5/cluster-autoscaler/cloudprovider/aws/aws_manager.go
"""

from __future__ import annotations

from collections.abc import Mapping

TEMPLATE_PREFIX = "k8s.io/cluster-autoscaler/node-template/"
LABEL_PREFIX = TEMPLATE_PREFIX + "label/"
EKS_PREFIX = "eks:"


def labels_of(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the labels that tags give to a node; EKS' own tags lose their prefix."""
    labels: dict[str, str] = {}
    for key, value in tags.items():
        for prefix in (LABEL_PREFIX, EKS_PREFIX):
            if key.startswith(prefix) and len(key) > len(prefix):
                labels[key[len(prefix) :]] = value
    return labels
