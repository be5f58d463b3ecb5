"""The names that a group's pause pods go by, wherever they are made or counted."""

from __future__ import annotations

PAUSE_NAMESPACE = "overprovisioning"
"""Not kube-system: an autoscaler keeps a node for an hour on which a young kube-system pod runs."""
PAUSE_PRIORITY_CLASS = "overprovisioning"
"""The PriorityClass of pause pods, by its name in `priorityClasses`."""
PAUSE_IMAGE = "registry.k8s.io/pause:3.10"
"""A program that waits for its end; every node has it, as the container that holds a pod's network.
"""


def pause_name(group: str) -> str:
    """Return the name of a group's pause Deployment, and of the ConfigMap with its ladder."""
    return f"overprovisioning-{group}"
