"""Holding back a recommendation for what was recommended a moment ago.

Source:
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#stabilization-window and
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/horizontal.go
(`stabilizeRecommendation`, `stabilizeRecommendationWithBehaviors`).
"""

from __future__ import annotations

import msgspec

from kingtide.controlplane.hpa.history import Recommendations


class Stabilized(msgspec.Struct, frozen=True, gc=False):
    """What the windows left of a recommendation.

    The history with that recommendation recorded.
    """

    replicas: int
    recommendations: Recommendations


def stabilize_legacy(
    history: Recommendations, recommended: int, now_ms: int, window_seconds: int
) -> Stabilized:
    """Return the highest recommendation within the window, the new one included.

    A recommendation exactly as old as the window still counts. The result may be above what is
    running: the maximum knows nothing of the current size.
    """
    cutoff_ms = now_ms - window_seconds * 1000
    highest = max(history.replicas, default=recommended)
    if highest <= recommended:
        highest = recommended  # whatever has expired: no slot asks for more
    else:
        alive = [
            replicas
            for at, replicas in zip(history.at_ms, history.replicas, strict=True)
            if at >= cutoff_ms
        ]
        highest = max(recommended, max(alive, default=recommended))
    return Stabilized(highest, history.recorded(now_ms, recommended, cutoff_ms))


def stabilize_with_behavior(
    history: Recommendations,
    recommended: int,
    current: int,
    now_ms: int,
    up_window_seconds: int,
    down_window_seconds: int,
) -> Stabilized:
    """Return the current size moved only as far as every recommendation within the windows agrees.

    Growing goes no further than the lowest recommendation of the up window, shrinking no further
    than the highest of the down window, the new one included in both. A recommendation exactly as
    old as a window no longer counts, and its slot is free once it is older than both.
    """
    up_cutoff_ms = now_ms - up_window_seconds * 1000
    down_cutoff_ms = now_ms - down_window_seconds * 1000
    lowest = min(history.replicas, default=recommended)
    if lowest >= recommended:
        lowest = recommended  # whatever has expired: no slot asks for less
    else:
        lowest = min(recommended, min(_younger(history, up_cutoff_ms), default=recommended))
    highest = max(history.replicas, default=recommended)
    if highest <= recommended:
        highest = recommended
    else:
        highest = max(recommended, max(_younger(history, down_cutoff_ms), default=recommended))
    stabilized = min(max(current, lowest), highest)
    expired_before_ms = min(up_cutoff_ms, down_cutoff_ms)
    return Stabilized(stabilized, history.recorded(now_ms, recommended, expired_before_ms))


def _younger(history: Recommendations, cutoff_ms: int) -> list[int]:
    """Return the recommendations made after a moment."""
    return [
        replicas
        for at, replicas in zip(history.at_ms, history.replicas, strict=True)
        if at > cutoff_ms
    ]
