"""DaemonSets of QoS class Guaranteed: every container requests what it is limited to."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.plain_values import value_at
from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.rules.workloads.amounts import amount_of
from kingtide.check.rules.workloads.example import DAEMON_SET, applied
from kingtide.check.view import ClusterView, Found
from kingtide.check.workload import Workload
from kingtide.fleet.documents.tree import Plain

_RESOURCES = ("cpu", "memory")


def _daemon_sets(cluster: ClusterView) -> Iterable[Found]:
    """Note DaemonSets, of the fleet and of manifests, whose pods are not Guaranteed."""
    for name, daemon_set in cluster.spec.daemon_sets.items():
        path = ("daemonSets", name)
        if daemon_set.limits is None:
            wrong = "has no limits: its pods are not Guaranteed"
            yield cluster.found((*path, "limits"), wrong, "add limits equal to its requests")
        elif daemon_set.limits != daemon_set.requests:
            wrong = "limits are not its requests: its pods are not Guaranteed"
            yield cluster.found((*path, "limits"), wrong, "write what it requests")
        elif not (daemon_set.requests.cpu and daemon_set.requests.memory):
            missing = "CPU" if not daemon_set.requests.cpu else "memory"
            wrong = f"requests no {missing}: its pods are not Guaranteed"
            yield cluster.found((*path, "requests"), wrong, "say how much it takes")
    for workload in cluster.workloads:
        if workload.kind == "DaemonSet":
            yield from _of_manifest(cluster, workload)


def _of_manifest(cluster: ClusterView, workload: Workload) -> Iterable[Found]:
    for container in workload.containers():
        for resource in _RESOURCES:
            at = (*container.at, "resources", "limits", resource)
            limit = value_at(container.body, ("resources", "limits", resource))
            request = value_at(container.body, ("resources", "requests", resource))
            if limit is None:
                wrong = f"container {container.name} has no {resource} limit, so that it is not"
                advice = f"add `limits: {{{resource}: ...}}` equal to what it requests"
                yield cluster.found_in(workload.manifest, at, f"{wrong} Guaranteed", advice)
            elif request is not None and _differ(resource, request, limit):
                wrong = (
                    f"container {container.name} requests {request} {resource} and is limited to"
                    f" {limit}, so that it is not Guaranteed"
                )
                yield cluster.found_in(workload.manifest, at, wrong, f"write {request}")


def _differ(resource: str, request: Plain, limit: Plain) -> bool:
    return amount_of(resource, request) != amount_of(resource, limit)


RULES = (
    Rule(
        code="KT401",
        title="A DaemonSet that is not QoS Guaranteed",
        severity="error",
        why="What a DaemonSet takes beyond its requests is missing on every node at once,"
        " first where it is needed most: at the peak. With limits equal to requests its own"
        " misbehaviour stays its own, and what is left of a node for applications is known.",
        source="https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ (v1.36)",
        failing=Example(
            spec="daemonSets: {logs: {requests: {cpu: 200m, memory: 512Mi},"
            " limits: {cpu: 1, memory: 512Mi}}}"
        ),
        passing=applied(DAEMON_SET),
        check=each_cluster(_daemon_sets),
    ),
)
