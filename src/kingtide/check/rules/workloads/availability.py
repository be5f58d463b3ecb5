"""Tools that must not go away with one node, and budgets that let no node go."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.plain_values import map_at
from kingtide.check.rule import Rule, each_cluster
from kingtide.check.rules.workloads.example import (
    ADMIN,
    BUDGET,
    DEPLOYMENT,
    applied,
    changed,
    on_admin,
)
from kingtide.check.rules.workloads.node_group import dedicated, group_of
from kingtide.check.view import ClusterView, Found
from kingtide.check.workload import Workload
from kingtide.compile.document import Document
from kingtide.compile.plan import drained
from kingtide.compile.plan.blocked_drains import refused_evictions
from kingtide.compile.plan.drained import WORKLOAD_KINDS, budgets, workloads
from kingtide.fleet.documents.tree import Plain, plain
from kingtide.kube.int_or_percent import NotAnAmount, scaled
from kingtide.kube.labels import selector_matches

_KINDS = ("Deployment", "StatefulSet")
_LOOKED_AT = (*WORKLOAD_KINDS, "HorizontalPodAutoscaler", "PodDisruptionBudget")


def _single_replicas(cluster: ClusterView) -> Iterable[Found]:
    """Note admin tools of one pod."""
    least = {_key(it): it.replicas for it in workloads(documents_of(cluster))}
    for workload in _admin_tools(cluster):
        if least.get(_key(workload)) == 1:
            wrong = "has one replica, and is gone while its node is emptied"
            at = ("spec", "replicas")
            yield cluster.found_in(workload.manifest, at, wrong, "write `replicas: 2`")


def _missing_budgets(cluster: ClusterView) -> Iterable[Found]:
    """Note admin tools without a PodDisruptionBudget."""
    known = budgets(documents_of(cluster))
    for workload in _admin_tools(cluster):
        namespace, labels = workload.namespace, workload.labels
        if not any(
            it.namespace == namespace and selector_matches(it.selector, labels) for it in known
        ):
            wrong = "has no PodDisruptionBudget: all its pods may be evicted at once"
            advice = "add one with `maxUnavailable: 1`"
            yield cluster.found_in(workload.manifest, ("metadata", "name"), wrong, advice)


def _blocking_budgets(cluster: ClusterView) -> Iterable[Found]:
    """Note budgets that allow no eviction even when every pod is healthy.

    The eviction API's own rules decide, over the least replicas that autoscalers leave.
    """
    written = {
        (it.namespace or "default", it.name): it for it in cluster.of_kind("PodDisruptionBudget")
    }
    for refused in refused_evictions(documents_of(cluster)):
        workload, replicas = refused.workload, refused.workload.replicas
        first, *others = (written[it.namespace, it.name] for it in refused.budgets)
        if others:
            names = ", ".join(it.name for it in refused.budgets)
            wrong = f"pods of {workload.name} have {1 + len(others)} budgets, {names}, and the API"
            advice = "leave one budget for these pods"
            for it in (first, *others):
                yield cluster.found_in(it, ("spec", "selector"), f"{wrong} evicts none", advice)
            continue
        spec = map_at(first.value(("spec",)))
        by = "minAvailable" if "minAvailable" in spec else "maxUnavailable"
        pods = "the one pod" if replicas == 1 else f"any of the {replicas} pods"
        wrong = f"does not let {pods} of {workload.name} be evicted: no node with one is emptied"
        advice = "write `maxUnavailable: 1`" + (", and more replicas" if replicas == 1 else "")
        if not _is_amount(spec.get(by)):
            wrong = f"{spec.get(by)!r} is neither a number nor a percentage: the API refuses it"
        yield cluster.found_in(first, ("spec", by), wrong, advice)


def _is_amount(written: Plain) -> bool:
    try:
        scaled(str(written), 1, round_up=True)
    except NotAnAmount:
        return False
    return True


def documents_of(cluster: ClusterView) -> list[Document]:
    """Return the objects of a cluster that decide about evictions, each in its namespace."""
    found = []
    for it in cluster.manifests:
        body = plain(it.node)
        if it.kind in _LOOKED_AT and isinstance(body, dict):
            namespace: Plain = it.namespace or "default"
            found.append(Document({**body, "metadata": {"name": it.name, "namespace": namespace}}))
    return found


def _key(workload: Workload | drained.Workload) -> tuple[str, str, str]:
    name = workload.manifest.name if isinstance(workload, Workload) else workload.name
    return (workload.kind, workload.namespace, name)


def _admin_tools(cluster: ClusterView) -> list[Workload]:
    """Return what runs on nodes set apart for tools: dedicated ones that are on-demand always."""
    found = []
    for workload in cluster.workloads:
        group = dedicated(cluster, group_of(cluster, workload))
        if workload.kind in _KINDS and group is not None and group.on_demand is not None:
            found.append(workload)
    return found


RULES = (
    Rule(
        code="KT409",
        title="A tool of one replica",
        severity="warning",
        why="It is gone while its node is emptied, at a rollout or an interruption: an"
        " autoscaler or an ingress that is away is missed exactly then.",
        source="https://kubernetes.io/docs/concepts/workloads/pods/disruptions/ (v1.36)",
        failing=applied(
            on_admin(changed(DEPLOYMENT, ("replicas: 3", "replicas: 1"))), BUDGET, spec=ADMIN
        ),
        passing=applied(on_admin(DEPLOYMENT), BUDGET, spec=ADMIN),
        check=each_cluster(_single_replicas),
    ),
    Rule(
        code="KT416",
        title="A tool without a PodDisruptionBudget",
        severity="warning",
        why="Two drains at once may take all its pods; a budget makes the second wait.",
        source="https://kubernetes.io/docs/tasks/run-application/configure-pdb/ (v1.36)",
        failing=applied(on_admin(DEPLOYMENT), spec=ADMIN),
        passing=applied(on_admin(DEPLOYMENT), BUDGET, spec=ADMIN),
        check=each_cluster(_missing_budgets),
    ),
    Rule(
        code="KT417",
        title="A PodDisruptionBudget that lets nothing go",
        severity="error",
        why="No node with one of these pods can ever be emptied: a rolling update waits 15"
        " minutes and fails, an interruption kills the pod without its grace period.",
        source="https://kubernetes.io/docs/tasks/run-application/configure-pdb/ (v1.36)",
        failing=applied(DEPLOYMENT, changed(BUDGET, ("maxUnavailable: 1", "minAvailable: 3"))),
        passing=applied(DEPLOYMENT, BUDGET),
        check=each_cluster(_blocking_budgets),
    ),
)
