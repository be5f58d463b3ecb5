"""Autoscalers, ConfigMaps, Namespaces and PriorityClasses, to and from the API's form."""

from __future__ import annotations

from typing import Any

import msgspec

from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.namespaces import Namespace
from kingtide.kube.wire.metadata import WireMetadata, metadata_body, object_metadata
from kingtide.kube.workloads import ConfigMap, PriorityClass


class _Target(msgspec.Struct, rename="camel", frozen=True, gc=False):
    kind: str
    name: str


class _AutoscalerSpec(msgspec.Struct, rename="camel", frozen=True, gc=False):
    scale_target_ref: _Target
    max_replicas: int
    min_replicas: int | None = None


class _WireAutoscaler(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    spec: _AutoscalerSpec


class _WireConfigMap(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    data: dict[str, str] | None = None


class _WireNamespace(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata


class _WirePriorityClass(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    value: int
    global_default: bool = False


_AUTOSCALER = msgspec.json.Decoder(_WireAutoscaler)
_CONFIG_MAP = msgspec.json.Decoder(_WireConfigMap)
_NAMESPACE = msgspec.json.Decoder(_WireNamespace)
_PRIORITY_CLASS = msgspec.json.Decoder(_WirePriorityClass)


def read_autoscaler(written: bytes | memoryview) -> HorizontalPodAutoscaler:
    """Return the HorizontalPodAutoscaler of a JSON text.

    Raises:
        ValueError: it is none.
    """
    found = _AUTOSCALER.decode(written)
    it, spec = found.metadata, found.spec
    return HorizontalPodAutoscaler(
        namespace=it.namespace or "default",
        name=it.name,
        uid=it.uid,
        target_kind=spec.scale_target_ref.kind,
        target_name=spec.scale_target_ref.name,
        max_replicas=spec.max_replicas,
        min_replicas=spec.min_replicas,
        created_ms=it.created_ms,
        labels=it.labels or {},
        annotations=it.annotations or {},
        resource_version=it.revision,
    )


def read_config_map(written: bytes | memoryview) -> ConfigMap:
    """Return the ConfigMap of a JSON text.

    Raises:
        ValueError: it is none.
    """
    found = _CONFIG_MAP.decode(written)
    it = found.metadata
    return ConfigMap(it.namespace or "default", it.name, found.data or {}, it.revision)


def read_namespace(written: bytes | memoryview) -> Namespace:
    """Return the Namespace of a JSON text.

    Raises:
        ValueError: it is none.
    """
    it = _NAMESPACE.decode(written).metadata
    return Namespace(it.name, it.labels or {}, it.annotations or {}, it.revision)


def read_priority_class(written: bytes | memoryview) -> PriorityClass:
    """Return the PriorityClass of a JSON text.

    Raises:
        ValueError: it is none.
    """
    found = _PRIORITY_CLASS.decode(written)
    return PriorityClass(
        found.metadata.name, found.value, found.global_default, found.metadata.revision
    )


def autoscaler_body(it: HorizontalPodAutoscaler) -> dict[str, Any]:
    """Return a HorizontalPodAutoscaler as the API writes it, as far as the value says it."""
    spec: dict[str, Any] = {
        "scaleTargetRef": {
            "apiVersion": "apps/v1",
            "kind": it.target_kind,
            "name": it.target_name,
        },
        "maxReplicas": it.max_replicas,
    }
    if it.min_replicas is not None:
        spec["minReplicas"] = it.min_replicas
    metadata = object_metadata(it)
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata,
        "spec": spec,
    }


def config_map_body(it: ConfigMap) -> dict[str, Any]:
    """Return a ConfigMap as the API writes it."""
    metadata = metadata_body(it.name, namespace=it.namespace, resource_version=it.resource_version)
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(it.data)}


def namespace_body(it: Namespace) -> dict[str, Any]:
    """Return a Namespace as the API writes it."""
    metadata = metadata_body(
        it.name,
        resource_version=it.resource_version,
        labels={**it.labels, "kubernetes.io/metadata.name": it.name},
        annotations=it.annotations,
    )
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": metadata,
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }


def priority_class_body(it: PriorityClass) -> dict[str, Any]:
    """Return a PriorityClass as the API writes it."""
    metadata = metadata_body(it.name, resource_version=it.resource_version)
    body: dict[str, Any] = {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": metadata,
        "value": it.value,
        "preemptionPolicy": "PreemptLowerPriority",
    }
    if it.global_default:
        body["globalDefault"] = True
    return body
