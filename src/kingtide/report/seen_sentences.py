"""What a controller saw in a pass, as a sentence; zeros go without saying."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.control.counted import Counted
from kingtide.control.report import Detail

NODES: dict[str, str] = {
    "nodes_unready": "{n:,} not Ready",
    "nodes_unneeded": "{n:,} not needed",
    "nodes_changed": "{n:,} changed since the last pass",
}
"""What is told of the nodes in brackets behind their number."""

FIGURES: dict[str, str] = {
    "nodes_upcoming": "{n:,} {n:node|nodes} on {n:its|their} way",
    "pods_waiting": "{n:,} {n:pod|pods} waiting",
    "pods_nominated": "{n:,} {n:pod|pods} nominated to a node whose victims have still to go",
    "pods_expendable": "{n:,} expendable {n:pod|pods}, for which no node is added",
    "removals": "{n:,} {n:removal|removals} under way",
    "groups_in_backoff": "{n:,} {n:group|groups} left alone after a failure",
    "pools_without_capacity": "{n:,} capacity {n:pool|pools} without capacity",
    "cores": "{n:,} schedulable {n:core|cores}",
    "replicas": "{n:,} {n:replica|replicas}",
    "utilization_percent": "{n:,} % of the requests used",
    "recommended_replicas": "{n:,} {n:replica|replicas} recommended by the metrics",
}
"""By key of a report's `saw`; any other key is told as it is, never hidden."""


def seen_text(saw: Mapping[str, Detail]) -> str:
    """Return `92 nodes (3 changed since the last pass), 22 pods waiting`."""
    of_nodes = [_told(NODES[key], saw[key]) for key in NODES if saw.get(key)]
    parts = []
    if saw.get("nodes") or of_nodes:
        nodes = _told("{n:,} {n:node|nodes}", saw.get("nodes", 0))
        parts.append(f"{nodes} ({', '.join(of_nodes)})" if of_nodes else nodes)
    for key, value in saw.items():
        if value and key != "nodes" and key not in NODES:
            pattern = FIGURES.get(key, key.replace("_", " ") + " {n}")
            parts.append(_told(pattern, value))
    return ", ".join(parts)


def _told(pattern: str, value: Detail) -> str:
    # A figure of another kind than a number, from a journal of another version, has no plural.
    return pattern.format(n=Counted(value)) if isinstance(value, int) else str(value)
