"""Scaling to zero and waking up again (gate `HPAScaleToZero`, off in 1.36).

A target at zero may have been switched off by somebody, so an autoscaler only wakes what it put to
sleep itself, and remembers that in the condition ScaledToZero, which survives a restart of the
controller.

Source:
https://github.com/kubernetes/enhancements/blob/master/keps/sig-autoscaling/2021-scale-from-zero/README.md
as implemented in https://github.com/kubernetes/kubernetes/pull/135118 (1.36).
"""

from __future__ import annotations

from kingtide.controlplane.hpa.conditions import ConditionUpdate, is_true
from kingtide.controlplane.hpa.model import (
    ExternalMetric,
    HpaControllerConfig,
    HpaSpec,
    HpaState,
    ObjectMetric,
)


def may_leave_zero(spec: HpaSpec, state: HpaState, config: HpaControllerConfig) -> bool:
    """Return whether a target at zero was brought there by its autoscaler and can be woken.

    Waking needs a metric that has a value without pods, or a minimum that was raised meanwhile.
    """
    if not config.scale_to_zero or not is_true(state.conditions, "ScaledToZero"):
        return False
    return spec.min_replicas != 0 or _measures_without_pods(spec)


def zero_update(spec: HpaSpec, current: int, desired: int) -> ConditionUpdate:
    """Return the note, after a scaling, of whether it was this autoscaler that went to zero."""
    went_to_zero = current > 0 and desired == 0 and spec.min_replicas == 0
    if went_to_zero and _measures_without_pods(spec):
        return ConditionUpdate(
            "ScaledToZero",
            "True",
            "ScaledToZero",
            "the HPA controller scaled the workload to zero",
        )
    return ConditionUpdate(
        "ScaledToZero",
        "False",
        "NotScaledToZero",
        "the HPA controller did not scale the workload to zero",
    )


def _measures_without_pods(spec: HpaSpec) -> bool:
    return any(isinstance(metric, (ObjectMetric, ExternalMetric)) for metric in spec.metrics)
