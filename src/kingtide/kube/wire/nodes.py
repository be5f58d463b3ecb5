"""Nodes, to and from the API's form."""

from __future__ import annotations

from typing import Any

import msgspec

from kingtide.kube.nodes import Node, NodeImage
from kingtide.kube.pods import Condition
from kingtide.kube.taints import Taint, TaintEffect
from kingtide.kube.wire.amounts import Amount, resources_body, resources_of
from kingtide.kube.wire.conditions import WireCondition, condition_body
from kingtide.kube.wire.metadata import WireMetadata, metadata_body
from kingtide.kube.wire.times import time_ms, time_text


class WireTaint(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """A taint of a node."""

    key: str
    effect: TaintEffect
    value: str = ""
    time_added: str | None = None

    def taint(self) -> Taint:
        """Return the taint."""
        return Taint(self.key, self.effect, self.value, time_ms(self.time_added))


class _Spec(msgspec.Struct, rename="camel", frozen=True, gc=False):
    provider_id: str = msgspec.field(name="providerID", default="")
    taints: tuple[WireTaint, ...] | None = None
    unschedulable: bool = False


class _Image(msgspec.Struct, rename="camel", frozen=True, gc=False):
    names: tuple[str, ...] | None = None
    size_bytes: int = 0


class _Status(msgspec.Struct, rename="camel", frozen=True, gc=False):
    capacity: dict[str, Amount] | None = None
    allocatable: dict[str, Amount] | None = None
    conditions: tuple[WireCondition, ...] | None = None
    images: tuple[_Image, ...] | None = None


class _WireNode(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    spec: _Spec = _Spec()
    status: _Status = _Status()


_DECODER = msgspec.json.Decoder(_WireNode)
NOT_TOLD = Condition("Unknown", 0)
"""Readiness of a node of which no kubelet has said anything."""


def read_node(written: bytes | memoryview) -> Node:
    """Return the node of a JSON text.

    Raises:
        ValueError: it is no node.
    """
    found = _DECODER.decode(written)
    metadata, spec, status = found.metadata, found.spec, found.status
    conditions = {it.type: it.value() for it in status.conditions or ()}
    ready = conditions.pop("Ready", NOT_TOLD)
    return Node(
        name=metadata.name,
        uid=metadata.uid,
        labels=metadata.labels or {},
        capacity=resources_of(status.capacity),
        allocatable=resources_of(status.allocatable),
        created_ms=metadata.created_ms,
        ready=ready,
        provider_id=spec.provider_id,
        annotations=metadata.annotations or {},
        taints=tuple(it.taint() for it in spec.taints or ()),
        unschedulable=spec.unschedulable,
        deletion_ms=metadata.asked_to_end_ms,
        resource_version=metadata.revision,
        images=tuple(NodeImage(it.names or (), it.size_bytes) for it in status.images or ()),
        conditions=conditions,
    )


def taint_body(it: Taint) -> dict[str, Any]:
    """Return a taint as the API writes it."""
    body: dict[str, Any] = {"key": it.key, "effect": it.effect}
    if it.value:
        body["value"] = it.value
    if it.time_added_ms is not None:
        body["timeAdded"] = time_text(it.time_added_ms)
    return body


def node_body(node: Node) -> dict[str, Any]:
    """Return a node as the API writes it."""
    metadata = metadata_body(
        node.name,
        uid=node.uid,
        resource_version=node.resource_version,
        created_ms=node.created_ms,
        labels=node.labels,
        annotations=node.annotations,
    )
    if node.deletion_ms is not None:
        metadata["deletionTimestamp"] = time_text(node.deletion_ms)
        metadata["deletionGracePeriodSeconds"] = 0
    spec: dict[str, Any] = {}
    if node.provider_id:
        spec["providerID"] = node.provider_id
    if node.taints:
        spec["taints"] = [taint_body(it) for it in node.taints]
    if node.unschedulable:
        spec["unschedulable"] = True
    conditions = (*node.conditions.items(), ("Ready", node.ready))
    status: dict[str, Any] = {
        "capacity": resources_body(node.capacity),
        "allocatable": resources_body(node.allocatable),
        "conditions": [condition_body(kind, it) for kind, it in conditions],
    }
    if node.images:
        status["images"] = [
            {"names": list(it.names), "sizeBytes": it.size_bytes} for it in node.images
        ]
    body = {"apiVersion": "v1", "kind": "Node", "metadata": metadata}
    return body | {"spec": spec, "status": status}
