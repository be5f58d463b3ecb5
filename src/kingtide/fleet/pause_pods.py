"""The names that a group's pause pods go by, wherever they are made or counted."""

from __future__ import annotations

PAUSE_NAMESPACE = "kube-system"
PAUSE_PRIORITY_CLASS = "overprovisioning"
"""The PriorityClass of pause pods, by its name in `priorityClasses`."""


def pause_name(group: str) -> str:
    """Return the name of a group's pause Deployment, and of the ConfigMap with its ladder."""
    return f"overprovisioning-{group}"
