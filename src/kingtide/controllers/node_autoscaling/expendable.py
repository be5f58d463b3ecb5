"""Pods too unimportant to cause a node."""

from __future__ import annotations


def is_expendable(priority: int | None, cutoff: int) -> bool:
    """Return whether a pod is below the cutoff; without a priority it is not.

    Pause pods stand exactly on the default cutoff of -10: at -11 they would silently stop causing
    nodes. Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
    (expendable-pods-priority-cutoff).
    """
    return priority is not None and priority < cutoff
