"""How far the usage ratio may stray from 1 before anything happens.

Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#tolerance (v1.36,
KEP-4951).
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from kingtide.controlplane.hpa.model import Behavior, HpaControllerConfig, ScalingRules
from kingtide.controlplane.hpa.ratio import Tolerances

_SUFFIX_EXPONENTS = ((0, 1.0), (3, 1e-3), (6, 1e-6), (9, 1e-9))
"""Suffixes a fraction is stored with by the API server: none, m, u, n."""


def tolerances(behavior: Behavior | None, config: HpaControllerConfig) -> Tolerances:
    """Return the tolerances of an autoscaler.

    Its own where it sets them, the controller's otherwise.
    """
    if behavior is None or not config.configurable_tolerance:
        return Tolerances(config.tolerance, config.tolerance)
    return Tolerances(
        _own_or(behavior.scale_down, config.tolerance), _own_or(behavior.scale_up, config.tolerance)
    )


def _own_or(rules: ScalingRules | None, default: float) -> float:
    if rules is None or rules.tolerance is None:
        return default
    return approximate_double(rules.tolerance)


def approximate_double(value: Decimal) -> float:
    """Return a quantity as `AsApproximateFloat64` does once the API server has stored it.

    The server stores 0.35 as 350m, and the double is 350 times the double 0.001, which need not be
    the double 0.35. Finer than a billionth is rounded up, as quantities are.
    """
    for exponent, unit in _SUFFIX_EXPONENTS:
        mantissa = value.scaleb(exponent)
        if mantissa == mantissa.to_integral_value():
            return float(int(mantissa)) * unit
    return float(int(value.scaleb(9).to_integral_value(ROUND_CEILING))) * 1e-9
