"""All Kubernetes objects of a cluster, in the order in which they can be applied."""

from __future__ import annotations

from kingtide.compile.document import Document
from kingtide.compile.kubernetes.expander_priorities import expander_priorities
from kingtide.compile.kubernetes.namespaces import namespaces
from kingtide.compile.kubernetes.node_dns import node_dns_config_maps, node_dns_daemon_sets
from kingtide.compile.kubernetes.pause_pods import pause_config_maps, pause_deployments
from kingtide.compile.kubernetes.priority_classes import priority_classes
from kingtide.compile.kubernetes.workload_defaults import daemon_set_resources, workload_defaults
from kingtide.compile.subject import Subject


def objects(subject: Subject) -> tuple[Document, ...]:
    """Return the objects: what others need comes first, each kind by namespace and name."""
    config_maps = (
        *pause_config_maps(subject),
        *expander_priorities(subject),
        *workload_defaults(subject),
        *daemon_set_resources(subject),
        *node_dns_config_maps(subject),
    )
    return (
        *namespaces(subject),
        *priority_classes(subject),
        *_sorted(config_maps),
        *node_dns_daemon_sets(subject),
        *_sorted(pause_deployments(subject)),
    )


def _sorted(documents: tuple[Document, ...]) -> list[Document]:
    return sorted(documents, key=lambda it: (it.namespace, it.name))
