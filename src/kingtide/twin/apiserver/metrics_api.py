"""What `kubectl top` asks: metrics.k8s.io, from the twin's own metrics pipeline, with its lag.

Source: https://github.com/kubernetes/metrics/blob/v0.36.0/pkg/apis/metrics/v1beta1/types.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from kingtide.kube.labels import requirement_matches
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod, pod_requests
from kingtide.kube.quantities import format_bytes, format_cpu
from kingtide.kube.wire.times import time_text
from kingtide.twin.apiserver.refusals import ApiRefusal, no_such_resource, unavailable
from kingtide.twin.apiserver.selecting import label_requirements
from kingtide.twin.world import World

VERSION = "metrics.k8s.io/v1beta1"


class MetricsApi:
    """Answers with the last sample that the pipeline published.

    CPU is as measured; memory is what pods request, unless the scenario says what they hold.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the usage of nodes or pods: all, a namespace's, or one.

        Raises:
            ApiRefusal: 404, there is no such thing; 503, the pipeline does not answer.
        """
        metrics = self._world.metrics
        if metrics.published_at_ms is None:
            raise unavailable("the server is currently unable to handle the request")
        wanted = label_requirements(query.get("labelSelector", ""))
        match [unquote(it) for it in path.strip("/").split("/")]:
            case ["nodes", *name]:
                kind, found = "NodeMetrics", self._nodes(*name[:1])
            case ["namespaces", namespace, "pods", *name]:
                kind, found = "PodMetrics", self._pods(namespace, *name[:1])
            case ["pods"]:
                kind, found, name = "PodMetrics", self._pods(), []
            case _:
                raise no_such_resource()
        items = [
            it
            for it in found
            if all(requirement_matches(r, it["metadata"].get("labels", {})) for r in wanted)
        ]
        if not name:
            head = {"kind": f"{kind}List", "apiVersion": VERSION, "metadata": {}}
            return head | {"items": items}
        if not items:
            plural = "nodes" if kind == "NodeMetrics" else "pods"
            message = f'{plural}.metrics.k8s.io "{name[0]}" not found'
            raise ApiRefusal(404, "NotFound", message)
        return items[0]

    def _nodes(self, name: str = "") -> Iterator[dict[str, Any]]:
        by_node: dict[str, list[tuple[Pod, int]]] = {}
        for pod, millicores in self._measured():
            by_node.setdefault(pod.node_name, []).append((pod, millicores))
        for node in sorted(self._world.store.nodes.values(), key=lambda it: it.name):
            pods = by_node.get(node.name)
            if pods is not None and name in ("", node.name):
                yield self._node(node, pods)

    def _pods(self, namespace: str = "", name: str = "") -> Iterator[dict[str, Any]]:
        for pod, millicores in sorted(self._measured(), key=lambda it: it[0].key):
            if namespace in ("", pod.namespace) and name in ("", pod.name):
                yield self._pod(pod, millicores)

    def _measured(self) -> Iterator[tuple[Pod, int]]:
        """Yield pods that were scraped twice, with their millicores."""
        columns, pods = self._world.metrics.columns, self._world.store.pods
        published = columns.published
        for uid, row in columns.row_of.items():
            millicores = int(published[row])
            if millicores >= 0:
                yield pods[uid], millicores

    def _node(self, node: Node, pods: list[tuple[Pod, int]]) -> dict[str, Any]:
        memory = sum(pod_requests(pod.spec).memory_bytes for pod, _ in pods)
        usage = _usage(sum(millicores for _, millicores in pods), memory)
        metadata = {"name": node.name, "labels": dict(node.labels)}
        return self._sample("NodeMetrics", metadata) | {"usage": usage}

    def _pod(self, pod: Pod, millicores: int) -> dict[str, Any]:
        metadata = {"name": pod.name, "namespace": pod.namespace, "labels": dict(pod.labels)}
        containers = pod.spec.containers
        wanted = sum(it.requests.cpu_millicores for it in containers)
        found, left = [], millicores
        for place, it in enumerate(containers):
            share = millicores * it.requests.cpu_millicores // wanted if wanted else 0
            share = left if place == len(containers) - 1 else share
            left -= share
            usage = _usage(share, it.requests.memory_bytes)
            found.append({"name": it.name, "usage": usage})
        return self._sample("PodMetrics", metadata) | {"containers": found}

    def _sample(self, kind: str, metadata: dict[str, Any]) -> dict[str, Any]:
        metrics = self._world.metrics
        at = time_text(metrics.published_at_ms or 0)
        head = {
            "kind": kind,
            "apiVersion": VERSION,
            "metadata": metadata | {"creationTimestamp": at},
        }
        return head | {"timestamp": at, "window": f"{metrics.window_ms // 1000}s"}


def _usage(cpu_millicores: int, memory_bytes: int) -> dict[str, str]:
    return {"cpu": format_cpu(cpu_millicores), "memory": format_bytes(memory_bytes)}
