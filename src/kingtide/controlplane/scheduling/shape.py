"""Shapes: all that the scheduler looks at in a pod, interned so that it is evaluated once.

The thousands of pods of a fleet come from a few dozen templates. Rules work on a shape's dense
index and keep their own arrays by it, instead of reading every pod's spec again.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.kube.pods import Container, Pod, PodSpec, pod_requests
from kingtide.kube.resources import Resources

DEFAULT_CPU_MILLICORES = 100
"""What scores (not filters) assume for a container without a CPU request.

Source: pkg/scheduler/util/pod_resources.go, DefaultMilliCPURequest (v1.36).
"""
DEFAULT_MEMORY_BYTES = 200 * 1024 * 1024
"""What scores assume for a container without a memory request (DefaultMemoryRequest, same file)."""

_REMEMBERED_OBJECTS = 65_536
"""Bound of the identity memory; beyond it, pods are looked up by content again."""


class PodShape(msgspec.Struct, frozen=True, gc=False):
    """What the scheduler sees of a pod; equal content has the same `index`, dense from 0.

    `requests` counts as kube-scheduler does (containers, init steps, sidecars, overhead; `pods` is
    1). `nonzero_*` are the requests with the defaults that scores assume.
    """

    index: int
    spec: PodSpec
    namespace: str
    labels: Mapping[str, str]
    requests: Resources
    cpu_millicores: int
    memory_bytes: int
    nonzero_cpu_millicores: int
    nonzero_memory_bytes: int
    priority: int
    can_preempt: bool


class ShapeTable:
    """All shapes seen so far, by index."""

    def __init__(self) -> None:
        self.shapes: list[PodShape] = []
        self._by_content: dict[tuple[object, ...], PodShape] = {}
        # Holds the objects themselves: an id is only meaningful while its object lives.
        self._by_identity: dict[tuple[int, int, str], tuple[PodShape, PodSpec, object]] = {}

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, index: int) -> PodShape:
        return self.shapes[index]

    def intern(self, pod: Pod) -> PodShape:
        """Return the shape of a pod, making it when its content is new."""
        identity = (id(pod.spec), id(pod.labels), pod.namespace)
        known = self._by_identity.get(identity)
        if known is not None:
            return known[0]
        shape = self._by_value(pod)
        if len(self._by_identity) >= _REMEMBERED_OBJECTS:
            self._by_identity.clear()
        self._by_identity[identity] = (shape, pod.spec, pod.labels)
        return shape

    def _by_value(self, pod: Pod) -> PodShape:
        content = (pod.spec, pod.namespace, tuple(sorted(pod.labels.items())))
        shape = self._by_content.get(content)
        if shape is None:
            shape = _shape_of(len(self.shapes), pod)
            self.shapes.append(shape)
            self._by_content[content] = shape
        return shape


def _shape_of(index: int, pod: Pod) -> PodShape:
    spec = pod.spec
    requests = msgspec.structs.replace(pod_requests(spec), pods=1)
    scored = pod_requests(
        msgspec.structs.replace(
            spec,
            containers=tuple(map(_with_defaults, spec.containers)),
            init_containers=tuple(map(_with_defaults, spec.init_containers)),
        )
    )
    return PodShape(
        index=index,
        spec=spec,
        namespace=pod.namespace,
        labels=dict(pod.labels),
        requests=requests,
        cpu_millicores=requests.cpu_millicores,
        memory_bytes=requests.memory_bytes,
        nonzero_cpu_millicores=scored.cpu_millicores,
        nonzero_memory_bytes=scored.memory_bytes,
        priority=spec.priority,
        can_preempt=spec.preemption_policy != "Never",
    )


def _with_defaults(container: Container) -> Container:
    """Return a container with the requests that scores assume; an absent request reads as 0."""
    requests = container.requests
    return msgspec.structs.replace(
        container,
        requests=msgspec.structs.replace(
            requests,
            cpu_millicores=requests.cpu_millicores or DEFAULT_CPU_MILLICORES,
            memory_bytes=requests.memory_bytes or DEFAULT_MEMORY_BYTES,
        ),
    )
