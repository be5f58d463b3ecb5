"""Whether evicting one pause pod makes room for any application pod, and a node holds one."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.rules.groups.node_group import NodeGroup, by_application_group
from kingtide.check.rules.overprovisioning.pause_pod import applications_on, pause_pod_of
from kingtide.check.view import ClusterView, Found
from kingtide.controlplane.node_resources import allocatable
from kingtide.fleet.daemon_overhead import daemon_overhead
from kingtide.kube.quantities import format_bytes, format_cpu
from kingtide.kube.resources import NO_RESOURCES, Resources

_PATTERN = (
    "https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md"
    "#how-can-i-configure-overprovisioning-with-cluster-autoscaler"
)


def _too_small(cluster: ClusterView) -> Iterable[Found]:
    for name in cluster.spec.overprovisioning:
        pause = pause_pod_of(cluster, name)
        larger = [
            (workload.manifest.key, requests)
            for workload, requests in applications_on(cluster, name)
            if pause is not None and not _holds(pause, requests)
        ]
        if pause is not None and larger:
            key, requests = max(larger, key=lambda it: (it[1].cpu_millicores, it[1].memory_bytes))
            others = f" and {len(larger) - 1} more" if len(larger) > 1 else ""
            one = f"a pod of {key} ({_told(requests)}){others}"
            wrong = f"a pause pod ({_told(pause)}) is smaller than {one}"
            needed = pause
            for _, it in larger:
                needed = needed.at_least(it)
            advice = f"write `pod: {_written(needed)}` or more"
            yield cluster.found(("overprovisioning", name, "pod"), wrong, advice)


def _just_as_large(cluster: ClusterView) -> Iterable[Found]:
    for name in cluster.spec.overprovisioning:
        pause = pause_pod_of(cluster, name)
        largest = NO_RESOURCES
        for _, requests in applications_on(cluster, name):
            largest = largest.at_least(requests)
        if pause is None or not _holds(pause, largest) or largest == NO_RESOURCES:
            continue
        short = pause.cpu_millicores == largest.cpu_millicores
        if short or pause.memory_bytes == largest.memory_bytes:
            what = "CPU" if short else "memory"
            wrong = f"a pause pod has just the {what} of the largest application pod"
            advice = "make it larger, so that a sidecar more does not undo it"
            yield cluster.found(("overprovisioning", name, "pod"), wrong, advice)


def _fits_nowhere(cluster: ClusterView) -> Iterable[Found]:
    groups = by_application_group(cluster)
    for name in cluster.spec.overprovisioning:
        pause = pause_pod_of(cluster, name)
        taken = daemon_overhead(cluster.spec, name)
        offers = [it for group in groups.get(name, ()) if (it := _free(group, taken)) is not None]
        if pause is None or not offers or any(_holds(it, pause) for it in offers):
            continue
        most = max(offers, key=lambda it: (it.cpu_millicores, it.memory_bytes))
        wrong = f"a pause pod ({_told(pause)}) fits on no node, which offer {_told(most)} at most"
        advice = "make it smaller, or give the group a larger size"
        yield cluster.found(("overprovisioning", name, "pod"), wrong, advice)


def _free(group: NodeGroup, taken: Resources) -> Resources | None:
    """Return what a group's next node offers beside its DaemonSets; None without figures."""
    return allocatable(group.known[0].name) - taken if group.known else None


def _holds(offer: Resources, wanted: Resources) -> bool:
    return (
        offer.cpu_millicores >= wanted.cpu_millicores and offer.memory_bytes >= wanted.memory_bytes
    )


def _told(it: Resources) -> str:
    return f"{format_cpu(it.cpu_millicores)} CPU, {format_bytes(it.memory_bytes)}"


def _written(it: Resources) -> str:
    cpu, memory = format_cpu(it.cpu_millicores), format_bytes(it.memory_bytes)
    return f"{{cpu: {cpu}, memory: {memory}}}"


def _application(cpu: str, memory: str) -> Example:
    amounts = f"{{cpu: {cpu}, memory: {memory}}}"
    return Example(
        files={
            "manifests/search.yaml": "apiVersion: apps/v1\nkind: Deployment\n"
            "metadata: {name: search, namespace: shop}\nspec:\n  replicas: 3\n"
            "  selector: {matchLabels: {app: search}}\n  template:\n"
            "    metadata: {labels: {app: search}}\n    spec:\n"
            "      priorityClassName: default\n      dnsConfig:\n"
            '        options: [{name: ndots, value: "1"}]\n'
            "      containers:\n      - name: search\n"
            "        image: registry.k8s.io/search:1.4.2\n"
            f"        resources: {{requests: {amounts}, limits: {amounts}}}\n"
        }
    )


RULES = (
    Rule(
        code="KT324",
        title="A pause pod smaller than an application pod",
        severity="error",
        why="The scheduler evicts pause pods of one node to make room. Where one is not enough, a"
        " large pod waits for a new node, minutes instead of seconds. Known are the workloads in"
        " manifests that may run on the group; of others nothing is said.",
        source=_PATTERN,
        failing=_application("10", "8Gi"),
        passing=_application("7", "8Gi"),
        check=each_cluster(_too_small),
    ),
    Rule(
        code="KT325",
        title="A pause pod just as large as an application pod",
        severity="warning",
        why="It is enough today; a sidecar or a raised request makes it too small without anybody"
        " looking here.",
        source=_PATTERN,
        failing=_application("8", "8Gi"),
        passing=_application("7", "8Gi"),
        check=each_cluster(_just_as_large),
    ),
    Rule(
        code="KT326",
        title="A pause pod that fits on no node",
        severity="error",
        why="Beside what the kubelet keeps and DaemonSets take, no node of the group has room for"
        " one: they stay pending, keep nothing free, and no autoscaler can help them.",
        source="https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/"
        " (v1.36); DaemonSets as `daemonSets` and `daemonSetOverhead` tell",
        failing=Example(spec="overprovisioning: {workers: {pod: {cpu: 32, memory: 12Gi}}}"),
        passing=Example(
            spec="overprovisioning: {workers: {ladder: [[0, 1], [320, 4]],"
            " pod: {cpu: 30, memory: 48Gi}}}"
        ),
        check=each_cluster(_fits_nowhere),
    ),
)
