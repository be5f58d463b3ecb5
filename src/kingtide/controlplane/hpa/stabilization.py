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
    """What the windows left of a recommendation, and the history with that recommendation recorded."""

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
    if history.at_ms and min(history.at_ms) < cutoff_ms:
        highest = recommended
        expired_slot = None
        for slot, at_ms in enumerate(history.at_ms):
            if at_ms < cutoff_ms:
                expired_slot = slot
            elif history.replicas[slot] > highest:
                highest = history.replicas[slot]
    else:
        highest = max(history.replicas, default=recommended)
        highest = max(highest, recommended)
        expired_slot = None
    return Stabilized(highest, history.recorded(now_ms, recommended, expired_slot))


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
    expired_before_ms = min(up_cutoff_ms, down_cutoff_ms)
    lowest = highest = recommended
    expired_slot = None
    for slot, at_ms in enumerate(history.at_ms):
        replicas = history.replicas[slot]
        if at_ms > up_cutoff_ms and replicas < lowest:
            lowest = replicas
        if at_ms > down_cutoff_ms and replicas > highest:
            highest = replicas
        if at_ms < expired_before_ms:
            expired_slot = slot
    stabilized = max(current, lowest)
    stabilized = min(stabilized, highest)
    return Stabilized(stabilized, history.recorded(now_ms, recommended, expired_slot))
