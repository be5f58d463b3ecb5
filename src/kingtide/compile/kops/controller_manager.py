"""The flags of kube-controller-manager that a cluster's `hpa:` sets."""

from __future__ import annotations

from kingtide.compile.document import Body
from kingtide.compile.subject import Subject
from kingtide.kube.durations import format_duration

_PREFIX = "horizontalPodAutoscaler"
_DURATIONS = {
    "cpu_initialization_period_seconds": f"{_PREFIX}CpuInitializationPeriod",
    "downscale_stabilization_seconds": f"{_PREFIX}DownscaleStabilization",
    "initial_readiness_delay_seconds": f"{_PREFIX}InitialReadinessDelay",
    "sync_period_seconds": f"{_PREFIX}SyncPeriod",
}
"""kops' field by ours. `target_percent` is of the autoscalers themselves."""


def controller_manager(subject: Subject) -> Body:
    """Return the flags that are written; kube-controller-manager's defaults hold for the others."""
    written = subject.spec.hpa
    found: Body = {}
    for field, kops_field in _DURATIONS.items():
        seconds = getattr(written, field, None)
        if seconds is not None:
            found[kops_field] = format_duration(seconds)
    tolerance = getattr(written, "tolerance", None)
    if tolerance is not None:
        found[f"{_PREFIX}Tolerance"] = repr(float(tolerance))
    return {"kubeControllerManager": found} if found else {}
