"""Tools that must not go away with one node, and budgets that let no node go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kingtide.check.plain_values import items_at, map_at, text_at
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
from kingtide.fleet.documents.tree import Plain
from kingtide.fleet.manifests import Manifest
from kingtide.kube.int_or_percent import NotAnAmount, scaled
from kingtide.kube.labels import LabelSelector, Requirement, SelectorOperator, selector_matches

_KINDS = ("Deployment", "StatefulSet")
_OPERATORS: dict[str, SelectorOperator] = {
    "In": "In",
    "NotIn": "NotIn",
    "Exists": "Exists",
    "DoesNotExist": "DoesNotExist",
}


def _single_replicas(cluster: ClusterView) -> Iterable[Found]:
    """Note admin tools of one pod."""
    for workload in _admin_tools(cluster):
        if workload.replicas == 1:
            wrong = "has one replica, and is gone while its node is emptied"
            at = ("spec", "replicas")
            yield cluster.found_in(workload.manifest, at, wrong, "write `replicas: 2`")


def _missing_budgets(cluster: ClusterView) -> Iterable[Found]:
    """Note admin tools without a PodDisruptionBudget."""
    covered = {it.manifest.key: None for _, its in _covered(cluster) for it in its}
    for workload in _admin_tools(cluster):
        if workload.manifest.key not in covered:
            wrong = "has no PodDisruptionBudget: all its pods may be evicted at once"
            advice = "add one with `maxUnavailable: 1`"
            yield cluster.found_in(workload.manifest, ("metadata", "name"), wrong, advice)


def _blocking_budgets(cluster: ClusterView) -> Iterable[Found]:
    """Note budgets that allow no eviction even when every pod is healthy."""
    for budget, workloads in _covered(cluster):
        spec = budget.value(("spec",))
        for workload in workloads:
            if workload.replicas and _allowed(spec, workload.replicas) == 0:
                at = (
                    "spec",
                    "minAvailable" if "minAvailable" in map_at(spec) else "maxUnavailable",
                )
                wrong = (
                    f"lets none of the {workload.replicas} pods of {workload.manifest.name} be"
                    " evicted: no node with one of them can be emptied"
                )
                yield cluster.found_in(
                    budget, at, wrong, "write `maxUnavailable: 1` or more replicas"
                )


def _admin_tools(cluster: ClusterView) -> list[Workload]:
    """Return what runs on nodes set apart for tools: dedicated ones that are on-demand always."""
    found = []
    for workload in cluster.workloads:
        group = dedicated(cluster, group_of(cluster, workload))
        if workload.kind in _KINDS and group is not None and group.on_demand is not None:
            found.append(workload)
    return found


def _covered(cluster: ClusterView) -> list[tuple[Manifest, list[Workload]]]:
    """Return every budget with the workloads whose pods it selects."""
    by_namespace: dict[str, list[tuple[Workload, Mapping[str, str]]]] = {}
    for workload in cluster.workloads:
        if workload.kind in _KINDS:
            labelled = (workload, workload.labels)
            by_namespace.setdefault(workload.namespace, []).append(labelled)
    found = []
    for budget in cluster.of_kind("PodDisruptionBudget"):
        written = budget.value(("spec", "selector"))
        selector = _selector(written)
        near = by_namespace.get(budget.namespace or "default", []) if written is not None else []
        found.append((budget, [it for it, labels in near if selector_matches(selector, labels)]))
    return found


def _selector(written: Plain) -> LabelSelector:
    expressions = []
    for it in items_at(written, "matchExpressions"):
        operator = _OPERATORS.get(text_at(it, "operator"))
        if operator is not None:
            values = tuple(value for value in items_at(it, "values") if isinstance(value, str))
            expressions.append(Requirement(text_at(it, "key"), operator, values))
    labels = tuple(
        (key, value)
        for key, value in map_at(written, "matchLabels").items()
        if isinstance(value, str)
    )
    return LabelSelector(labels, tuple(expressions))


def _allowed(written: Plain, replicas: int) -> int | None:
    """Return how many of a budget's healthy pods may be evicted at once; None for no amount.

    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/#rounding-logic-when-specifying-percentages
    """
    spec = map_at(written)
    try:
        if "minAvailable" in spec:
            kept = scaled(str(spec["minAvailable"]), replicas, round_up=True)
            return max(replicas - kept, 0)
        if "maxUnavailable" in spec:
            return scaled(str(spec["maxUnavailable"]), replicas, round_up=True)
    except NotAnAmount:
        return None
    return None


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
