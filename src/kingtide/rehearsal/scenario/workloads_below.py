"""Workloads of a fleet's manifests, in the form in which a scenario writes applications.

What a manifest says keeps its place in the manifest. What no rehearsal knows of (volumes, probes,
affinities) is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import Entry, Map, Node, Path, Scalar, Sequence, node_at
from kingtide.fleet.expansion import dedicated_toleration
from kingtide.fleet.manifests import Manifest
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.kube.nodes import GROUP_LABEL
from kingtide.rehearsal.scenario.manifest_amounts import amounts

_SCALED = ("Deployment", "StatefulSet")
_POD: Path = ("spec", "template", "spec")
_TOLERATION = ("key", "operator", "value", "effect")
_BUDGET = {
    "minAvailable": ("minAvailable",),
    "maxUnavailable": ("maxUnavailable",),
    "unhealthyPodEvictionPolicy": ("unhealthyPodEvictionPolicy",),
}
_AUTOSCALER = {
    "min": ("spec", "minReplicas"),
    "max": ("spec", "maxReplicas"),
    "metrics": ("spec", "metrics"),
    "behavior": ("spec", "behavior"),
    "annotations": ("metadata", "annotations"),
}
_STRATEGY = {
    "type": ("strategy", "type"),
    "maxSurge": ("strategy", "rollingUpdate", "maxSurge"),
    "maxUnavailable": ("strategy", "rollingUpdate", "maxUnavailable"),
}
_ORDERED = {
    "podManagementPolicy": ("podManagementPolicy",),
    "updateStrategy": ("updateStrategy", "type"),
    "partition": ("updateStrategy", "rollingUpdate", "partition"),
    "maxUnavailable": ("updateStrategy", "rollingUpdate", "maxUnavailable"),
}
"""Fields of a scenario, and where Kubernetes has them (v1.36)."""


class Workloads(msgspec.Struct, frozen=True):
    """Applications and DaemonSets by name, as trees; None where there are no manifests."""

    applications: Map | None = None
    daemon_sets: Map | None = None


NO_WORKLOADS = Workloads()
"""Of a fleet without manifests."""


def workloads_of(
    manifests: Iterable[Manifest], cluster: ClusterSpec, findings: Findings
) -> Workloads:
    """Return what a cluster's manifests run, noting what no rehearsal can take from them."""
    all_of_them = tuple(manifests)
    if not all_of_them:
        return NO_WORKLOADS
    applications: dict[str, Entry] = {}
    daemon_sets: dict[str, Entry] = {}
    for it in all_of_them:
        if it.kind in _SCALED:
            found = _application(it, all_of_them, cluster, findings)
            _add(applications, it, found, findings)
        elif it.kind == "DaemonSet":
            _add(daemon_sets, it, _daemon_set(it, cluster, findings), findings)
    place = all_of_them[0].place
    return Workloads(Map(applications, place), Map(daemon_sets, place))


def _add(found: dict[str, Entry], it: Manifest, node: Map, findings: Findings) -> None:
    if it.name in found:
        first = found[it.name].key_place
        wrong = f"is the name of another workload ({first.file}:{first.line})"
        advice = "a rehearsal tells applications by their names alone; rename one of them"
        findings.add(it.place, ("metadata", "name"), wrong, advice)
    found[it.name] = Entry(it.place, node)


def _application(
    it: Manifest, manifests: Iterable[Manifest], cluster: ClusterSpec, findings: Findings
) -> Map:
    entries = dict(_pods(it, cluster, findings))
    _take(entries, "annotations", node_at(it.node, ("metadata", "annotations")))
    _take(entries, "priorityClass", node_at(it.node, (*_POD, "priorityClassName")))
    _take(entries, "tolerations", _tolerations(it))
    grace = node_at(it.node, (*_POD, "terminationGracePeriodSeconds"))
    if isinstance(grace, Scalar):
        _take(entries, "terminationGracePeriod", _in_seconds(grace))
    labels = node_at(it.node, ("spec", "template", "metadata", "labels"))
    if isinstance(labels, Map):
        own = {key: entry for key, entry in labels.entries.items() if key != "app"}
        _take(entries, "labels", Map(own, labels.place))
    autoscaler = _autoscaler(it, manifests)
    _take(entries, "hpa", autoscaler)
    if autoscaler is None:
        _take(entries, "replicas", node_at(it.node, ("spec", "replicas")))
    _take(entries, "disruptionBudget", _budget(it, manifests))
    of_kind = _part(it.node, {k: ("spec", *v) for k, v in _kind_fields(it).items()})
    for field, seconds in (("minReady", "minReadySeconds"), ("progressDeadline", _DEADLINE)):
        written = node_at(it.node, ("spec", seconds))
        if isinstance(written, Scalar) and (it.kind == "Deployment" or field == "minReady"):
            of_kind[field] = Entry(written.place, _in_seconds(written))
    if it.kind == "StatefulSet" or of_kind:
        name = "statefulSet" if it.kind == "StatefulSet" else "strategy"
        _take(entries, name, Map(of_kind, it.place))
    return Map(entries, it.place)


_DEADLINE = "progressDeadlineSeconds"


def _kind_fields(it: Manifest) -> dict[str, Path]:
    return dict(_ORDERED if it.kind == "StatefulSet" else _STRATEGY)


def _daemon_set(it: Manifest, cluster: ClusterSpec, findings: Findings) -> Map:
    entries = dict(_pods(it, cluster, findings))
    entries.pop("nodeSelector", None)
    return Map(entries, it.place)


def _pods(it: Manifest, cluster: ClusterSpec, findings: Findings) -> Iterator[tuple[str, Entry]]:
    """Yield what pods of all kinds have: where they run, and how much they ask for."""
    if it.namespace:
        yield "namespace", Entry(it.place, Scalar(it.namespace, it.place))
    for field, node in amounts(it, (*_POD, "containers"), findings).items():
        yield field, Entry(node.place, node)
    selector = node_at(it.node, (*_POD, "nodeSelector"))
    if not isinstance(selector, Map):
        return
    group = selector.get(GROUP_LABEL)
    rest = dict(selector.entries)
    if isinstance(group, Scalar) and _may_land(it, group, cluster):
        yield "nodeGroup", Entry(group.place, group)
        del rest[GROUP_LABEL]
    if rest:
        yield "nodeSelector", Entry(selector.place, Map(rest, selector.place))


def _may_land(it: Manifest, group: Scalar, cluster: ClusterSpec) -> bool:
    """Return whether pods tolerate what their group's nodes are tainted with.

    A scenario's `nodeGroup` gives a pod the toleration too; one that lacks it must wait here as it
    does in the cluster.
    """
    found = cluster.node_groups.get(str(group.value))
    if found is None or not found.dedicated or it.kind == "DaemonSet":
        return True
    wanted = dedicated_toleration(str(group.value))
    written = it.value((*_POD, "tolerations"))
    for toleration in written if isinstance(written, list) else ():
        said = toleration if isinstance(toleration, dict) else {}
        same_value = said.get("operator") == "Exists" or said.get("value") == wanted.value
        if said.get("key") in (None, wanted.key) and same_value:
            return said.get("effect") in (None, "", wanted.effect)
    return False


def _tolerations(it: Manifest) -> Node | None:
    """Return tolerations without tolerationSeconds, which is about taints that evict."""
    written = node_at(it.node, (*_POD, "tolerations"))
    if not isinstance(written, Sequence):
        return written
    kept = tuple(
        Map({k: e for k, e in item.entries.items() if k in _TOLERATION}, item.place)
        if isinstance(item, Map)
        else item
        for item in written.items
    )
    return Sequence(kept, written.place)


def _autoscaler(it: Manifest, manifests: Iterable[Manifest]) -> Map | None:
    for other in manifests:
        if other.kind != "HorizontalPodAutoscaler" or other.namespace != it.namespace:
            continue
        target = ("spec", "scaleTargetRef")
        if other.value((*target, "kind")) != it.kind or other.value((*target, "name")) != it.name:
            continue
        entries = _part(other.node, _AUTOSCALER)
        percent = node_at(other.node, ("spec", "targetCPUUtilizationPercentage"))
        if isinstance(percent, Scalar):  # autoscaling/v1
            shown = Scalar(f"{percent.value}%", percent.place)
            entries["targetUtilization"] = Entry(percent.place, shown)
        return Map(entries, other.place)
    return None


def _budget(it: Manifest, manifests: Iterable[Manifest]) -> Map | None:
    """Return the budget that selects a workload's pods by their labels."""
    labels = it.value(("spec", "template", "metadata", "labels"))
    for other in manifests:
        if other.kind != "PodDisruptionBudget" or other.namespace != it.namespace:
            continue
        selected = other.value(("spec", "selector", "matchLabels"))
        if not isinstance(labels, dict) or not isinstance(selected, dict) or not selected:
            continue
        if all(labels.get(key) == value for key, value in selected.items()):
            return Map(
                _part(other.node, {k: ("spec", *v) for k, v in _BUDGET.items()}), other.place
            )
    return None


def _part(node: Node, fields: Mapping[str, Path]) -> dict[str, Entry]:
    """Return fields by their names in a scenario, those that are written."""
    found = {name: node_at(node, path) for name, path in fields.items()}
    return {name: Entry(it.place, it) for name, it in found.items() if it is not None}


def _take(entries: dict[str, Entry], field: str, node: Node | None) -> None:
    if node is not None and not (isinstance(node, Scalar) and node.value is None):
        entries[field] = Entry(node.place, node)


def _in_seconds(written: Scalar) -> Scalar:
    return Scalar(f"{written.value}s", written.place)
