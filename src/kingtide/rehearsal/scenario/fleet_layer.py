"""What a fleet already says of a scenario's applications, laid under what the scenario says.

It is done on trees, before the scenario is read: every value keeps the place where the fleet says
it, and is checked like the scenario's own.
"""

from __future__ import annotations

from kingtide.compile.kubernetes.namespaces import timetable
from kingtide.controllers.downscaling.names import EXCLUDE, UPTIME
from kingtide.fleet.documents.merge import merged
from kingtide.fleet.documents.tree import Entry, Map, Node, Path, Place, Scalar, node_at, place_of
from kingtide.fleet.models.amounts import Amounts
from kingtide.fleet.node_daemons import NODE_DNS, NODE_DNS_AMOUNTS, node_daemons
from kingtide.fleet.repository import LayeredCluster
from kingtide.kube.quantities import format_bytes, format_cpu
from kingtide.rehearsal.scenario.workloads_below import NO_WORKLOADS, Workloads

OVERHEAD_PREFIX = "daemon-sets-of-"
"""Names the DaemonSet that stands for a group's `daemonSetOverhead`."""

_NOTHING = Map({}, Place("", 0, 0))
_DEFAULT_NAMESPACE = "default"
_HPA_FIELDS = {"min": "min", "max": "max", "target": "targetUtilization"}
"""A group's defaults of autoscalers, and what they are called in an application's."""


def over_fleet(node: Node, cluster: LayeredCluster, workloads: Workloads = NO_WORKLOADS) -> Node:
    """Return a scenario's tree laid over its cluster, and over the workloads of its manifests.

    Below `applications` lie workloads, and below each what its group says of priority class and
    autoscaler; below `daemonSets` the cluster's, those of manifests and each group's overhead;
    below `namespaces` the annotations of the cluster's, and the timetables of their groups.
    """
    spec = node_at(node, ("spec",))
    if not isinstance(node, Map) or not isinstance(spec, Map):
        return node
    spec = _laid_under(spec, "applications", workloads.applications)
    spec = _laid_under(spec, "daemonSets", _daemon_sets(cluster, workloads))
    spec = _laid_under(spec, "namespaces", _namespaces(cluster))
    spec = _with_group_defaults(spec, cluster)
    return _with(node, "spec", spec)


def _laid_under(spec: Map, field: str, lower: Map | None) -> Map:
    """Return a spec with entries below those of a field, whose own say more or take them away."""
    if lower is None or not lower.entries:
        return spec
    own = spec.get(field)
    if own is None or (isinstance(own, Scalar) and own.value is None):
        return _with(spec, field, lower)
    return _with(spec, field, merged(lower, own)) if isinstance(own, Map) else spec


def _daemon_sets(cluster: LayeredCluster, workloads: Workloads) -> Map:
    entries: dict[str, Entry] = {}
    if workloads.daemon_sets is not None:
        entries |= workloads.daemon_sets.entries
    written = node_at(cluster.node, ("daemonSets",))
    if isinstance(written, Map):
        entries |= written.entries
    if NODE_DNS not in entries and NODE_DNS in node_daemons(cluster.spec):
        entries[NODE_DNS] = _node_dns(place_of(cluster.node, ("dns",)))
    for name in cluster.spec.node_groups:
        overhead = node_at(cluster.node, ("nodeGroups", name, "daemonSetOverhead"))
        if overhead is None or cluster.spec.node_groups[name].daemon_set_overhead in (
            None,
            Amounts(),
        ):
            continue
        place = overhead.place
        group = Entry(place, Scalar(name, place))
        described = {"requests": Entry(place, overhead), "nodeGroup": group}
        entries[f"{OVERHEAD_PREFIX}{name}"] = Entry(place, Map(described, place))
    return Map(entries, cluster.node.place)


def _node_dns(place: Place) -> Entry:
    """Return the cache on every node, which follows from `dns` and is written nowhere."""
    amounts = {
        "cpu": Entry(place, Scalar(format_cpu(NODE_DNS_AMOUNTS.cpu), place)),
        "memory": Entry(place, Scalar(format_bytes(NODE_DNS_AMOUNTS.memory), place)),
    }
    both = {field: Entry(place, Map(amounts, place)) for field in ("requests", "limits")}
    return Entry(place, Map(both, place))


def _namespaces(cluster: LayeredCluster) -> Map:
    written = node_at(cluster.node, ("namespaces",))
    entries: dict[str, Entry] = {}
    for name, entry in written.entries.items() if isinstance(written, Map) else ():
        annotations = merged(
            _timetable(name, cluster), node_at(entry.node, ("annotations",)) or _NOTHING
        )
        if isinstance(annotations, Map) and annotations.entries:
            said = {"annotations": Entry(entry.key_place, annotations)}
            entries[name] = Entry(entry.key_place, Map(said, entry.node.place))
    return Map(entries, cluster.node.place)


def _timetable(namespace: str, cluster: LayeredCluster) -> Map:
    """Return the annotation by which a namespace follows the timetable of its group of nodes.

    That of the cluster is in downscaling's own settings, and needs none.
    """
    group = cluster.spec.namespaces[namespace].node_group
    written = cluster.spec.node_groups.get(group) if group is not None else None
    if group is None or written is None or written.downscale is None:
        return _NOTHING
    place = place_of(cluster.node, ("nodeGroups", group, "downscale"))
    if namespace in written.downscale.exclude.namespaces:
        said = {EXCLUDE: Entry(place, Scalar("true", place))}
    else:
        said = {UPTIME: Entry(place, Scalar(timetable(written.downscale), place))}
    return Map(said, place)


def _with_group_defaults(spec: Map, cluster: LayeredCluster) -> Map:
    applications = spec.get("applications")
    if not isinstance(applications, Map):
        return spec
    entries = {
        name: Entry(entry.key_place, _over_group(entry.node, cluster))
        for name, entry in applications.entries.items()
    }
    return _with(spec, "applications", Map(entries, applications.place))


def _over_group(application: Node, cluster: LayeredCluster) -> Node:
    """Return an application laid over what its namespace and its group of nodes say."""
    if not isinstance(application, Map):
        return application
    namespace = _text(application, "namespace") or _DEFAULT_NAMESPACE
    home: Path = ("namespaces", namespace, "nodeGroup")
    if application.get("nodeGroup") is None:
        application = _default(application, "nodeGroup", cluster.node, home)
    group = _text(application, "nodeGroup")
    if group is None:
        return application
    at: Path = ("nodeGroups", group)
    application = _default(application, "priorityClass", cluster.node, (*at, "priorityClass"))
    autoscaler = application.get("hpa")
    if not isinstance(autoscaler, Map):
        return application
    for field, name in _HPA_FIELDS.items():
        if name != "targetUtilization" or autoscaler.get("metrics") is None:
            autoscaler = _default(autoscaler, name, cluster.node, (*at, "hpa", field))
    return _with(application, "hpa", autoscaler)


def _default(written: Map, field: str, cluster: Node, path: Path) -> Map:
    """Return a map with a field as the cluster has it at a path, unless the map says it itself."""
    found = node_at(cluster, path)
    if field in written.entries or found is None:
        return written
    return _with(written, field, found)


def _with(written: Map, field: str, value: Node) -> Map:
    before = written.entries.get(field)
    place = value.place if before is None else before.key_place
    return Map({**written.entries, field: Entry(place, value)}, written.place)


def _text(written: Map, field: str) -> str | None:
    found = written.get(field)
    return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else None
