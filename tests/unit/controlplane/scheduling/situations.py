"""Small nodes and pods to try the scheduler on."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.controlplane.scheduling.cache import SchedulerCache
from kingtide.kube.nodes import HOSTNAME_LABEL, ZONE_LABEL, Node, NodeImage
from kingtide.kube.pods import Condition, Container, OwnerReference, Pod, PodSpec
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Taint

GIBIBYTE = 1 << 30


def node(
    name: str,
    cpu: int = 4_000,
    memory: int = 16,
    *,
    zone: str = "",
    pods: int = 110,
    labels: Mapping[str, str] | None = None,
    taints: tuple[Taint, ...] = (),
    unschedulable: bool = False,
    images: tuple[NodeImage, ...] = (),
    extended: tuple[tuple[str, int], ...] = (),
) -> Node:
    """Return a node with millicores of CPU and GiB of memory."""
    size = Resources(cpu, memory * GIBIBYTE, 100 * GIBIBYTE, pods, extended)
    zones = {ZONE_LABEL: zone} if zone else {}
    return Node(
        name=name,
        uid=name,
        labels={HOSTNAME_LABEL: name, **zones, **(labels or {})},
        capacity=size,
        allocatable=size,
        created_ms=0,
        ready=Condition("True", 0),
        taints=taints,
        unschedulable=unschedulable,
        images=images,
    )


def requesting(cpu: int = 0, memory: int = 0, **fields: object) -> PodSpec:
    """Return a spec of one container with millicores and MiB."""
    container = Container("main", requests=Resources(cpu, memory * 1024 * 1024))
    return PodSpec(containers=(container,), **fields)  # type: ignore[arg-type]  # checked by msgspec's __init__


def pod(
    name: str,
    spec: PodSpec | None = None,
    *,
    app: str = "",
    namespace: str = "default",
    owner: OwnerReference | None = None,
    started_ms: int | None = None,
    deletion_ms: int | None = None,
) -> Pod:
    """Return a pod with uid `name`."""
    return Pod(
        namespace=namespace,
        name=name,
        uid=name,
        spec=requesting(100, 64) if spec is None else spec,
        labels={"app": app} if app else {},
        created_ms=0,
        owner=owner,
        started_ms=started_ms,
        deletion_ms=deletion_ms,
    )


def cache_of(*nodes: Node, placed: Mapping[str, tuple[Pod, ...]] | None = None) -> SchedulerCache:
    """Return a cache with nodes, and pods by node name."""
    cache = SchedulerCache()
    for it in nodes:
        cache.set_node(it)
    for name, pods in (placed or {}).items():
        for one in pods:
            cache.place(one, name)
    return cache
