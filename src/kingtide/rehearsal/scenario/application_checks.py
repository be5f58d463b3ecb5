"""What must fit together in applications and DaemonSets, with each other and with their cluster."""

from __future__ import annotations

from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Map, Path, node_at
from kingtide.fleet.models.amounts import Amounts
from kingtide.fleet.models.daemon_set import DaemonSet
from kingtide.fleet.pause_pods import pause_name
from kingtide.fleet.priority_classes import DEFAULT_PRIORITY_CLASS
from kingtide.fleet.repository import LayeredCluster
from kingtide.rehearsal.scenario.application_model import Application
from kingtide.rehearsal.scenario.latency_model import WrittenLatency
from kingtide.rehearsal.scenario.model import RehearsalSpec
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.rehearsal.scenario.times import ScenarioClock

# The most pods that one cluster is made for: https://kubernetes.io/docs/setup/best-practices/cluster-large/
MAX_REPLICAS = 150_000

_APPLICATIONS = ("spec", "applications")


def check_applications(spec: RehearsalSpec, noter: Noter) -> None:
    """Note what does not fit together in applications, whatever their cluster is."""
    for name, application in spec.applications.items():
        path: Path = (*_APPLICATIONS, name)
        _check_replicas(path, application, noter)
        _check_amounts(path, application.requests, application.limits, noter)
        _check_latencies(path, application, noter)
        if application.demand is not None and application.usage is not None:
            noter.note((*path, "usage"), "stands beside demand", "keep one of them", key=True)
        _check_front(name, spec, noter)
    for name, daemon_set in spec.daemon_sets.items():
        _check_amounts(("spec", "daemonSets", name), daemon_set.requests, daemon_set.limits, noter)


def check_outages(spec: RehearsalSpec, clock: ScenarioClock, noter: Noter) -> None:
    """Note outages of applications whose times do not make a stretch of time."""
    for name, application in spec.applications.items():
        for index, outage in enumerate(application.outages):
            path: Path = (*_APPLICATIONS, name, "outages", index)
            check_stretch(path, outage.begin, outage.until, clock, noter)


def check_stretch(
    path: Path, begin: str | None, until: str | None, clock: ScenarioClock, noter: Noter
) -> tuple[int, int | None] | None:
    """Return a stretch of time; None when it is none, which is noted."""
    begin_ms: int = clock.start_ms - clock.warm_up_ms
    until_ms: int | None = None
    try:
        if begin is not None:
            begin_ms = clock.next_ms(begin)
    except ValueError as error:
        noter.note_error((*path, "from"), error)
        return None
    try:
        if until is not None:
            until_ms = clock.next_ms(until)
    except ValueError as error:
        noter.note_error((*path, "until"), error)
        return None
    if until_ms is not None and until_ms <= begin_ms:
        wrong = f"{until} is not after {begin or 'the start'}"
        noter.note((*path, "until"), wrong, "write a later time")
        return None
    return begin_ms, until_ms


def check_with_cluster(spec: RehearsalSpec, cluster: LayeredCluster, noter: Noter) -> None:
    """Note priority classes and groups of nodes that the cluster does not have."""
    classes = (DEFAULT_PRIORITY_CLASS, *names_written(cluster, "priorityClasses"))
    groups = names_written(cluster, "nodeGroups")
    for name, application in spec.applications.items():
        path: Path = (*_APPLICATIONS, name)
        if application.priority_class not in classes:
            wrong = f"cluster {spec.cluster} has no priority class {application.priority_class!r}"
            advice = did_you_mean(application.priority_class, classes, what="priority classes")
            noter.note((*path, "priorityClass"), wrong, advice)
        _check_group(path, application, spec, groups, noter)
    for group in names_written(cluster, "overprovisioning"):
        if pause_name(group) in spec.applications:
            wrong = f"is the name of the pause pods of {group}"
            noter.note((*_APPLICATIONS, pause_name(group)), wrong, "name it otherwise", key=True)
    for name, daemon_set in spec.daemon_sets.items():
        _check_group(("spec", "daemonSets", name), daemon_set, spec, groups, noter)


def _check_group(
    path: Path,
    workload: Application | DaemonSet,
    spec: RehearsalSpec,
    groups: tuple[str, ...],
    noter: Noter,
) -> None:
    group = workload.node_group
    if group is not None and group not in groups:
        wrong = f"cluster {spec.cluster} has no node group {group!r}"
        noter.note((*path, "nodeGroup"), wrong, did_you_mean(group, groups, what="groups"))


def names_written(cluster: LayeredCluster, field: str) -> tuple[str, ...]:
    """Return a cluster's names as written: one with a mistake of its own is not also unknown."""
    written = node_at(cluster.node, (field,))
    return tuple(written.entries) if isinstance(written, Map) else ()


def _check_replicas(path: Path, application: Application, noter: Noter) -> None:
    hpa, replicas = application.hpa, application.replicas
    if replicas is not None and replicas > MAX_REPLICAS:
        noter.note((*path, "replicas"), f"is more than {MAX_REPLICAS:,}", "write fewer")
    if hpa is None:
        return
    if hpa.max > MAX_REPLICAS:
        noter.note((*path, "hpa", "max"), f"is more than {MAX_REPLICAS:,}", "write fewer")
    if hpa.min > hpa.max:
        wrong = f"min {hpa.min} is above max {hpa.max}"
        noter.note((*path, "hpa", "min"), wrong, f"write {hpa.max} or less, or raise max")
    elif replicas is not None and not hpa.min <= replicas <= hpa.max:
        wrong = f"{replicas} is outside the HPA's {hpa.min} to {hpa.max}"
        noter.note((*path, "replicas"), wrong, "write a number between, or leave it out")
    by_utilization = hpa.metrics is None or hpa.metrics[0].resource.target.type == "Utilization"
    if by_utilization and application.requests.cpu == 0:
        wrong = "the HPA compares CPU use with requests.cpu, which is 0"
        noter.note((*path, "requests"), wrong, "add `cpu:`, for example 500m")


def _check_amounts(path: Path, requests: Amounts, limits: Amounts | None, noter: Noter) -> None:
    if limits is None:
        return
    # As the API server refuses it: requests must not be above limits.
    for resource, requested, limit in (
        ("cpu", requests.cpu, limits.cpu),
        ("memory", requests.memory, limits.memory),
    ):
        if limit and requested > limit:
            where = (*path, "limits", resource)
            noter.note(where, f"is below requests.{resource}", "raise it, or leave it out")


def _check_latencies(path: Path, application: Application, noter: Noter) -> None:
    for where, latency in (
        (("startup", "readyAfter"), application.startup.ready_after),
        (("stopsAfter",), application.stops_after),
    ):
        if isinstance(latency, WrittenLatency) and latency.points is None:
            noter.note((*path, *where), "has nothing to scale", "write a duration, or points")


def _check_front(name: str, spec: RehearsalSpec, noter: Noter) -> None:
    """Note a front that does not exist, or fronts that depend on each other in a circle."""
    path: Path = (*_APPLICATIONS, name, "dependsOn")
    written = node_at(noter.node, _APPLICATIONS)
    # Names as written, so that an application with a mistake of its own is not also missing here.
    names = list(written.entries) if isinstance(written, Map) else []
    seen = [name]
    front = spec.applications[name].depends_on
    if front is not None and front not in names:
        advice = did_you_mean(front, names, what="applications")
        noter.note(path, f"there is no application {front!r}", advice)
    while front is not None and front in spec.applications:
        if front == name:
            circle = " -> ".join([*seen, front])
            noter.note(path, f"depends on itself: {circle}", "take one of them out")
            return
        if front in seen:
            return
        seen.append(front)
        front = spec.applications[front].depends_on
