"""`spec.behavior` with its defaults filled in.

Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#default-behavior
(v1.36).
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from kingtide.controlplane.hpa.model import Behavior, ScalingPolicy, ScalingRules, SelectPolicy

_NO_RULES = ScalingRules()

_DEFAULT_UP_POLICIES = (ScalingPolicy("Pods", 4, 15), ScalingPolicy("Percent", 100, 15))
"""Double or add four a sync period, whichever is more: as fast as before behaviours existed."""

_DEFAULT_DOWN_POLICIES = (ScalingPolicy("Percent", 100, 15),)
"""All at once: only the stabilisation window holds back."""

_DEFAULT_UP_WINDOW_SECONDS = 0
"""Growth is never delayed unless asked for."""


class EffectiveRules(msgspec.Struct, frozen=True, gc=False):
    """Rules of one direction, nothing left open but `tolerance`, whose default is not the API's."""

    policies: tuple[ScalingPolicy, ...]
    select_policy: SelectPolicy
    stabilization_window_seconds: int
    tolerance: Decimal | None = None

    @property
    def longest_period_seconds(self) -> int:
        """The longest period of any policy, 0 without policies."""
        return max((policy.period_seconds for policy in self.policies), default=0)


class EffectiveBehavior(msgspec.Struct, frozen=True, gc=False):
    """Both directions with their defaults."""

    scale_up: EffectiveRules
    scale_down: EffectiveRules


def effective_behavior(
    behavior: Behavior, downscale_stabilization_seconds: int
) -> EffectiveBehavior:
    """Fill in what a behaviour leaves open.

    Shrinking waits for the controller's own window by default.
    """
    return EffectiveBehavior(
        _fill(behavior.scale_up or _NO_RULES, _DEFAULT_UP_POLICIES, _DEFAULT_UP_WINDOW_SECONDS),
        _fill(
            behavior.scale_down or _NO_RULES,
            _DEFAULT_DOWN_POLICIES,
            downscale_stabilization_seconds,
        ),
    )


def _fill(
    rules: ScalingRules, policies: tuple[ScalingPolicy, ...], window_seconds: int
) -> EffectiveRules:
    window = rules.stabilization_window_seconds
    return EffectiveRules(
        policies if rules.policies is None else rules.policies,
        rules.select_policy or "Max",
        window_seconds if window is None else window,
        rules.tolerance,
    )
