"""The objects that scenarios play with, the same in every cluster: nobody runs or schedules them.

Nodes without a machine, pods bound to one of them, and what stands around a Deployment that is
paused from its birth, so that no controller of a real cluster makes pods of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kingtide.control.index import ClusterIndex
from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.kube.resources import Resources
from kingtide.kube.wire.kinds import api_kinds
from kingtide.kube.workloads import Deployment, PodDisruptionBudget

NODES = 3
WORKERS = 4
REPLICAS = 6
FLOOR = 6
REAL_DOMAIN = "kubernetes.io/"
"""Keys below it are written by a real cluster's own controllers, and by no action here."""
_SINCE = "2026-11-22T12:00:00Z"

Bodies = list[dict[str, Any]]


class Cast(msgspec.Struct, frozen=True):
    """What was put into a cluster, as the cluster gave it back.

    `prefix` begins each node's name, and is the name of the namespace.
    """

    prefix: str
    nodes: tuple[Node, ...]
    pods: Mapping[str, Pod]
    deployment: Deployment
    autoscaler: HorizontalPodAutoscaler
    budget: PodDisruptionBudget


def cast_bodies(prefix: str) -> Bodies:
    """Return the objects in the order in which they are made."""
    bodies = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": prefix}}]
    bodies += [_node(f"{prefix}-{number}") for number in range(NODES)]
    bodies += [_pod(prefix, f"worker-{number}", "worker") for number in range(WORKERS)]
    return [*bodies, _pod(prefix, "web-0", "web"), *_around_web(prefix)]


def cast_of(prefix: str, values: list[Any]) -> Cast:
    """Return the objects, given as they were made."""
    pods = {it.name: it for it in values if isinstance(it, Pod)}
    nodes = tuple(it for it in values if isinstance(it, Node))
    (deployment,) = (it for it in values if isinstance(it, Deployment))
    (autoscaler,) = (it for it in values if isinstance(it, HorizontalPodAutoscaler))
    (budget,) = (it for it in values if isinstance(it, PodDisruptionBudget))
    return Cast(prefix, nodes, pods, deployment, autoscaler, budget)


def value_of(body: Mapping[str, Any]) -> Any:
    """Return the value of a body, as live and the twin read it."""
    return api_kinds()[body["kind"]].read(msgspec.json.encode(body))


def path_of(body: Mapping[str, Any], *, is_named: bool = True) -> str:
    """Return the path of an object, or of its collection."""
    metadata = body["metadata"]
    name = metadata["name"] if is_named else ""
    return api_kinds()[body["kind"]].path(metadata.get("namespace", ""), name)


def seen(index: ClusterIndex, cast: Cast) -> dict[str, Any]:
    """Return what a controller sees of the cast, without what no two clusters have alike."""
    prefix = cast.prefix
    return {
        "nodes": {
            it.name.removeprefix(prefix): _seen_node(index, it)
            for it in index.nodes.values()
            if it.name.startswith(prefix)
        },
        "deployments": {
            it.name: (
                it.replicas, it.selector, it.max_surge, it.max_unavailable, it.strategy,
                it.status_replicas, it.ready_replicas, _ours(it.annotations),
            )
            for it in index.deployments.values()
            if it.namespace == prefix
        },
        "budgets": {
            it.name: (
                it.selector, it.min_available, it.max_unavailable, it.disruptions_allowed,
                it.current_healthy, it.desired_healthy, it.expected_pods, _ours(it.annotations),
            )
            for it in index.disruption_budgets.values()
            if it.namespace == prefix
        },
        "scalables": {
            (it.kind, it.name): (
                it.size, it.max_size, it.min_available, it.target_kind, it.target_name,
                _ours(it.annotations),
            )
            for it in index.scalables.values()
            if it.namespace == prefix
        },
        "namespace": prefix in index.namespaces,
    }  # fmt: skip


def beside(index: ClusterIndex, cast: Cast) -> dict[str, Any]:
    """Return what actions could have changed of everything that is not the cast."""
    nodes = [it for it in index.nodes.values() if not it.name.startswith(cast.prefix)]
    others = [it for it in index.scalables.values() if it.namespace != cast.prefix]
    return {
        **{it.name: (it.taints, it.labels, it.annotations, it.unschedulable) for it in nodes},
        **{it.key: (it.size, it.min_available, it.labels, it.annotations) for it in others},
        **{pod.uid: pod for node in nodes for pod in index.pods_on(node.name).values()},
    }


def _seen_node(index: ClusterIndex, node: Node) -> tuple[Any, ...]:
    row = index.node_table.row_of(node.name)
    assert row is not None
    return (
        tuple(it for it in node.taints if REAL_DOMAIN not in it.key),
        _ours(node.labels),
        _ours(node.annotations),
        node.unschedulable,
        node.is_ready,
        node.allocatable,
        index.node_table.requested(row),
        {it.name: _seen_pod(it) for it in index.pods_on(node.name).values()},
    )


def _seen_pod(pod: Pod) -> tuple[Any, ...]:
    is_deleted = pod.deletion_ms is not None
    labels, annotations = _ours(pod.labels), _ours(pod.annotations)
    return labels, annotations, pod.phase, is_deleted, pod.deletion_grace_seconds


def _ours(texts: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in texts.items() if REAL_DOMAIN not in key}


def requested_of(pods: int) -> Resources:
    """Return what so many pods of the cast ask of a node."""
    return Resources(cpu_millicores=100 * pods, memory_bytes=(64 << 20) * pods, pods=pods)


def _node(name: str) -> dict[str, Any]:
    size = {"cpu": "4", "memory": "8Gi", "pods": "50"}
    ready = _condition("Ready")
    status = {"capacity": size, "allocatable": size, "conditions": [ready]}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"role": "stage"}},
        "status": status,
    }


def _pod(namespace: str, name: str, app: str) -> dict[str, Any]:
    requests = {"cpu": "100m", "memory": "64Mi"}
    container = {"name": "app", "image": "registry.example/app:1", "resources": {}}
    container["resources"] = {"requests": requests}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": app}},
        "spec": {"nodeName": f"{namespace}-0", "containers": [container]},
        "status": {"phase": "Running", "conditions": [_condition("Ready")]},
    }


def _around_web(namespace: str) -> Bodies:
    metadata = {"name": "web", "namespace": namespace}
    selector = {"matchLabels": {"app": "web"}}
    container = {"name": "app", "image": "registry.example/app:1"}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    deployment = {"paused": True, "replicas": REPLICAS, "selector": selector, "template": template}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    autoscaler = {"minReplicas": FLOOR, "maxReplicas": 60, "scaleTargetRef": target}
    spent = {
        "disruptionsAllowed": 0, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1,
        "observedGeneration": 1,
    }  # fmt: skip
    budget = {"minAvailable": "100%", "selector": selector}
    return [
        _object("apps/v1", "Deployment", metadata, deployment),
        _object("autoscaling/v2", "HorizontalPodAutoscaler", metadata, autoscaler),
        _object("policy/v1", "PodDisruptionBudget", metadata, budget) | {"status": spent},
    ]


def _object(
    api_version: str, kind: str, metadata: dict[str, str], spec: dict[str, Any]
) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {**metadata}, "spec": spec}


def _condition(kind: str) -> dict[str, str]:
    times = {"lastTransitionTime": _SINCE}
    return {"type": kind, "status": "True", "reason": "ForTheTest", "message": "", **times}
