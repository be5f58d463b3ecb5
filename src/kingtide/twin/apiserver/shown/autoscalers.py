"""What an autoscaler measures and last did, as the HPA controller writes it."""

from __future__ import annotations

from typing import Any

from kingtide.controlplane.hpa.model import HpaOutcome, Metric, ResourceMetric, UtilizationTarget
from kingtide.kube.quantities import format_cpu
from kingtide.kube.wire.times import time_text

Body = dict[str, Any]


def autoscaler_shown(
    metrics: tuple[Metric, ...],
    outcome: HpaOutcome | None,
    replicas: int,
    request_millicores: int,
    body: Body,
) -> None:
    """Complete the body of an autoscaler; `replicas` is what its target wants.

    `request_millicores` is what one of its pods requests, of which utilization is a share.

    The twin's autoscalers look at resources of whole pods, and at nothing else.
    """
    found = [it for it in metrics if isinstance(it, ResourceMetric)]
    body["spec"]["metrics"] = [
        {"type": "Resource", "resource": {"name": it.resource, "target": _target(it)}}
        for it in found
    ]
    status: Body = {"currentReplicas": replicas, "desiredReplicas": replicas}
    if outcome is not None:
        status["desiredReplicas"] = outcome.desired_replicas
        percent = outcome.utilization_percent
        if percent is not None:
            average = format_cpu(percent * request_millicores // 100)
            current = {"averageUtilization": percent, "averageValue": average}
            resource = {"name": found[0].resource, "current": current}
            status["currentMetrics"] = [{"type": "Resource", "resource": resource}]
        if outcome.state.last_scale_ms is not None:
            status["lastScaleTime"] = time_text(outcome.state.last_scale_ms)
        status["conditions"] = [
            {
                "type": it.type,
                "status": it.status,
                "reason": it.reason,
                "message": it.message,
                "lastTransitionTime": time_text(it.since_ms),
            }
            for it in outcome.conditions
        ]
    body["status"] = status


def _target(it: ResourceMetric) -> Body:
    if isinstance(it.target, UtilizationTarget):
        return {"type": "Utilization", "averageUtilization": it.target.percent}
    return {"type": "AverageValue", "averageValue": f"{it.target.milli}m"}
