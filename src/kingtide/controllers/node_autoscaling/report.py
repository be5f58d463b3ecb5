"""What node_autoscaling says of its passes: only what changed since it was last said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kingtide.control.report import Verdict
from kingtide.controllers.node_autoscaling.priorities import Priorities

CLUSTER = "cluster/nodes"


def changed(
    said: Mapping[str, str],
    standing: Iterable[Verdict],
    cleared: Iterable[Verdict] = (),
    forgotten: Iterable[str] = (),
) -> tuple[Mapping[str, str], list[Verdict]]:
    """Return what is now said, and the verdicts that were not said before.

    `cleared` are said when their subject had a standing, which then ends; `forgotten` subjects lose
    theirs in silence, before the new standings count.
    """
    updates: dict[str, str | None] = {it: None for it in forgotten if it in said}
    verdicts: list[Verdict] = []
    for verdict in standing:
        before = None if verdict.subject in updates else said.get(verdict.subject)
        if before != verdict.code:
            verdicts.append(verdict)
            updates[verdict.subject] = verdict.code
    for verdict in cleared:
        if verdict.subject in said and verdict.subject not in updates:
            verdicts.append(verdict)
            updates[verdict.subject] = None
    if not updates:
        return said, verdicts
    merged = dict(said)
    for subject, code in updates.items():
        if code is None:
            merged.pop(subject, None)
        else:
            merged[subject] = code
    return merged, verdicts


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
