"""What DaemonSets take of every node of an application group."""

from __future__ import annotations

from kingtide.fleet.models.amounts import Amounts
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.kube.resources import Resources


def daemon_overhead(spec: ClusterSpec, group: str) -> Resources:
    """Return what the DaemonSets of `daemonSets`, and a group's own overhead, request of a node.

    What runs beside them and is written nowhere is not in it.
    """
    amounts = [it.requests for it in spec.daemon_sets.values() if it.node_group in (None, group)]
    amounts.append(spec.node_groups[group].daemon_set_overhead or Amounts())
    return Resources(
        cpu_millicores=sum(it.cpu for it in amounts), memory_bytes=sum(it.memory for it in amounts)
    )
