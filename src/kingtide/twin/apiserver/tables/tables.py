"""Which table a resource has; one that has none of its own shows name and age."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.tables import others, workloads
from kingtide.twin.apiserver.tables.ages import age
from kingtide.twin.apiserver.tables.custom import custom_table
from kingtide.twin.apiserver.tables.nodes import NODES
from kingtide.twin.apiserver.tables.pods import PODS
from kingtide.twin.apiserver.tables.row import AGE, NAME, Cell, Table


def _plain(entry: Entry, now_ms: int) -> list[Cell]:
    return [entry.name, age(entry, now_ms)]


PLAIN = Table((NAME, AGE), _plain)
TABLES: Mapping[str, Table] = {
    "pods": PODS,
    "nodes": NODES,
    "deployments.apps": workloads.DEPLOYMENTS,
    "replicasets.apps": workloads.REPLICA_SETS,
    "statefulsets.apps": workloads.STATEFUL_SETS,
    "daemonsets.apps": workloads.DAEMON_SETS,
    "jobs.batch": workloads.JOBS,
    "cronjobs.batch": workloads.CRON_JOBS,
    "horizontalpodautoscalers.autoscaling": workloads.AUTOSCALERS,
    "poddisruptionbudgets.policy": workloads.BUDGETS,
    "events": others.EVENTS,
    "namespaces": others.NAMESPACES,
    "configmaps": others.CONFIG_MAPS,
    "secrets": others.SECRETS,
    "services": others.SERVICES,
    "endpointslices.discovery.k8s.io": others.ENDPOINT_SLICES,
    "priorityclasses.scheduling.k8s.io": others.PRIORITY_CLASSES,
    "leases.coordination.k8s.io": others.LEASES,
    "customresourcedefinitions.apiextensions.k8s.io": others.DEFINITIONS,
}


def table_of(resource: Resource) -> Table:
    """Return the table of a resource."""
    if resource.columns:
        return custom_table(resource)
    return TABLES.get(resource.qualified, PLAIN)
