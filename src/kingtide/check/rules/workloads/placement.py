"""Where pods land: dedicated groups need a selector and a toleration, and classes that exist."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.plain_values import items_at, map_at, number_at, text_at
from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.rules.workloads.example import (
    ADMIN,
    BUDGET,
    DAEMON_SET,
    DEPLOYMENT,
    applied,
    changed,
    on_admin,
)
from kingtide.check.rules.workloads.node_group import dedicated, group_of
from kingtide.check.view import ClusterView, Found
from kingtide.check.workload import Workload
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.expansion import dedicated_taint
from kingtide.kube.nodes import GROUP_LABEL
from kingtide.kube.taints import TaintEffect, Toleration, tolerates

SYSTEM_CLASSES = ("system-cluster-critical", "system-node-critical")
"""PriorityClasses of every cluster.

Source: https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/"""
_ANY_NODE = ("kubernetes.io/arch", "kubernetes.io/os")
"""Labels of every node: who selects by them alone wants all nodes that it can run on."""


def _groups(cluster: ClusterView) -> Iterable[Found]:
    """Note pods and namespaces of a group that the cluster does not have."""
    known = cluster.spec.node_groups
    for name, namespace in cluster.spec.namespaces.items():
        if namespace.node_group is not None and namespace.node_group not in known:
            wrong = f"there is no group {namespace.node_group!r} in nodeGroups"
            advice = did_you_mean(namespace.node_group, known, what="groups")
            yield cluster.found(("namespaces", name, "nodeGroup"), wrong, advice)
    for name, daemon_set in cluster.spec.daemon_sets.items():
        if daemon_set.node_group is not None and daemon_set.node_group not in known:
            wrong = f"there is no group {daemon_set.node_group!r} in nodeGroups"
            advice = did_you_mean(daemon_set.node_group, known, what="groups")
            yield cluster.found(("daemonSets", name, "nodeGroup"), wrong, advice)
    for workload in cluster.workloads:
        selected = text_at(workload.pod, "nodeSelector", GROUP_LABEL)
        if selected and selected not in known:
            wrong = f"selects nodes of group {selected!r}, which the cluster does not have"
            at = (*workload.at, "nodeSelector", GROUP_LABEL)
            advice = did_you_mean(selected, known, what="groups")
            yield cluster.found_in(workload.manifest, at, wrong, advice)


def _missing_tolerations(cluster: ClusterView) -> Iterable[Found]:
    """Note pods that ask for nodes whose taint they do not tolerate: they never run."""
    for workload in cluster.workloads:
        name = group_of(cluster, workload)
        if name is None or not dedicated(cluster, name):
            continue
        if not _tolerates(cluster, workload, name):
            wrong = f"selects the dedicated nodes of {name} and does not tolerate their taint"
            at = (*workload.at, "tolerations")
            yield cluster.found_in(workload.manifest, at, wrong, _toleration(name))


def _missing_selectors(cluster: ClusterView) -> Iterable[Found]:
    """Note pods that tolerate a dedicated group's taint and may land anywhere all the same."""
    for workload in cluster.workloads:
        if workload.kind == "DaemonSet" or group_of(cluster, workload) is not None:
            continue
        for index, written in enumerate(items_at(workload.pod, "tolerations")):
            name = text_at(written, "value")
            if text_at(written, "key") == GROUP_LABEL and dedicated(cluster, name):
                wrong = f"tolerates the taint of group {name}, and may land on any other node too"
                at = (*workload.at, "tolerations", index)
                advice = f"add `nodeSelector: {{{GROUP_LABEL}: {name}}}`"
                yield cluster.found_in(workload.manifest, at, wrong, advice)


def _daemon_sets_everywhere(cluster: ClusterView) -> Iterable[Found]:
    """Note DaemonSets for every node that the taint of a dedicated group keeps off."""
    for workload in cluster.workloads:
        if workload.kind != "DaemonSet" or workload.pod is None:
            continue
        selected = map_at(workload.pod, "nodeSelector")
        if group_of(cluster, workload) is not None or any(key not in _ANY_NODE for key in selected):
            continue
        kept_off = [
            name
            for name, group in cluster.spec.node_groups.items()
            if group.dedicated and not _tolerates(cluster, workload, name)
        ]
        if kept_off:
            wrong = f"does not run on the dedicated nodes of {', '.join(kept_off)}"
            advice = f"add `tolerations: [{{key: {GROUP_LABEL}, operator: Exists}}]`"
            yield cluster.found_in(workload.manifest, (*workload.at, "tolerations"), wrong, advice)


def _priority_classes(cluster: ClusterView) -> Iterable[Found]:
    """Note PriorityClasses that the cluster does not have."""
    known = {**dict.fromkeys(cluster.spec.priority_classes), **dict.fromkeys(SYSTEM_CLASSES)}
    known.update({it.name: None for it in cluster.of_kind("PriorityClass")})
    for name, group in cluster.spec.node_groups.items():
        if group.priority_class is not None and group.priority_class not in known:
            wrong = f"there is no PriorityClass {group.priority_class!r} in priorityClasses"
            advice = did_you_mean(group.priority_class, known, what="classes")
            yield cluster.found(("nodeGroups", name, "priorityClass"), wrong, advice)
    for workload in cluster.workloads:
        named = text_at(workload.pod, "priorityClassName")
        if named and named not in known:
            wrong = f"the cluster has no PriorityClass {named!r}: its pods would be refused"
            advice = did_you_mean(named, known, what="classes")
            at = (*workload.at, "priorityClassName")
            yield cluster.found_in(workload.manifest, at, wrong, advice)


def _daemon_set_priorities(cluster: ClusterView) -> Iterable[Found]:
    """Note DaemonSets whose pods have no more right to a node than those that they serve."""
    for workload in cluster.workloads:
        if workload.kind != "DaemonSet":
            continue
        named = text_at(workload.pod, "priorityClassName")
        if named in SYSTEM_CLASSES or _value(cluster, named) >= _highest(cluster):
            continue
        what = f"the PriorityClass {named}" if named else "no PriorityClass"
        wrong = f"its pods have {what}, and may find no room on a full node"
        at = (*workload.at, "priorityClassName")
        advice = "write `priorityClassName: system-node-critical`"
        yield cluster.found_in(workload.manifest, at, wrong, advice)


def _value(cluster: ClusterView, name: str) -> int:
    for manifest in cluster.of_kind("PriorityClass"):
        if manifest.name == name:
            return number_at(manifest.value(()), "value") or 0
    return cluster.spec.priority_classes.get(name, 0)


def _highest(cluster: ClusterView) -> int:
    """Return the highest priority of an application; one more than nothing where none is named."""
    return max([*cluster.spec.priority_classes.values(), 1])


def _tolerates(cluster: ClusterView, workload: Workload, name: str) -> bool:
    namespace = cluster.spec.namespaces.get(workload.namespace)
    if namespace is not None and namespace.node_group == name:
        return True  # the namespace gives its pods the toleration
    taint = dedicated_taint(name)
    written = items_at(workload.pod, "tolerations")
    return any(
        tolerates(
            Toleration(
                key=text_at(it, "key"),
                operator="Exists" if text_at(it, "operator") == "Exists" else "Equal",
                value=text_at(it, "value"),
                effect=_effect(text_at(it, "effect")),
            ),
            taint,
        )
        for it in written
    )


def _effect(written: str) -> TaintEffect:
    """Return an effect as far as it matters for dedicated nodes, whose taint is NoSchedule."""
    return "NoSchedule" if written in ("", "NoSchedule") else "NoExecute"


def _toleration(name: str) -> str:
    fields = f"key: {GROUP_LABEL}, operator: Equal, value: {name}, effect: NoSchedule"
    return f"add `tolerations: [{{{fields}}}]`"


RULES = (
    Rule(
        code="KT402",
        title="A DaemonSet that gives way to applications",
        severity="warning",
        why="Its pod on a new node comes when applications have filled the node already."
        " With system-node-critical it makes room for itself; without, a node may never"
        " have its log shipper or its DNS cache.",
        source="https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/"
        " (v1.36)",
        failing=applied(
            changed(DAEMON_SET, ("      priorityClassName: system-node-critical\n", ""))
        ),
        passing=applied(DAEMON_SET),
        check=each_cluster(_daemon_set_priorities),
    ),
    Rule(
        code="KT403",
        title="A DaemonSet that misses dedicated nodes",
        severity="warning",
        why="A taint keeps away whatever does not tolerate it, also what every node needs:"
        " these nodes have no logs, no metrics, no DNS cache.",
        source="https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations"
        " (v1.36)",
        failing=applied(
            changed(DAEMON_SET, ("{key: kingtide.dev/node-group, operator: Exists}", "")),
            spec=ADMIN,
        ),
        passing=applied(DAEMON_SET, spec=ADMIN),
        check=each_cluster(_daemon_sets_everywhere),
    ),
    Rule(
        code="KT413",
        title="A group of nodes that there is not",
        severity="error",
        why="Its pods select nodes of which there never is one, and stay pending.",
        source="docs/reference/fleet.md (Cluster, spec.nodeGroups)",
        failing=Example(spec="namespaces: {shop: {nodeGroup: worker}}"),
        passing=Example(spec="namespaces: {shop: {nodeGroup: workers}}"),
        check=each_cluster(_groups),
    ),
    Rule(
        code="KT411",
        title="Pods for dedicated nodes that do not tolerate their taint",
        severity="error",
        why="They select nodes that refuse them: they stay pending for ever, and the"
        " autoscaler starts nothing for them.",
        source="https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/"
        " (v1.36)",
        failing=applied(on_admin(DEPLOYMENT, toleration=False), BUDGET, spec=ADMIN),
        passing=applied(on_admin(DEPLOYMENT), BUDGET, spec=ADMIN),
        check=each_cluster(_missing_tolerations),
    ),
    Rule(
        code="KT412",
        title="Pods that tolerate dedicated nodes and may land anywhere",
        severity="warning",
        why="A toleration allows, it does not attract: the application that was given nodes"
        " of its own runs beside all others as well, and takes their CPU at its peak.",
        source="https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/"
        " (v1.36)",
        failing=applied(on_admin(DEPLOYMENT, selector=False), BUDGET, spec=ADMIN),
        passing=applied(on_admin(DEPLOYMENT), BUDGET, spec=ADMIN),
        check=each_cluster(_missing_selectors),
    ),
    Rule(
        code="KT410",
        title="A PriorityClass that there is not",
        severity="error",
        why="The API server refuses pods of an unknown class: the Deployment stays without"
        " pods, and says so only in its ReplicaSet's events.",
        source="https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/"
        " (v1.36)",
        failing=applied(
            changed(
                DEPLOYMENT, ("      dnsConfig", "      priorityClassName: hihg\n      dnsConfig")
            )
        ),
        passing=applied(
            changed(
                DEPLOYMENT, ("      dnsConfig", "      priorityClassName: high\n      dnsConfig")
            )
        ),
        check=each_cluster(_priority_classes),
    ),
)
