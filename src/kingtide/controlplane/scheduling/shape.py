"""Shapes: all that the scheduler looks at in a pod, interned so that it is evaluated once.

The thousands of pods of a fleet come from a few dozen templates. Rules work on a shape's dense
index and keep their own arrays by it, instead of reading every pod's spec again.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.controlplane.scheduling.directory import Directory
from kingtide.controlplane.scheduling.pod_rules import PodRules, rules_of
from kingtide.controlplane.scheduling.pod_selector import PodSelector
from kingtide.kube.labels import LabelSelector
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
    1). `nonzero_*` are the requests with the defaults that scores assume. `rules` is what the pod
    asks of ports, images and other pods. `kind` is equal for shapes that differ in resources,
    ports, priority and the like only, so that all else can be evaluated once for them. `asks_more`
    tells whether anything but CPU and memory is requested.
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
    namespace_labels: Mapping[str, str]
    rules: PodRules
    kind: int
    asks_more: bool

    def is_selected_by(self, selector: PodSelector) -> bool:
        """Return whether another pod's rule speaks about pods of this shape."""
        return selector.selects(self.namespace, self.namespace_labels, self.labels)


class _Origin(msgspec.Struct, frozen=True, gc=False):
    """What of a pod's surroundings shapes it beside its spec; equal content has one `number`."""

    number: int
    namespace: str
    labels: Mapping[str, str]
    namespace_labels: Mapping[str, str]
    default_selector: LabelSelector | None


class ShapeTable:
    """All shapes seen so far, by index; `directory` is what they are resolved against."""

    def __init__(self) -> None:
        self.shapes: list[PodShape] = []
        self.directory = Directory()
        self.resolved_rules = 0
        """How often a pod's rules were resolved from its spec; amounts alone need none anew."""
        self._by_content: dict[tuple[PodSpec, int], PodShape] = {}
        self._origins: dict[tuple[object, ...], _Origin] = {}
        self._kinds: dict[tuple[object, ...], int] = {}
        self._rules: dict[tuple[object, ...], tuple[PodRules, int]] = {}
        # Both hold the objects themselves: an id is only meaningful while its object lives.
        self._by_identity: dict[tuple[int, int, str, str], tuple[PodShape, PodSpec, object]] = {}
        self._origin_by_identity: dict[tuple[int, str, str, str], tuple[_Origin, object]] = {}
        self._directory_version = 0

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, index: int) -> PodShape:
        return self.shapes[index]

    def intern(self, pod: Pod) -> PodShape:
        """Return the shape of a pod, making it when its content is new."""
        if self._directory_version != self.directory.version:
            self._directory_version = self.directory.version
            self._by_identity.clear()
            self._origin_by_identity.clear()
        owner = pod.owner
        identity = (
            id(pod.spec),
            id(pod.labels),
            "" if owner is None else owner.name,
            pod.namespace,
        )
        known = self._by_identity.get(identity)
        if known is not None:
            return known[0]
        shape = self._by_value(pod.spec, self._origin_of(pod))
        if len(self._by_identity) >= _REMEMBERED_OBJECTS:
            self._by_identity.clear()
        self._by_identity[identity] = (shape, pod.spec, pod.labels)
        return shape

    def refreshed(self, shape: PodShape) -> PodShape:
        """Return the shape that the same content has with its namespace's labels as now known."""
        origin = self._origin(shape.namespace, shape.labels, shape.rules.default_selector)
        return self._by_value(shape.spec, origin)

    def _origin_of(self, pod: Pod) -> _Origin:
        owner = ("", "") if pod.owner is None else (pod.owner.kind, pod.owner.name)
        identity = (id(pod.labels), *owner, pod.namespace)
        known = self._origin_by_identity.get(identity)
        if known is not None:
            return known[0]
        default_selector = self.directory.default_selector(pod)
        origin = self._origin(pod.namespace, pod.labels, default_selector)
        if len(self._origin_by_identity) >= _REMEMBERED_OBJECTS:
            self._origin_by_identity.clear()
        self._origin_by_identity[identity] = (origin, pod.labels)
        return origin

    def _origin(
        self, namespace: str, labels: Mapping[str, str], default_selector: LabelSelector | None
    ) -> _Origin:
        namespace_labels = self.directory.namespace_labels(namespace)
        content = (
            namespace,
            tuple(sorted(labels.items())),
            tuple(sorted(namespace_labels.items())),
            default_selector,
        )
        origin = self._origins.get(content)
        if origin is None:
            origin = _Origin(
                len(self._origins), namespace, dict(labels), namespace_labels, default_selector
            )
            self._origins[content] = origin
        return origin

    def _by_value(self, spec: PodSpec, origin: _Origin) -> PodShape:
        if spec.topology_spread and origin.default_selector is not None:
            # A pod with constraints of its own gets no default ones.
            origin = self._origin(origin.namespace, origin.labels, None)
        shape = self._by_content.get((spec, origin.number))
        if shape is None:
            rules, kind = self._rules_and_kind(spec, origin)
            shape = _shape_of(len(self.shapes), kind, spec, origin, rules)
            self.shapes.append(shape)
            self._by_content[spec, origin.number] = shape
        return shape

    def _rules_and_kind(self, spec: PodSpec, origin: _Origin) -> tuple[PodRules, int]:
        """Return a pod's rules and the number of its kind, made once for all amounts."""
        content = (
            origin.number,
            spec.tolerations,
            spec.node_selector,
            spec.required_node_affinity,
            spec.preferred_node_affinity,
            spec.topology_spread,
            spec.required_pod_affinity,
            spec.required_pod_anti_affinity,
            spec.preferred_pod_affinity,
            spec.preferred_pod_anti_affinity,
            tuple([(c.image, c.host_ports) for c in spec.containers]),
            tuple([(c.image, c.host_ports, c.always_restarts) for c in spec.init_containers]),
        )
        known = self._rules.get(content)
        if known is None:
            self.resolved_rules += 1
            rules = rules_of(spec, origin.namespace, origin.labels, origin.default_selector)
            kind = self._kinds.setdefault(_kind_content(spec, origin, rules), len(self._kinds))
            known = self._rules[content] = rules, kind
        return known


def may_preempt(spec: PodSpec) -> bool:
    """Return whether a pod may displace others at all."""
    return spec.preemption_policy != "Never"


def _kind_content(spec: PodSpec, origin: _Origin, rules: PodRules) -> tuple[object, ...]:
    return (
        spec.tolerations,
        spec.node_selector,
        spec.required_node_affinity,
        spec.preferred_node_affinity,
        rules.images,
        rules.without_ports,
        origin.number,
    )


def _shape_of(index: int, kind: int, spec: PodSpec, origin: _Origin, rules: PodRules) -> PodShape:
    requests = msgspec.structs.replace(pod_requests(spec), pods=1)
    scored = requests
    containers, init_containers = spec.containers, spec.init_containers
    if not all(map(_requests_both, (*containers, *init_containers))):
        scored = pod_requests(
            msgspec.structs.replace(
                spec,
                containers=tuple(map(_with_defaults, containers)),
                init_containers=tuple(map(_with_defaults, init_containers)),
            )
        )
    return PodShape(
        index=index,
        spec=spec,
        namespace=origin.namespace,
        labels=origin.labels,
        requests=requests,
        cpu_millicores=requests.cpu_millicores,
        memory_bytes=requests.memory_bytes,
        nonzero_cpu_millicores=scored.cpu_millicores,
        nonzero_memory_bytes=scored.memory_bytes,
        priority=spec.priority,
        namespace_labels=origin.namespace_labels,
        rules=rules,
        kind=kind,
        asks_more=bool(requests.ephemeral_storage_bytes or requests.extended),
    )


def _requests_both(container: Container) -> bool:
    return container.requests.cpu_millicores > 0 and container.requests.memory_bytes > 0


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
