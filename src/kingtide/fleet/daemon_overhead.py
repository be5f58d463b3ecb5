"""What DaemonSets take of every node of an application group."""

from __future__ import annotations

from kingtide.fleet.models.amounts import Amounts
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.node_daemons import node_daemons
from kingtide.kube.resources import Resources


def daemon_overhead(spec: ClusterSpec, group: str) -> Resources:
    """Return what the fleet's DaemonSets, and a group's own overhead, request of a node.

    What runs beside them and is written nowhere is not in it.
    """
    amounts = [it.requests for it in node_daemons(spec).values() if it.node_group in (None, group)]
    amounts.append(spec.node_groups[group].daemon_set_overhead or Amounts())
    return Resources(
        cpu_millicores=sum(it.cpu for it in amounts), memory_bytes=sum(it.memory for it in amounts)
    )
