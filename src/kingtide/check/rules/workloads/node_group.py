"""Which application group's nodes a workload asks for."""

from __future__ import annotations

from kingtide.check.plain_values import items_at, text_at
from kingtide.check.view import ClusterView
from kingtide.check.workload import Workload
from kingtide.fleet.documents.tree import Plain
from kingtide.fleet.models.node_group import Group
from kingtide.kube.nodes import GROUP_LABEL


def group_of(cluster: ClusterView, workload: Workload) -> str | None:
    """Return the application group whose nodes a workload asks for; None where it asks none.

    By its nodeSelector, its required node affinity or its namespace, in this order.
    """
    selected = text_at(workload.pod, "nodeSelector", GROUP_LABEL) or _by_affinity(workload.pod)
    if selected:
        return selected
    namespace = cluster.spec.namespaces.get(workload.namespace)
    return None if namespace is None else namespace.node_group


def dedicated(cluster: ClusterView, name: str | None) -> Group | None:
    """Return a group of nodes if only its own applications may run there; None otherwise."""
    group = None if name is None else cluster.spec.node_groups.get(name)
    return group if group is not None and group.dedicated else None


def _by_affinity(pod: Plain) -> str:
    """Return the one group that a pod's required node affinity names; empty for none or several."""
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    terms = items_at(pod, "affinity", "nodeAffinity", required, "nodeSelectorTerms")
    found: dict[str, None] = {}
    for term in terms:
        named = [
            items_at(expression, "values")
            for expression in items_at(term, "matchExpressions")
            if text_at(expression, "key") == GROUP_LABEL and text_at(expression, "operator") == "In"
        ]
        if len(named) != 1 or len(named[0]) != 1 or not isinstance(named[0][0], str):
            return ""
        found[named[0][0]] = None
    return next(iter(found)) if len(found) == 1 else ""
