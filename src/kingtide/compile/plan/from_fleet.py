"""A fleet's files as one side of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kingtide.compile.compilation import compile_clusters
from kingtide.compile.document import Document
from kingtide.compile.plan.state import ClusterState, FleetState
from kingtide.fleet.documents.tree import plain
from kingtide.fleet.manifests import Manifest
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.models.node_group import Size, Sizes
from kingtide.fleet.repository import FleetRepository


def fleet_state(
    said_by: str, fleet: FleetRepository, manifests: Iterable[Manifest] = ()
) -> FleetState:
    """Return a fleet that was read without mistakes, compiled.

    Raises:
        Mistakes: everything that keeps a cluster from being compiled.
    """
    found = tuple(manifests)
    spec = fleet.fleet.spec if fleet.fleet is not None else None
    stages = spec.stages if spec is not None else ()
    clusters = {}
    for compiled in compile_clusters(fleet, fleet.clusters):
        layered = fleet.clusters[compiled.name]
        stage = layered.spec.stage
        clusters[compiled.name] = ClusterState(
            name=compiled.name,
            full_name=compiled.full_name,
            kops=compiled.kops,
            objects=compiled.objects,
            typical=_typical(layered.spec),
            tools=compiled.tools,
            workloads=tuple(_documents(found, compiled.name)),
            rank=stages.index(stage) if stage in stages else len(stages),
        )
    return FleetState(said_by, clusters, (spec.state_store or "") if spec is not None else "")


def _typical(spec: ClusterSpec) -> Mapping[str, int]:
    """Return what users say of an ordinary evening, by InstanceGroup."""
    found = {}
    for serves, group in spec.node_groups.items():
        on_demand = group.on_demand or group.on_demand_fallback
        sizes = [
            *((f"spot-nodes-{serves}-{it}", size) for it, size in _sizes(group.spot)),
            *((f"on-demand-{serves}-{it}", size) for it, size in _sizes(on_demand)),
        ]
        found.update({name: size.typical for name, size in sizes if size.typical is not None})
    return found


def _sizes(written: Sizes | None) -> Iterable[tuple[str, Size]]:
    return () if written is None else written.sizes.items()


def _documents(manifests: Iterable[Manifest], cluster: str) -> Iterable[Document]:
    for manifest in manifests:
        body = plain(manifest.node)
        if manifest.cluster in (None, cluster) and isinstance(body, dict) and "apiVersion" in body:
            yield Document(body)
