"""What speaks for or against a node by its labels, taints and images alone.

Source: pkg/scheduler/framework/plugins/{nodeaffinity,tainttoleration,imagelocality} (v1.36).
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.controlplane.scheduling.pod_rules import normalized_image
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.kube.labels import term_matches
from kingtide.kube.nodes import Node
from kingtide.kube.taints import tolerates

_MEBIBYTE = 1024 * 1024
_SMALLEST_IMAGE = 23 * _MEBIBYTE
_LARGEST_IMAGE = 1000 * _MEBIBYTE
"""Image sizes between which the score grows; thresholds of ImageLocality."""


def affinity_points(shape: PodShape, node: Node) -> int:
    """Return the sum of the weights of the preferred node affinity terms that match."""
    return sum(
        preferred.weight
        for preferred in shape.spec.preferred_node_affinity
        if term_matches(preferred.term, node.labels, node.name)
    )


def avoidable_taints(shape: PodShape, node: Node) -> int:
    """Return the number of PreferNoSchedule taints of a node that a shape does not tolerate."""
    return sum(
        taint.effect == "PreferNoSchedule"
        and not any(tolerates(toleration, taint) for toleration in shape.spec.tolerations)
        for taint in node.taints
    )


def affinity_score(points: int, most: int) -> int:
    """Return points as a share of the most that any feasible node has, 0 to 100."""
    return 100 * points // most if most else points


def taint_score(taints: int, most: int) -> int:
    """Return 100 for no avoidable taint, down to 0 for the most that any feasible node has."""
    return 100 - 100 * taints // most if most else 100


def image_score(shape: PodShape, node: Node, holders: Mapping[str, int], node_count: int) -> int:
    """Return how much of the pod's images a node already has, 0 to 100.

    `holders` is the number of nodes that have an image, by normalized name: an image that few nodes
    have counts less, so that pods do not all run to the same node.
    """
    images = shape.rules.images
    if not node.images or not images:
        return 0
    sizes = {normalized_image(name): i.size_bytes for i in node.images for name in i.names}
    found = 0
    for image in images:
        if image in sizes:
            found += int(sizes[image] * (holders.get(image, 0) / node_count))
    largest = _LARGEST_IMAGE * len(images)
    found = min(max(found, _SMALLEST_IMAGE), largest)
    return 100 * (found - _SMALLEST_IMAGE) // (largest - _SMALLEST_IMAGE)
