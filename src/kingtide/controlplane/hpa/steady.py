"""A pass that finds what the one before found: the same answer, and one recommendation more.

Most passes of a fleet are such. What a pass answers depends on the time in two ways only: by the
ages of young pods, and by what has left the windows and periods of its history. Where all
recommendations of the history are the same, and nothing is to change, neither can matter.
"""

from __future__ import annotations

from kingtide.controlplane.hpa.behavior import effective_behavior
from kingtide.controlplane.hpa.model import HpaControllerConfig, HpaOutcome, HpaSpec, HpaState


def steady(
    spec: HpaSpec, before: HpaOutcome, now_ms: int, config: HpaControllerConfig
) -> HpaOutcome | None:
    """Return the answer to the very question `before` answered, None where it must be worked out.

    The caller vouches for the question: specification, scale, status and readings (but the time of
    their samples) are those of `before`, and none of their pods is so young that its age matters.
    """
    wanted, state = before.recommended_replicas, before.state
    history = state.recommendations
    if wanted is None or history is None or before.rescaled or before.error:
        return None
    if before.stabilized_replicas != wanted:
        return None
    if spec.behavior is not None and wanted != before.current_replicas:
        return None  # policies look at what changed within their periods
    if history.replicas.count(wanted) != len(history.replicas):
        return None
    recorded = history.recorded(now_ms, wanted, _expired_before_ms(spec, now_ms, config))
    return HpaOutcome(
        before.current_replicas,
        before.desired_replicas,
        False,
        HpaState(
            recorded,
            state.scale_up_events,
            state.scale_down_events,
            state.conditions,
            state.desired_replicas,
            state.last_scale_ms,
        ),
        before.metrics,
        wanted,
        wanted,
        before.winning_metric,
        before.rescale_reason,
        before.events,
        "",
    )


def _expired_before_ms(spec: HpaSpec, now_ms: int, config: HpaControllerConfig) -> int:
    """Return the time before which a recommendation's slot is free (see `stabilization`)."""
    window_seconds = config.downscale_stabilization_seconds
    if spec.behavior is None:
        return now_ms - window_seconds * 1000
    behavior = effective_behavior(spec.behavior, window_seconds)
    longest_seconds = max(
        behavior.scale_up.stabilization_window_seconds,
        behavior.scale_down.stabilization_window_seconds,
    )
    return now_ms - longest_seconds * 1000
