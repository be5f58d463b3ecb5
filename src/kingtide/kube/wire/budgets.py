"""PodDisruptionBudgets, to and from the API's form."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kingtide.kube.wire.conditions import WireCondition, condition_body
from kingtide.kube.wire.metadata import WireMetadata, object_metadata
from kingtide.kube.wire.selectors import WireSelector, selector_body
from kingtide.kube.wire.times import time_ms, time_text
from kingtide.kube.workloads import PodDisruptionBudget

DISRUPTION_ALLOWED = "DisruptionAllowed"


class _Spec(msgspec.Struct, rename="camel", frozen=True, gc=False):
    selector: WireSelector = WireSelector()
    min_available: int | str | None = None
    max_unavailable: int | str | None = None
    unhealthy_pod_eviction_policy: Literal["IfHealthyBudget", "AlwaysAllow"] | None = None


class _Status(msgspec.Struct, rename="camel", frozen=True, gc=False):
    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    observed_generation: int = 0
    disrupted_pods: dict[str, str] | None = None
    conditions: tuple[WireCondition, ...] | None = None


class _Wire(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    spec: _Spec = _Spec()
    status: _Status = _Status()


_DECODER = msgspec.json.Decoder(_Wire)


def read_disruption_budget(written: bytes | memoryview) -> PodDisruptionBudget:
    """Return the PodDisruptionBudget of a JSON text.

    Raises:
        ValueError: it is none.
    """
    found = _DECODER.decode(written)
    metadata, spec, status = found.metadata, found.spec, found.status
    allowed = next((it for it in status.conditions or () if it.type == DISRUPTION_ALLOWED), None)
    disrupted = {name: time_ms(at) or 0 for name, at in (status.disrupted_pods or {}).items()}
    return PodDisruptionBudget(
        namespace=metadata.namespace or "default",
        name=metadata.name,
        selector=spec.selector.value(),
        disruptions_allowed=status.disruptions_allowed,
        resource_version=metadata.revision,
        min_available=_as_written(spec.min_available),
        max_unavailable=_as_written(spec.max_unavailable),
        unhealthy_pod_eviction_policy=spec.unhealthy_pod_eviction_policy or "IfHealthyBudget",
        current_healthy=status.current_healthy,
        desired_healthy=status.desired_healthy,
        expected_pods=status.expected_pods,
        disrupted_pods=disrupted,
        disruption_allowed=None if allowed is None else allowed.value(),
        generation=metadata.generation,
        observed_generation=status.observed_generation,
        uid=metadata.uid,
        created_ms=metadata.created_ms,
        labels=metadata.labels or {},
        annotations=metadata.annotations or {},
    )


def _as_written(amount: int | str | None) -> str | None:
    return None if amount is None else str(amount)


def disruption_budget_body(it: PodDisruptionBudget) -> dict[str, Any]:
    """Return a PodDisruptionBudget as the API writes it."""
    spec: dict[str, Any] = {"selector": selector_body(it.selector)}
    bounds = {"minAvailable": it.min_available, "maxUnavailable": it.max_unavailable}
    for key, written in bounds.items():
        if written is not None:
            spec[key] = int(written) if written.isdecimal() else written
    if it.unhealthy_pod_eviction_policy != "IfHealthyBudget":
        spec["unhealthyPodEvictionPolicy"] = it.unhealthy_pod_eviction_policy
    status: dict[str, Any] = {
        "currentHealthy": it.current_healthy,
        "desiredHealthy": it.desired_healthy,
        "disruptionsAllowed": it.disruptions_allowed,
        "expectedPods": it.expected_pods,
        "observedGeneration": it.observed_generation,
    }
    if it.disrupted_pods:
        disrupted = {name: time_text(at) for name, at in it.disrupted_pods.items()}
        status["disruptedPods"] = disrupted
    if it.disruption_allowed is not None:
        # Of this kind of condition the message is required, be it empty.
        told = condition_body(DISRUPTION_ALLOWED, it.disruption_allowed)
        status["conditions"] = [{"message": ""} | told]
    metadata = object_metadata(it, generation=it.generation)
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata,
        "spec": spec,
        "status": status,
    }
