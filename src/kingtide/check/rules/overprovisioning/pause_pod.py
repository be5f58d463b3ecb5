"""What a group's pause pods request, and which pods they make room for."""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.check.plain_values import value_at
from kingtide.check.rules.workloads.amounts import amount_of, requests_of
from kingtide.check.rules.workloads.node_group import group_of
from kingtide.check.view import ClusterView
from kingtide.check.workload import Workload
from kingtide.compile.compiled_cluster import CompiledCluster
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.pause_pods import PAUSE_NAMESPACE, pause_name
from kingtide.kube.resources import Resources

_CONTAINER: Path = ("spec", "template", "spec", "containers", 0)


def pause_pod_of(cluster: ClusterView, group: str) -> Resources | None:
    """Return what a group's pause pod requests, all patches done; None where nobody knows.

    What is not written is what the cluster compiles to.
    """
    if isinstance(cluster.compiled, CompiledCluster):
        wanted = ("apps/v1", "Deployment", PAUSE_NAMESPACE, pause_name(group))
        for document in cluster.compiled.objects:
            if document.key == wanted:
                requests = (*_CONTAINER, "resources", "requests")
                cpu = amount_of("cpu", value_at(document.body, (*requests, "cpu")))
                memory = amount_of("memory", value_at(document.body, (*requests, "memory")))
                return Resources(cpu or 0, memory or 0)
    written = cluster.spec.overprovisioning[group].pod
    return None if written is None else Resources(written.cpu, written.memory)


def applications_on(cluster: ClusterView, group: str) -> Iterator[tuple[Workload, Resources]]:
    """Yield the known workloads that may run on a group's nodes, with what a pod requests.

    Those that name the group, and, unless it is dedicated, those that name none. DaemonSets have
    their room already.
    """
    dedicated = cluster.spec.node_groups[group].dedicated
    for workload in cluster.workloads:
        asked = group_of(cluster, workload)
        if workload.kind != "DaemonSet" and (asked == group or (asked is None and not dedicated)):
            yield workload, requests_of(workload)
