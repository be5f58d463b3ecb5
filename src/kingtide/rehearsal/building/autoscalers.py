"""Autoscalers: an application's own settings over the scenario's over the cluster's."""

from __future__ import annotations

from kingtide.controlplane.hpa.model import (
    AverageValueTarget,
    Behavior,
    HpaControllerConfig,
    HpaSpec,
    ResourceMetric,
    ScalingPolicy,
    ScalingRules,
    UtilizationTarget,
)
from kingtide.fleet.policies.hpa import HpaPolicy
from kingtide.rehearsal.scenario import hpa_model
from kingtide.twin.definition import Autoscaler


def autoscaler(namespace: str, name: str, hpa: hpa_model.Hpa, policy: HpaPolicy) -> Autoscaler:
    """Return an application's autoscaler."""
    spec = HpaSpec(
        namespace=namespace,
        target_name=name,
        min_replicas=hpa.min,
        max_replicas=hpa.max,
        metrics=(ResourceMetric("cpu", _target(hpa, policy)),),
        behavior=_behavior(hpa.behavior),
    )
    config = HpaControllerConfig(
        downscale_stabilization_seconds=_own(
            hpa.downscale_stabilization, policy.downscale_stabilization_seconds
        ),
        tolerance=policy.tolerance,
        cpu_initialization_period_seconds=policy.cpu_initialization_period_seconds,
        initial_readiness_delay_seconds=policy.initial_readiness_delay_seconds,
        sync_period_seconds=_own(hpa.sync_period, policy.sync_period_seconds),
    )
    return Autoscaler(spec, config, hpa.annotations)


def _own(own: int | None, shared: int) -> int:
    return shared if own is None else own


def _target(hpa: hpa_model.Hpa, policy: HpaPolicy) -> UtilizationTarget | AverageValueTarget:
    if hpa.metrics is None:
        return UtilizationTarget(_own(hpa.target_utilization, policy.target_percent))
    target = hpa.metrics[0].resource.target
    if target.average_value is not None:
        return AverageValueTarget(target.average_value)
    return UtilizationTarget(_own(target.average_utilization, policy.target_percent))


def _behavior(written: hpa_model.Behavior | None) -> Behavior | None:
    if written is None:
        return None
    return Behavior(scale_up=_rules(written.scale_up), scale_down=_rules(written.scale_down))


def _rules(written: hpa_model.ScalingRules | None) -> ScalingRules | None:
    if written is None:
        return None
    policies = None
    if written.policies is not None:
        policies = tuple(ScalingPolicy(p.type, p.value, p.period_seconds) for p in written.policies)
    return ScalingRules(
        policies=policies,
        select_policy=written.select_policy,
        stabilization_window_seconds=written.stabilization_window_seconds,
        tolerance=written.tolerance,
    )
