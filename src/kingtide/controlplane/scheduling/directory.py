"""What a pod's shape is resolved against: Services and owners that select it, labels of namespaces.

The system default spreading applies to the pods that a pod's Services and its owner select
together. Source: pkg/scheduler/framework/plugins/helper/spread.go, DefaultSelector (v1.36).
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import Service

NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that the API server puts on every namespace."""
SPREADING_OWNERS = ("ReplicaSet", "StatefulSet", "ReplicationController")
"""Owners whose selector takes part in default spreading."""


class Directory:
    """Services, spreading owners and namespace labels as last told; `version` counts changes."""

    def __init__(self) -> None:
        self.version = 0
        self._services: dict[str, dict[str, Service]] = {}
        self._owners: dict[tuple[str, str, str], LabelSelector] = {}
        self._namespaces: dict[str, Mapping[str, str]] = {}

    def set_service(self, service: Service) -> None:
        """Add or update a Service."""
        self._services.setdefault(service.namespace, {})[service.name] = service
        self.version += 1

    def set_owner(self, kind: str, namespace: str, name: str, selector: LabelSelector) -> None:
        """Add or update a ReplicaSet, StatefulSet or ReplicationController by what it selects."""
        if self._owners.get((kind, namespace, name)) != selector:
            self._owners[kind, namespace, name] = selector
            self.version += 1

    def remove_owner(self, kind: str, namespace: str, name: str) -> None:
        """Forget an owner; an unknown one is ignored."""
        if self._owners.pop((kind, namespace, name), None) is not None:
            self.version += 1

    def set_namespace(self, name: str, labels: Mapping[str, str]) -> None:
        """Take over a namespace's labels."""
        self._namespaces[name] = {**labels, NAMESPACE_NAME_LABEL: name}
        self.version += 1

    def namespace_labels(self, name: str) -> Mapping[str, str]:
        """Return a namespace's labels; of an unknown one the label with its name."""
        return self._namespaces.get(name) or {NAMESPACE_NAME_LABEL: name}

    def default_selector(self, pod: Pod) -> LabelSelector | None:
        """Return what default spreading counts for a pod, None where nothing selects it."""
        merged: dict[str, str] = {}
        for service in self._services.get(pod.namespace, {}).values():
            if service.selector and all(pod.labels.get(k) == v for k, v in service.selector):
                merged.update(service.selector)
        labels = LabelSelector(match_labels=tuple(sorted(merged.items())))
        owner = pod.owner
        if owner is not None and owner.kind in SPREADING_OWNERS:
            other = self._owners.get((owner.kind, pod.namespace, owner.name))
            if other is not None:
                return _both(labels, other)
        return labels if merged else None


def _both(a: LabelSelector, b: LabelSelector) -> LabelSelector | None:
    pairs = tuple(sorted({*a.match_labels, *b.match_labels}))
    expressions = a.match_expressions + b.match_expressions
    return LabelSelector(pairs, expressions) if pairs or expressions else None
