"""What node_autoscaling says of its passes: only what changed since it was last said."""

from __future__ import annotations

from kingtide.control.report import Verdict
from kingtide.controllers.node_autoscaling.priorities import Priorities

CLUSTER = "cluster/nodes"


def no_longer_waiting(workload: str) -> Verdict:
    """Return what is said when none of a workload's pods waits any more."""
    return Verdict(workload, "cleared", "NoLongerWaiting")


def no_longer_unhealthy() -> Verdict:
    """Return what is said when enough nodes are Ready again."""
    return Verdict(CLUSTER, "cleared", "ClusterHealthy")


def of_priorities(config_map: str, priorities: Priorities) -> list[Verdict]:
    """Return why the priorities cannot be used, nothing when they can."""
    if priorities.problem is None:
        return []
    details = {"problem": priorities.problem, "detail": priorities.detail}
    return [Verdict(f"configmap/{config_map}", "noticed", "PrioritiesUnusable", details)]
