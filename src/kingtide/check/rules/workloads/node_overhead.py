"""What of a node is not for applications: the kubelet's and the system's part, and DaemonSets'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from kingtide.aws.instance_types import UnknownInstanceType
from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.rules.workloads.amounts import requests_of
from kingtide.check.rules.workloads.example import DEPLOYMENT, applied, changed
from kingtide.check.rules.workloads.node_group import group_of
from kingtide.check.view import ClusterView, Found
from kingtide.check.workload import Workload
from kingtide.controlplane.node_resources import allocatable, capacity
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.models.node_group import Group, Size
from kingtide.fleet.node_daemons import node_daemons
from kingtide.kube.quantities import format_bytes, format_cpu
from kingtide.kube.resources import NO_RESOURCES, Resources

WORTH_A_WARNING_PERCENT = 20
"""The share of a node's CPU that may be lost to applications before it is told.

The article calls a server of 16 CPUs one of which "only 80 %" are usable by applications.
"""


class Overhead(msgspec.Struct, frozen=True):
    """What of one instance type in one size of a group is not for applications.

    `reserved` is the kubelet's, the system's and the eviction threshold's part; `daemon_sets` is
    what one pod of each DaemonSet requests; `whole` is the node.
    """

    path: Path
    instance_type: str
    whole: Resources
    reserved: Resources
    daemon_sets: Resources

    @property
    def usable(self) -> Resources:
        """What is left for applications; nothing where DaemonSets take more than there is."""
        return (self.whole - self.reserved - self.daemon_sets).at_least(NO_RESOURCES)

    @property
    def cpu_percent(self) -> int:
        """The share of CPU that is not for applications, rounded up to a whole percent."""
        lost = self.reserved.cpu_millicores + self.daemon_sets.cpu_millicores
        return -(-lost * 100 // self.whole.cpu_millicores)


def overheads(cluster: ClusterView) -> Iterator[Overhead]:
    """Return the overhead of every instance type of every size of a cluster's groups."""
    daemons = [work for work in cluster.workloads if work.kind == "DaemonSet"]
    for name, group in cluster.spec.node_groups.items():
        taken = _daemon_sets(cluster, name, group, daemons)
        for path, types in _sizes(cluster, name, group):
            for instance_type in types:
                try:
                    whole, left = capacity(instance_type), allocatable(instance_type)
                except UnknownInstanceType:
                    continue
                reserved = Resources(
                    whole.cpu_millicores - left.cpu_millicores,
                    whole.memory_bytes - left.memory_bytes,
                )
                yield Overhead(path, instance_type, whole, reserved, taken)


def _too_much(cluster: ClusterView) -> Iterable[Found]:
    """Note sizes of which applications get less than their share of CPU."""
    worst: dict[Path, Overhead] = {}
    for found in overheads(cluster):
        if found.path not in worst or found.cpu_percent > worst[found.path].cpu_percent:
            worst[found.path] = found
    for path, found in worst.items():
        if found.cpu_percent <= WORTH_A_WARNING_PERCENT:
            continue
        usable, whole = found.usable, found.whole
        wrong = (
            f"{found.cpu_percent} % of the CPU of {found.instance_type} is not for applications:"
            f" DaemonSets take {format_cpu(found.daemon_sets.cpu_millicores)}, kubelet and system"
            f" {format_cpu(found.reserved.cpu_millicores)} of {format_cpu(whole.cpu_millicores)};"
            f" {format_cpu(usable.cpu_millicores)} and {_mib(usable.memory_bytes)} are left"
        )
        yield cluster.found(path, wrong, "take larger instances, or fewer DaemonSets")


def _too_large(cluster: ClusterView) -> Iterable[Found]:
    """Note pods that fit on no node of their group beside its DaemonSets."""
    room: dict[str, list[Overhead]] = {}
    for found in overheads(cluster):
        room.setdefault(str(found.path[1]), []).append(found)
    shared = [name for name, group in cluster.spec.node_groups.items() if not group.dedicated]
    for workload in cluster.workloads:
        if workload.kind == "DaemonSet":
            continue
        group = group_of(cluster, workload)
        names = shared if group is None else [group]
        nodes = [found for name in names for found in room.get(name, ())]
        asked = requests_of(workload)
        if not nodes or any(_fits(asked, found.usable) for found in nodes):
            continue
        largest = max(
            nodes, key=lambda found: (found.usable.cpu_millicores, found.usable.memory_bytes)
        )
        wrong = (
            f"a pod requests {format_cpu(asked.cpu_millicores)} and {_mib(asked.memory_bytes)}, and"
            f" even {largest.instance_type} of group {largest.path[1]} has"
            f" {format_cpu(largest.usable.cpu_millicores)} and {_mib(largest.usable.memory_bytes)}"
        )
        advice = "request less, or give the group larger instances"
        yield cluster.found_in(workload.manifest, (*workload.at, "containers"), wrong, advice)


def _daemon_sets(
    cluster: ClusterView, name: str, group: Group, daemons: list[Workload]
) -> Resources:
    """Return what one pod of each DaemonSet on a group's nodes requests."""
    found = NO_RESOURCES
    listed = node_daemons(cluster.spec)
    for daemon_set in listed.values():
        if daemon_set.node_group in (None, name):
            found = found + Resources(daemon_set.requests.cpu, daemon_set.requests.memory)
    if group.daemon_set_overhead is not None:
        found = found + Resources(group.daemon_set_overhead.cpu, group.daemon_set_overhead.memory)
    for workload in daemons:
        if workload.manifest.name not in listed and group_of(cluster, workload) in (None, name):
            found = found + requests_of(workload)
    return found


def _sizes(cluster: ClusterView, name: str, group: Group) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Return a group's own sizes with their types; a fallback that takes spot's is left out."""
    for field, sizes in (
        ("spot", group.spot),
        ("onDemand", group.on_demand),
        ("onDemandFallback", group.on_demand_fallback),
    ):
        for size_name, size in sizes.sizes.items() if sizes is not None else ():
            types = _types(size, cluster)
            if types:
                yield ("nodeGroups", name, field, "sizes", size_name), types


def _types(size: Size, cluster: ClusterView) -> tuple[str, ...]:
    if isinstance(size.instances, str):
        return cluster.fleet.instance_lists.get(size.instances, ())
    return size.instances or ()


def _fits(asked: Resources, room: Resources) -> bool:
    return asked.cpu_millicores <= room.cpu_millicores and asked.memory_bytes <= room.memory_bytes


def _mib(amount: int) -> str:
    return format_bytes(amount // (1024 * 1024) * 1024 * 1024)


_LOGS = (
    "daemonSets: {{logs: {{requests: {{cpu: {cpu}, memory: 1Gi}},"
    " limits: {{cpu: {cpu}, memory: 1Gi}}}}}}"
)
RULES = (
    Rule(
        code="KT404",
        title="Nodes of which applications get less than 80 % of the CPU",
        severity="warning",
        why="What kubelet, system and DaemonSets take is the same on a small node as on a"
        " large one, and is paid on every node. The article: a server of 16 CPUs has in"
        " fact only 80 % of them usable by applications, and 2xlarge instances are too"
        " small.",
        source="kube-reserved as on EKS images (https://github.com/awslabs/amazon-eks-ami,"
        ' 2026-08), and the article "Three years running Kubernetes on production at'
        ' Bedrock" (2020-12)',
        failing=Example(spec=_LOGS.format(cpu=4)),
        passing=Example(spec=_LOGS.format(cpu=1)),
        check=each_cluster(_too_much),
    ),
    Rule(
        code="KT414",
        title="A pod that fits on no node",
        severity="error",
        why="No node of its group has that much beside its DaemonSets, a new one neither:"
        " the pod stays pending, and the autoscaler says only that it would not help.",
        source="https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md"
        " (1.35)",
        failing=applied(
            changed(
                DEPLOYMENT,
                ("requests: {cpu: 500m", "requests: {cpu: 40"),
                ("limits: {cpu: 500m", "limits: {cpu: 40"),
            )
        ),
        passing=applied(DEPLOYMENT),
        check=each_cluster(_too_large),
    ),
)
