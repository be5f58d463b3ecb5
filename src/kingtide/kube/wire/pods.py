"""Pods and pod templates, to and from the API's form."""

from __future__ import annotations

from typing import Any

import msgspec

from kingtide.kube.pods import Condition, Pod, PodPhase, PodTemplate
from kingtide.kube.wire.conditions import WireCondition, condition_body
from kingtide.kube.wire.metadata import WireMetadata, object_metadata
from kingtide.kube.wire.pod_spec import PodSpecs, WirePodSpec
from kingtide.kube.wire.pod_spec_body import pod_spec_body
from kingtide.kube.wire.times import time_ms, time_text


class _Bound(msgspec.Struct, rename="camel", frozen=True, gc=False):
    node_name: str = ""


class _Status(msgspec.Struct, rename="camel", frozen=True, gc=False):
    phase: PodPhase = "Pending"
    conditions: tuple[WireCondition, ...] | None = None
    nominated_node_name: str = ""
    start_time: str | None = None


class _WirePod(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    spec: msgspec.Raw
    status: _Status = _Status()


class _TemplateMetadata(msgspec.Struct, rename="camel", frozen=True, gc=False):
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


class WireTemplate(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """A pod template; it reads its spec like a pod's."""

    spec: WirePodSpec
    metadata: _TemplateMetadata = _TemplateMetadata()

    def value(self) -> PodTemplate:
        """Return the template."""
        metadata = self.metadata
        return PodTemplate(metadata.labels or {}, self.spec.value(), metadata.annotations or {})


class PodReader:
    """Reads pods; pods of one template share their spec."""

    def __init__(self) -> None:
        self._specs = PodSpecs()
        self._decoder = msgspec.json.Decoder(_WirePod)
        self._bound = msgspec.json.Decoder(_Bound)

    def read(self, written: bytes | memoryview) -> Pod:
        """Return the pod of a JSON text.

        Raises:
            ValueError: it is no pod; msgspec.ValidationError and QuantityError are ValueErrors.
        """
        found = self._decoder.decode(written)
        metadata, status = found.metadata, found.status
        conditions = {it.type: it for it in status.conditions or ()}
        return Pod(
            namespace=metadata.namespace or "default",
            name=metadata.name,
            uid=metadata.uid,
            spec=self._specs.read(found.spec),
            labels=metadata.labels or {},
            created_ms=metadata.created_ms,
            annotations=metadata.annotations or {},
            owner=metadata.owner,
            deletion_ms=metadata.asked_to_end_ms,
            deletion_grace_seconds=metadata.deletion_grace_period_seconds,
            node_name=self._bound.decode(found.spec).node_name,
            nominated_node_name=status.nominated_node_name,
            phase=status.phase,
            scheduled=_condition(conditions.get("PodScheduled")),
            ready=_condition(conditions.get("Ready")),
            started_ms=time_ms(status.start_time),
            resource_version=metadata.revision,
        )


def _condition(it: WireCondition | None) -> Condition | None:
    return None if it is None else it.value()


def read_pod(written: bytes | memoryview) -> Pod:
    """Return one pod, whose spec is shared with no other.

    Raises:
        ValueError: it is no pod.
    """
    return PodReader().read(written)


def pod_body(pod: Pod) -> dict[str, Any]:
    """Return a pod as the API writes it."""
    metadata = object_metadata(pod, owner=pod.owner)
    if pod.deletion_ms is not None:
        grace = pod.deletion_grace_seconds or 0
        metadata["deletionTimestamp"] = time_text(pod.deletion_ms + 1000 * grace)
        metadata["deletionGracePeriodSeconds"] = grace
    spec = pod_spec_body(pod.spec)
    if pod.node_name:
        spec["nodeName"] = pod.node_name
    status: dict[str, Any] = {"phase": pod.phase}
    conditions = [
        condition_body(kind, it)
        for kind, it in (("PodScheduled", pod.scheduled), ("Ready", pod.ready))
        if it is not None
    ]
    if conditions:
        status["conditions"] = conditions
    if pod.nominated_node_name:
        status["nominatedNodeName"] = pod.nominated_node_name
    if pod.started_ms is not None:
        status["startTime"] = time_text(pod.started_ms)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}
