"""One whole pass of an autoscaler."""

from __future__ import annotations

from kingtide.controlplane.hpa.model import (
    HpaControllerConfig,
    HpaObservation,
    HpaOutcome,
    HpaSpec,
    HpaState,
)


def reconcile(
    spec: HpaSpec,
    observation: HpaObservation,
    state: HpaState,
    now_ms: int,
    config: HpaControllerConfig,
) -> HpaOutcome:
    """Decide how many replicas the target shall have now."""
    raise NotImplementedError
