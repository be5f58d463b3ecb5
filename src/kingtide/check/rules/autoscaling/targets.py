"""Whether pods can take a peak until more of them are ready."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kingtide.check.plain_values import items_at, number_at, text_at
from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.rules.workloads.node_group import group_of
from kingtide.check.view import ClusterView, Found
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.manifests import Manifest
from kingtide.fleet.policies.hpa import HpaPolicy
from kingtide.fleet.policies.written import policy_from

_OF_CPU = ("resource", "containerResource")
"""Kinds of metric that may be a share of requested CPU: of the pod's, or of one container's."""
_TARGET: Path = ("target", "averageUtilization")


def _of_groups(cluster: ClusterView) -> Iterable[Found]:
    shared = policy_from(HpaPolicy, cluster.spec.hpa, {}).target_percent
    for name, group in cluster.spec.node_groups.items():
        hpa = group.hpa
        if hpa is None or hpa.peak_rise is None:
            continue
        target = shared if hpa.target is None else hpa.target
        if _at_peak(target, hpa.peak_rise) > 100:
            at: Path = ("nodeGroups", name, "hpa")
            path = (*at, "target" if hpa.target is not None else "peakRise")
            yield cluster.found(path, *_told(target, hpa.peak_rise))


def _of_manifests(cluster: ClusterView) -> Iterable[Found]:
    for manifest in cluster.of_kind("HorizontalPodAutoscaler"):
        rise = _peak_rise(cluster, manifest)
        if rise is None:
            continue
        for path, target in _targets(manifest):
            if _at_peak(target, rise) > 100:
                yield cluster.found_in(manifest, path, *_told(target, rise))


def _targets(manifest: Manifest) -> Iterator[tuple[Path, int]]:
    """Yield the shares of requested CPU that an autoscaler aims at, each with where it stands."""
    body = manifest.value(())
    old = number_at(body, "spec", "targetCPUUtilizationPercentage")
    if old is not None:
        yield ("spec", "targetCPUUtilizationPercentage"), old
    for index, metric in enumerate(items_at(body, "spec", "metrics")):
        for kind in _OF_CPU:
            target = number_at(metric, kind, *_TARGET)
            if target is not None and text_at(metric, kind, "name") == "cpu":
                yield ("spec", "metrics", index, kind, *_TARGET), target


def _peak_rise(cluster: ClusterView, manifest: Manifest) -> int | None:
    """Return the rise that a group expects on whose nodes an autoscaler's pods run.

    None where no group says one; of pods that may run on several, the largest.
    """
    groups = cluster.spec.node_groups
    body = manifest.value(())
    kind, name = (text_at(body, "spec", "scaleTargetRef", it) for it in ("kind", "name"))
    of: str | None = None
    for workload in cluster.workloads:
        its = (workload.kind, workload.manifest.name, workload.manifest.namespace)
        if its == (kind, name, manifest.namespace):
            of = group_of(cluster, workload)
    if of is None:
        namespace = cluster.spec.namespaces.get(manifest.namespace or "default")
        of = None if namespace is None else namespace.node_group
    asked = [groups[of]] if of in groups else [it for it in groups.values() if not it.dedicated]
    rises = [it.hpa.peak_rise for it in asked if it.hpa is not None and it.hpa.peak_rise]
    return max(rises, default=None)


def _at_peak(target: int, rise: int) -> int:
    """Return the percentage of requests that pods at their target use at the peak, rounded up."""
    return -(-target * (100 + rise) // 100)


def _told(target: int, rise: int) -> tuple[str, str]:
    wrong = (
        f"pods at {target} % of what they request are at {_at_peak(target, rise)} % when demand"
        f" rises by {rise} % before new ones are ready"
    )
    most = 100 * 100 // (100 + rise)
    return wrong, f"write {most}% or less"


def _check(cluster: ClusterView) -> Iterable[Found]:
    yield from _of_groups(cluster)
    yield from _of_manifests(cluster)


RULES = (
    Rule(
        code="KT307",
        title="An HPA target that leaves no room for the peak",
        severity="error",
        why="From a rise of traffic until a new pod is ready takes 45 seconds with free nodes and"
        " four minutes without. Until then the pods that are there carry it: target times"
        " (1 + peakRise) must stay at or below what they request. Looked at are `hpa:` of groups"
        " with a `peakRise`, and HorizontalPodAutoscalers in manifests whose pods run there.",
        source="https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ (v1.36);"
        " the times are published ones, held against the twin in examples/article",
        failing=Example(spec="nodeGroups: {workers: {hpa: {target: 80%, peakRise: 50%}}}"),
        passing=Example(spec="nodeGroups: {workers: {hpa: {target: 60%, peakRise: 60%}}}"),
        check=each_cluster(_check),
    ),
)
