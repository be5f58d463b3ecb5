"""From what the metrics recommend to what may be asked for: stabilise, then limit.

Source:
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/horizontal.go
(`normalizeDesiredReplicas`, `normalizeDesiredReplicasWithBehaviors`).
"""

from __future__ import annotations

import msgspec

from kingtide.controlplane.hpa.behavior import EffectiveBehavior
from kingtide.controlplane.hpa.history import Recommendations, ScaleEvent
from kingtide.controlplane.hpa.limits import Limit, limit_legacy, limit_with_behavior
from kingtide.controlplane.hpa.stabilization import stabilize_legacy, stabilize_with_behavior

READY_FOR_NEW_SCALE = ("ReadyForNewScale", "recommended size matches current size")
_DOWN_STABILIZED = (
    "ScaleDownStabilized",
    (
        "recent recommendations were higher than current one, "
        "applying the highest recent recommendation"
    ),
)
_UP_STABILIZED = (
    "ScaleUpStabilized",
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
)


class Normalized(msgspec.Struct, frozen=True, gc=False):
    """A recommendation on its way to the scale subresource.

    `able_to_scale` is the reason and message of that condition (its status is True); ScalingLimited
    takes its reason and message from `limit` and is True where that differs from
    `stabilized_replicas`.
    """

    stabilized_replicas: int
    limit: Limit
    able_to_scale: tuple[str, str]
    recommendations: Recommendations

    @property
    def replicas(self) -> int:
        """What may be asked for."""
        return self.limit.replicas

    @property
    def is_limited(self) -> bool:
        """Whether the limit held back (or pushed) what the windows left."""
        return self.limit.replicas != self.stabilized_replicas


def normalize_legacy(
    history: Recommendations,
    recommended: int,
    current: int,
    minimum: int,
    maximum: int,
    window_seconds: int,
    now_ms: int,
) -> Normalized:
    """Normalise as for an autoscaler without behaviour."""
    stable = stabilize_legacy(history, recommended, now_ms, window_seconds)
    return Normalized(
        stable.replicas,
        limit_legacy(current, stable.replicas, minimum, maximum),
        READY_FOR_NEW_SCALE if stable.replicas == recommended else _DOWN_STABILIZED,
        stable.recommendations,
    )


def normalize_with_behavior(
    history: Recommendations,
    recommended: int,
    current: int,
    minimum: int,
    maximum: int,
    behavior: EffectiveBehavior,
    up_events: tuple[ScaleEvent, ...],
    down_events: tuple[ScaleEvent, ...],
    now_ms: int,
) -> Normalized:
    """Normalise as for an autoscaler with a behaviour, however empty."""
    stable = stabilize_with_behavior(
        history,
        recommended,
        current,
        now_ms,
        behavior.scale_up.stabilization_window_seconds,
        behavior.scale_down.stabilization_window_seconds,
    )
    if stable.replicas == recommended:
        able = READY_FOR_NEW_SCALE
    else:
        able = _UP_STABILIZED if recommended >= current else _DOWN_STABILIZED
    limit = limit_with_behavior(
        current, stable.replicas, minimum, maximum, behavior, up_events, down_events, now_ms
    )
    return Normalized(stable.replicas, limit, able, stable.recommendations)
